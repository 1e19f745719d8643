// wgrad on tensor cores: rows are co, columns (tap, ci), K runs over the pixels of y. Both operands
// have K as their slow axis, dy (pixels, co) and the gathered x (pixels, ci), so both tiles are
// transposed on the way into the fragments. ci counts as a multiple of a chunk, as in mma_gather.cuh;
// columns that this adds are not stored. A thread keeps its tap, and finds each pixel by two
// multiplications. The bias gradient is summed from the tiles as they pass, by the blocks of the
// first column (conv: dy is the left operand) or row (dense: the right one).
#pragma once

#include "mma_block.cuh"

template <class C>
struct Correlate {
  typedef MMajor<C::T, C::ROWS, C::KBYTES> A;
  typedef MMajor<C::T, C::COLUMNS, C::KBYTES> B;
  enum {
    A_STRIDE = C::THREADS / A::CHUNKS,
    A_COPIES = (A::ROWS + A_STRIDE - 1) / A_STRIDE,
    B_STRIDE = C::THREADS / B::CHUNKS,
    B_COPIES = (B::ROWS + B_STRIDE - 1) / B_STRIDE,
    COPIES = A_COPIES + B_COPIES,
    BYTES = Chunk<C::T>::BYTES,
    E = C::ELEMENTS
  };

  const ConvParameters& p;
  ConvBlock block;
  int depth, granuleA, granuleB;
  int row, validA, validB;  // valid elements of this thread's chunks
  ConvTap tap;
  int summed;  // 0: nothing, 1: columns of A, 2: of B
  float total;

  __device__ __forceinline__ Correlate(const ConvParameters& p, int row0, int column0)
      : p(p), block(p, false), depth(p.batch * p.resultH * p.resultW),
        tap(p, block, column0 + threadIdx.x % B::CHUNKS * E), total(0) {
    granuleA = granule<C>(p.rows);
    granuleB = granule<C>(p.sourceC);
    row = row0 + threadIdx.x % A::CHUNKS * E;
    validA = p.rows - row;
    int columns = p.kernelH * p.kernelW * (int)p.channels.divisor;
    validB = column0 + (int)(threadIdx.x % B::CHUNKS) * E < columns ? p.sourceC - tap.channel : 0;
    summed = p.biasSide == CONV_SUM_LEFT && column0 == 0 && threadIdx.x < C::ROWS      ? 1
             : p.biasSide == CONV_SUM_RIGHT && row0 == 0 && threadIdx.x < C::COLUMNS ? 2
                                                                                       : 0;
  }

  static __device__ __forceinline__ bool fillsA(int i) {
    return A_STRIDE * A_COPIES == A::ROWS || threadIdx.x / A::CHUNKS + i * A_STRIDE < A::ROWS;
  }
  static __device__ __forceinline__ bool fillsB(int i) {
    return B_STRIDE * B_COPIES == B::ROWS || threadIdx.x / B::CHUNKS + i * B_STRIDE < B::ROWS;
  }
  static __device__ __forceinline__ u32 offsetA(int i) {
    return A::offset(threadIdx.x / A::CHUNKS + i * A_STRIDE, threadIdx.x % A::CHUNKS);
  }
  static __device__ __forceinline__ u32 offsetB(int i) {
    return A::BYTES + B::offset(threadIdx.x / B::CHUNKS + i * B_STRIDE, threadIdx.x % B::CHUNKS);
  }

  template <class F>
  __device__ __forceinline__ void visit(int k0, F f) const {
    const char* left = (const char*)p.left;
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      if (fillsA(i)) {
        int k = k0 + threadIdx.x / A::CHUNKS + i * A_STRIDE;
        f(i, offsetA(i), left + ((long long)k * p.rows + row) * BYTES, k < depth ? validA : 0, granuleA);
      }
    }
    const char* right = (const char*)p.right;
#pragma unroll
    for (int i = 0; i < B_COPIES; i++) {
      if (fillsB(i)) {
        int k = k0 + threadIdx.x / B::CHUNKS + i * B_STRIDE;
        int b = divide(k, p.plane);
        int rest = k - b * (int)p.plane.divisor;
        int u = divide(rest, p.line);
        ConvOrigin origin;
        origin.set(p, b, u, rest - u * (int)p.line.divisor, block.v, block.h);
        bool there = k < depth && tap.inside(p, origin);
        f(A_COPIES + i, offsetB(i), right + tap.offset(p, origin) * BYTES, there ? validB : 0, granuleB);
      }
    }
  }

  template <class F>
  __device__ __forceinline__ void place(F f) const {
#pragma unroll
    for (int i = 0; i < A_COPIES; i++) {
      if (fillsA(i)) {
        f(i, offsetA(i));
      }
    }
#pragma unroll
    for (int i = 0; i < B_COPIES; i++) {
      if (fillsB(i)) {
        f(A_COPIES + i, offsetB(i));
      }
    }
  }

  __device__ __forceinline__ void watch(u32 stage) {
    if (summed == 1) {
      sum<A>(stage);
    } else if (summed == 2) {
      sum<B>(stage + A::BYTES);
    }
  }

  template <class Side>
  __device__ __forceinline__ void sum(u32 tile) {
    float part = 0;
#pragma unroll 8
    for (int k = 0; k < Side::ROWS; k++) {
      part += load_element<C::T>(tile + Side::offset(k, threadIdx.x / E) + threadIdx.x % E * BYTES);
    }
    total += part;
  }
};

template <class C>
__device__ __forceinline__ void wgrad_product(const ConvParameters& p) {
  extern __shared__ uint4 shared[];
  int columns = p.kernelH * p.kernelW * (int)p.channels.divisor;
  int columnTiles = (columns + C::COLUMNS - 1) / C::COLUMNS;
  int rowTile = blockIdx.x / columnTiles;
  int row0 = rowTile * C::ROWS;
  int column0 = (blockIdx.x - rowTile * columnTiles) * C::COLUMNS;
  Correlate<C> loader(p, row0, column0);
  int split = loader.block.split;
  int first = split * p.slice;
  int last = loader.depth < first + p.slice ? loader.depth : first + p.slice;
  Sums<C> sums;
  sums.clear();
  accumulate(sums, loader, shared_address(shared), first, last);

  float* partial = p.partial ? p.partial + split * p.partialStride : nullptr;
  float* result = partial ? partial : (float*)p.result;
  float scale = partial ? 1.f : p.scale;
  int column = column0 + Exit<C>::column4();
  int tap = divide(column, p.channels);
  int channel = column - tap * (int)p.channels.divisor;
  int valid = column < columns ? p.sourceC - channel : 0;
  Exit<C>::drain(sums, (float*)shared, [&](int row, float4 v) {
    row += row0;
    if (row >= p.rows) {
      return;
    }
    float* to = result + (long long)row * p.columns + tap * p.sourceC + channel;
    if (valid >= 4 && p.columns % 4 == 0 && p.sourceC % 4 == 0) {
      *(float4*)to = make_float4(scale * v.x, scale * v.y, scale * v.z, scale * v.w);
    } else {
      float each[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (i < valid) {
          to[i] = scale * each[i];
        }
      }
    }
  });
  if (loader.summed) {
    int i = (loader.summed == 1 ? row0 : column0) + threadIdx.x;
    if (i < (loader.summed == 1 ? p.rows : p.columns)) {
      float* to = partial ? partial + (long long)p.rows * p.columns : p.biasGradient;
      to[i] = loader.total;
    }
  }
}

// An entry: its name and its Tiling.
#define CONV_WGRAD(NAME, ...)                                                     \
  extern "C" __global__ void                                                      \
      __launch_bounds__(Tiling<__VA_ARGS__>::THREADS, Tiling<__VA_ARGS__>::BLOCKS)    \
      NAME(const __grid_constant__ ConvParameters p) {                            \
    wgrad_product<Tiling<__VA_ARGS__>>(p);                                        \
  }
