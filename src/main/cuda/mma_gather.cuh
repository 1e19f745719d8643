// Forward and dgrad on tensor cores: rows are pixels gathered from x or dy, K runs along channels.
// The source's channels count as a multiple of a chunk (22 as 24 in bf16), so that no chunk holds two
// taps; what is not there is filled with zeros. p.channels divides by that padded number.
//   forward  B (co, taps x ci) as it lies in memory: K along the row
//   dgrad    B is read (co, ci) a tap at a time: rows of K, columns along them, transposed on the way
//            into the fragments
// Per pixel tile of M x N and depth K: 2 M N K flops for (M + N) K elements through shared memory.
#pragma once

#include "mma_block.cuh"

// The chunks that a thread copies: always the same chunk column of A, a row every STRIDE.
template <class C, bool DGRAD>
struct Gather {
  typedef KMajor<C::T, C::ROWS, C::KBYTES> A;
  template <bool M, int DUMMY>
  struct Right {
    typedef KMajor<C::T, C::COLUMNS, C::KBYTES> Type_;
  };
  template <int DUMMY>
  struct Right<true, DUMMY> {
    typedef MMajor<C::T, C::COLUMNS, C::KBYTES> Type_;
  };
  typedef typename Right<DGRAD, 0>::Type_ B;
  enum {
    A_STRIDE = C::THREADS / A::CHUNKS,
    A_COPIES = C::ROWS / A_STRIDE,
    B_STRIDE = C::THREADS / B::CHUNKS,
    B_COPIES = (B::ROWS + B_STRIDE - 1) / B_STRIDE,
    COPIES = A_COPIES + B_COPIES,
    BYTES = Chunk<C::T>::BYTES,
    E = C::ELEMENTS
  };
  static_assert(C::ROWS % A_STRIDE == 0, "whole copies");

  const ConvParameters& p;
  const ConvBlock& block;
  int depth;
  int column0;
  int granuleA, granuleB;
  ConvOrigin origins[A_COPIES];

  __device__ __forceinline__ Gather(const ConvParameters& p, const ConvBlock& block, int row0, int rows, int column0,
                                    int depth)
      : p(p), block(block), depth(depth), column0(column0) {
    granuleA = granule<C>(p.sourceC);
    granuleB = DGRAD ? granule<C>(p.columns) : granuleA;
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      int row = row0 + threadIdx.x / A::CHUNKS + i * A_STRIDE;
      origins[i].setRow(p, block, row < rows ? row : 0);
      if (row >= rows) {
        origins[i].h = -(1 << 30);  // outside of any source
      }
    }
  }

  template <class F>
  __device__ __forceinline__ void visit(int k0, F f) const {
    int k = k0 + threadIdx.x % A::CHUNKS * E;
    ConvTap tap(p, block, k);
    int valid = k < depth ? p.sourceC - tap.channel : 0;
    const char* left = (const char*)p.left;
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      f(i, offsetA(i), left + tap.offset(p, origins[i]) * BYTES, tap.inside(p, origins[i]) ? valid : 0,
        granuleA);
    }
    const char* right = (const char*)p.right;
#pragma unroll
    for (int i = 0; i < B_COPIES; i++) {
      int row = threadIdx.x / B::CHUNKS + i * B_STRIDE;
      if (B_STRIDE * B_COPIES > B::ROWS && row >= B::ROWS) {
        break;
      }
      if (DGRAD) {
        int kb = k0 + row;
        int column = column0 + threadIdx.x % B::CHUNKS * E;
        ConvTap at(p, block, kb);
        bool there = kb < depth && at.channel < p.sourceC;
        long long offset = (long long)(at.channel * p.kernelH * p.kernelW + at.weight) * p.columns + column;
        f(A_COPIES + i, offsetB(i), right + offset * BYTES, there ? p.columns - column : 0, granuleB);
      } else {
        int column = column0 + row;
        long long offset = (long long)(column * p.kernelH * p.kernelW + tap.weight) * p.sourceC + tap.channel;
        f(A_COPIES + i, offsetB(i), right + offset * BYTES, column < p.columns ? valid : 0, granuleB);
      }
    }
  }

  template <class F>
  __device__ __forceinline__ void place(F f) const {
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      f(i, offsetA(i));
    }
#pragma unroll
    for (int i = 0; i < B_COPIES; i++) {
      if (B_STRIDE * B_COPIES > B::ROWS && threadIdx.x / B::CHUNKS + i * B_STRIDE >= B::ROWS) {
        break;
      }
      f(A_COPIES + i, offsetB(i));
    }
  }

  __device__ __forceinline__ void watch(u32) {}

  static __device__ __forceinline__ u32 offsetA(int i) {
    return A::offset(threadIdx.x / A::CHUNKS + i * A_STRIDE, threadIdx.x % A::CHUNKS);
  }
  static __device__ __forceinline__ u32 offsetB(int i) {
    return A::BYTES + B::offset(threadIdx.x / B::CHUNKS + i * B_STRIDE, threadIdx.x % B::CHUNKS);
  }
};

// ---- the way out ------------------------------------------------------------------------------

// Four columns of the result for one row after another: what depends on the columns is computed once.
template <class C>
struct Writer {
  typedef typename Element<C::T>::Kind T;
  typedef typename T::Stored Stored;

  const ConvParameters& p;
  ConvBlock block;
  int column;
  int channels;  // of a pixel after depth to space
  bool together;
  float bias[4];
  long long lane;  // where column lies from its pixel

  __device__ __forceinline__ Writer(const ConvParameters& p, bool dgrad, int column)
      : p(p), block(p, dgrad), column(column) {
    int d = p.depthToSpace;
    channels = p.columns / (d * d);
    together = channels % 4 == 0 && column < p.columns;
    lane = column;
    if (d > 1) {
      int position = column / channels;
      int above = position / d;
      lane = (long long)(above * p.resultW * d + position - above * d) * channels + column - position * channels;
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      bias[i] = p.bias && column + i < p.columns ? p.bias[column + i] : 0.f;
    }
  }

  __device__ __forceinline__ void store(int row, float4 sum) const {
    int pixel = p.phases == 1 ? row : (int)convPixel(p, block, row);
    float v[4] = {sum.x, sum.y, sum.z, sum.w};
    if (p.partial) {
      if (column < p.columns) {
        convPartial(p, v, pixel, column, block.split);
      }
      return;
    }
    int d = p.depthToSpace;
    long long first = pixel;
    if (d > 1) {
      first = d * (pixel + (long long)divide(pixel, p.line) * p.resultW * (d - 1));
    }
    long long offset = first * channels + lane;
    Stored* result = (Stored*)p.result;
    const Stored* residual = (const Stored*)p.residual;
    float r[4] = {0, 0, 0, 0};
    if (residual && together) {
      convLoad4<T>(residual + offset, r);
    } else if (residual) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        r[i] = column + i < p.columns ? T::widen(residual[convOffset(p, pixel, column + i)]) : 0.f;
      }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      v[i] = p.scale * v[i] + bias[i] + r[i];
    }
    convActivate(p, v);
    if (together) {
      convStore4<T>(result + offset, v);
      return;
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (column + i < p.columns) {
        result[convOffset(p, pixel, column + i)] = T::narrow(v[i]);
      }
    }
  }
};

template <class C, bool DGRAD>
__device__ __forceinline__ void gather_product(const ConvParameters& p) {
  extern __shared__ uint4 shared[];
  typedef ConvTile<C::ROWS, C::COLUMNS> Place;
  Sums<C> sums;
  {
    ConvBlock block(p, DGRAD);
    Place tile(p);
    int rows = block.rows(p);
    if (tile.row >= rows) {
      return;
    }
    int depth = block.v.taps * block.h.taps * (int)p.channels.divisor;
    int first = block.split * p.slice;
    int last = depth < first + p.slice ? depth : first + p.slice;
    Gather<C, DGRAD> loader(p, block, tile.row, rows, tile.column, depth);
    sums.clear();
    accumulate(sums, loader, shared_address(shared), first, last);
  }
  Place tile(p);
  Writer<C> writer(p, DGRAD, tile.column + Exit<C>::column4());
  int rows = writer.block.rows(p) - tile.row;
  Exit<C>::drain(sums, (float*)shared, [&](int row, float4 v) {
    if (row < rows) {
      writer.store(tile.row + row, v);
    }
  });
}

// An entry: its name, whether it is dgrad, and its Tiling.
#define CONV_GATHER(NAME, DGRAD, ...)                                             \
  extern "C" __global__ void                                                      \
      __launch_bounds__(Tiling<__VA_ARGS__>::THREADS, Tiling<__VA_ARGS__>::BLOCKS)    \
      NAME(const __grid_constant__ ConvParameters p) {                            \
    gather_product<Tiling<__VA_ARGS__>, DGRAD>(p);                                \
  }
