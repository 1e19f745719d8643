// What every convolution kernel shares, whatever its arithmetic: the parameters, the index maps and
// the epilogue.
//
// A convolution is a product of matrices whose left one is never stored:
//   forward  y  (n,ho,wo,co)   rows = pixels of y,  columns = co,        depth = taps x ci
//   dgrad    dx (n,h,w,ci)     rows = pixels of dx, columns = ci,        depth = taps x co
//   wgrad    dw (co,kh,kw,ci)  rows = co,           columns = taps x ci, depth = pixels of y
// Forward and dgrad gather a row from the *source* (x or dy): tap t of the row at u reads source
// pixel  u * rowStride + origin + t * tapStep  on each axis, or zero outside. wgrad gathers x in the
// same way, a tap per column and a pixel per depth. A dgrad of stride 2 falls into four *phases*
// (parities of the dx pixel), each of which meets only the taps that hit a pixel of dy: no product
// with zero. Dense products are convolutions of 1 x 1 images with 1 x 1 kernels.
//
// Grid: x = row tile * column tiles + column tile (so that blocks side by side share their rows of
// the large operand), z = phase * splits + split. A split sums `slice` of the depth into
// `partial`; conv_combine adds the splits in order and applies the epilogue.
#pragma once

#include "activation.cuh"
#include "types.cuh"

// n / divisor for 0 <= n < 2^31 as (mulhi(n, magic) + n) >> shift.
struct Divisor {
  unsigned divisor, magic, shift;
};

// One parity on one axis.
struct Phase {
  int extent;    // result pixels; 0 when the phase is empty
  int first;     // result pixel of row 0; the next ones are `resultStride` apart
  int origin;    // source pixel that row 0 reads at tap 0
  int weight;    // position of tap 0 in the kernel; the next ones are `weightStep` apart
  int taps;      // 0 where no tap reaches the phase: its pixels are zero
  int inverse;   // n / taps = n * inverse >> 16 for n < the kernel's taps; 65536 / taps + 1
};

enum ConvActivation { CONV_IDENTITY, CONV_LEAKY_RELU, CONV_X_COS_X, CONV_SIGMOID };
enum ConvBiasSide { CONV_NO_BIAS_GRADIENT, CONV_SUM_LEFT, CONV_SUM_RIGHT };

struct ConvParameters {
  const void* left;      // source x or dy; wgrad: dy (n,ho,wo,co)
  const void* right;     // w (co,kh,kw,ci); wgrad: source x (n,h,w,ci)
  void* result;          // y, dx or dw
  const float* bias;     // (columns) or null
  const void* residual;  // as the result, or null
  float* partial;        // (splits, partialStride), or null: write the result at once
  float* biasGradient;   // wgrad: sums of the left or right operand over the depth, or null
  long long elements;       // of the result
  long long sums;           // of the result and of the bias gradient: what a split computes
  long long partialStride;  // sums rounded up to 4
  int batch;
  int sourceH, sourceW, sourceC;  // the gathered tensor
  int resultH, resultW;           // the pixels that rows (wgrad: depth) run over
  int columns;                    // extent of the product's columns
  int rows;                       // wgrad: extent of the product's rows (co)
  int kernelH, kernelW;
  int rowStride, resultStride, tapStep, weightStep;
  int phases;  // on each axis: 1 or 2
  Phase vertical0, vertical1, horizontal0, horizontal1;
  Divisor channels;     // by sourceC
  Divisor plane, line;  // by resultH * resultW and by resultW
  int splits, slice;    // slice: depth of a split, a multiple of the tile's depth
  float scale, slope;
  int activation;    // ConvActivation
  int depthToSpace;  // block of the store, 1 for none; spec model.md 2.2
  int biasSide;      // ConvBiasSide
  int reserved;
};

__device__ __forceinline__ int divide(int n, Divisor d) {
  return (int)((__umulhi((unsigned)n, d.magic) + (unsigned)n) >> d.shift);
}

__device__ __forceinline__ Phase select(bool second, const Phase& a, const Phase& b) {
  Phase s;
  s.extent = second ? b.extent : a.extent;
  s.first = second ? b.first : a.first;
  s.origin = second ? b.origin : a.origin;
  s.weight = second ? b.weight : a.weight;
  s.taps = second ? b.taps : a.taps;
  s.inverse = second ? b.inverse : a.inverse;
  return s;
}

// Where a block stands: its phase and its part of the depth. Only dgrad has more than one phase.
struct ConvBlock {
  Phase v, h;  // vertical, horizontal
  int weight;  // position of the phase's first tap in the kernel
  int split;

  __device__ __forceinline__ ConvBlock(const ConvParameters& p, bool dgrad) {
    // volatile: a block that is built again after the main loop keeps no registers during it
    int z;
    asm volatile("mov.u32 %0, %%ctaid.z;" : "=r"(z));
    if (dgrad) {
      int phase = z / p.splits;
      split = z - phase * p.splits;
      v = select(phase >= p.phases, p.vertical0, p.vertical1);
      h = select(phase % p.phases != 0, p.horizontal0, p.horizontal1);
    } else {
      split = z;
      v = p.vertical0;
      h = p.horizontal0;
    }
    weight = v.weight * p.kernelW + h.weight;
  }
  // Rows of a gathering product (forward, dgrad).
  __device__ __forceinline__ int rows(const ConvParameters& p) const {
    return p.batch * v.extent * h.extent;
  }
  __device__ __forceinline__ int depth(const ConvParameters& p) const {
    return v.taps * h.taps * p.sourceC;
  }
};

// The first row and column of a block's tile.
template <int ROWS, int COLUMNS>
struct ConvTile {
  int row, column;

  __device__ __forceinline__ explicit ConvTile(const ConvParameters& p) {
    int x;
    asm volatile("mov.u32 %0, %%ctaid.x;" : "=r"(x));
    int across = (p.columns + COLUMNS - 1) / COLUMNS;
    row = x / across * ROWS;
    column = x % across * COLUMNS;
  }
};

// A row of a gathering product, or a depth of wgrad: where its first tap lies in the source.
struct ConvOrigin {
  int h, w;   // source pixel at tap (0, 0)
  int pixel;  // the same, counted from the source's first; may be negative

  __device__ __forceinline__ void set(const ConvParameters& p, int b, int u, int v, const Phase& vertical,
                                      const Phase& horizontal) {
    h = u * p.rowStride + vertical.origin;
    w = v * p.rowStride + horizontal.origin;
    pixel = (b * p.sourceH + h) * p.sourceW + w;
  }
  // A row of a gathering product.
  __device__ __forceinline__ void setRow(const ConvParameters& p, const ConvBlock& block, int row) {
    int line = row / block.h.extent;
    int b = line / block.v.extent;
    set(p, b, line - b * block.v.extent, row - line * block.h.extent, block.v, block.h);
  }
};

// A tap and a channel: how far the tap lies from an origin, and where it stands in the weight.
struct ConvTap {
  int h, w, channel;
  int weight;  // position in the kernel, row * kernelW + column

  // From a depth of a gathering product, or a column of wgrad.
  __device__ __forceinline__ ConvTap(const ConvParameters& p, const ConvBlock& block, int k) {
    int tap = divide(k, p.channels);
    channel = k - tap * (int)p.channels.divisor;
    int a = tap * block.h.inverse >> 16;
    int b = tap - a * block.h.taps;
    h = a * p.tapStep;
    w = b * p.tapStep;
    weight = block.weight + (a * p.kernelW + b) * p.weightStep;
  }
  __device__ __forceinline__ bool inside(const ConvParameters& p, const ConvOrigin& o) const {
    return (unsigned)(o.h + h) < (unsigned)p.sourceH && (unsigned)(o.w + w) < (unsigned)p.sourceW;
  }
  // The element of the source that the tap reads, when it is inside.
  __device__ __forceinline__ long long offset(const ConvParameters& p, const ConvOrigin& o) const {
    return (long long)(o.pixel + h * p.sourceW + w) * p.sourceC + channel;
  }
};

// The result pixel of a row of a gathering product.
__device__ __forceinline__ long long convPixel(const ConvParameters& p, const ConvBlock& block, int row) {
  int line = row / block.h.extent;
  int b = line / block.v.extent;
  int u = block.v.first + (line - b * block.v.extent) * p.resultStride;
  int v = block.h.first + (row - line * block.h.extent) * p.resultStride;
  return ((long long)b * p.resultH + u) * p.resultW + v;
}

// Where (pixel, column) is stored: depth to space moves column (i * block + j) * o + q to channel q of
// pixel (u * block + i, v * block + j). Columns of one quad stay neighbours when o is a multiple of 4.
__device__ __forceinline__ long long convOffset(const ConvParameters& p, long long pixel, int column) {
  if (p.depthToSpace == 1) {
    return pixel * p.columns + column;
  }
  int channels = p.columns / (p.depthToSpace * p.depthToSpace);
  int position = column / channels;
  int i = position / p.depthToSpace;
  long long line = pixel / p.resultW;  // of (batch, resultH)
  long long above = line * p.depthToSpace + i;
  long long left = (pixel - line * p.resultW) * p.depthToSpace + (position - i * p.depthToSpace);
  return (above * p.resultW * p.depthToSpace + left) * channels + (column - position * channels);
}

// `count` values at once, so that what is unrolled around them holds the code only once.
template <int count>
__device__ __forceinline__ void convActivate(const ConvParameters& p, float (&v)[count]) {
  switch (p.activation) {
    case CONV_LEAKY_RELU:
#pragma unroll
      for (int j = 0; j < count; j++) {
        v[j] = leaky_relu(v[j], p.slope);
      }
      break;
    case CONV_X_COS_X:
#pragma unroll
      for (int j = 0; j < count; j++) {
        v[j] = x_cos_x(v[j]);
      }
      break;
    case CONV_SIGMOID:
#pragma unroll
      for (int j = 0; j < count; j++) {
        v[j] = sigmoid(v[j]);
      }
      break;
    default:
      break;
  }
}

// Four neighbours of type T at once, 8 or 16 bytes.
template <class T>
__device__ __forceinline__ void convLoad4(const typename T::Stored* p, float (&v)[4]) {
  if (sizeof(*p) == 4) {
    float4 q = *(const float4*)p;
    v[0] = q.x, v[1] = q.y, v[2] = q.z, v[3] = q.w;
  } else {
    uint2 q = *(const uint2*)p;
    v[0] = T::widen((u16)q.x), v[1] = T::widen((u16)(q.x >> 16));
    v[2] = T::widen((u16)q.y), v[3] = T::widen((u16)(q.y >> 16));
  }
}

template <class T>
__device__ __forceinline__ void convStore4(typename T::Stored* p, const float (&v)[4]) {
  if (sizeof(*p) == 4) {
    *(float4*)p = make_float4(v[0], v[1], v[2], v[3]);
  } else {
    u32 low = (u32)T::narrow(v[0]) | (u32)T::narrow(v[1]) << 16;
    u32 high = (u32)T::narrow(v[2]) | (u32)T::narrow(v[3]) << 16;
    *(uint2*)p = make_uint2(low, high);
  }
}

// Stores the sums of the first `there` of four columns: x scale, + bias, + residual, activation. A
// whole quad starts at a multiple of 4. T (types.cuh) is the type of the residual and of the result.
template <class T>
__device__ __forceinline__ void convEpilogue(const ConvParameters& p, const float (&sum)[4], long long pixel, int column,
                                             int there) {
  typedef typename T::Stored Stored;
  const Stored* residual = (const Stored*)p.residual;
  Stored* result = (Stored*)p.result;
  bool quad = there == 4 && (p.columns / (p.depthToSpace * p.depthToSpace) & 3) == 0;
  float v[4];
#pragma unroll
  for (int j = 0; j < 4; j++) {
    v[j] = p.scale * sum[j] + (p.bias && j < there ? p.bias[column + j] : 0.f);
  }
  long long offset = convOffset(p, pixel, column);
  if (residual && quad) {
    float r[4];
    convLoad4<T>(residual + offset, r);
#pragma unroll
    for (int j = 0; j < 4; j++) {
      v[j] += r[j];
    }
  } else if (residual) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      v[j] += j < there ? T::widen(residual[convOffset(p, pixel, column + j)]) : 0.f;
    }
  }
  convActivate(p, v);
  if (quad) {
    convStore4<T>(result + offset, v);
  } else {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      if (j < there) {
        result[convOffset(p, pixel, column + j)] = T::narrow(v[j]);
      }
    }
  }
}

// Stores four columns' share of a split. `row` counts the result's rows without depth to space.
__device__ __forceinline__ void convPartial(const ConvParameters& p, const float (&sum)[4], long long row, int column, int split) {
  float* partial = p.partial + split * p.partialStride + row * p.columns + column;
  if ((p.columns & 3) == 0) {
    convStore4<F32>(partial, sum);
  } else {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      if (column + j < p.columns) {
        partial[j] = sum[j];
      }
    }
  }
}

// Stores four columns of a row, or their share of a split; nothing when the first does not exist.
template <class T>
__device__ __forceinline__ void convFinish(const ConvParameters& p, const float (&sum)[4], long long row, int column, int split) {
  if (column >= p.columns) {
    return;
  }
  if (p.partial) {
    convPartial(p, sum, row, column, split);
  } else {
    convEpilogue<T>(p, sum, row, column, min(4, p.columns - column));
  }
}

// The row of an element of a split's sums.
__device__ __forceinline__ long long convRow(const ConvParameters& p, long long element) {
  return element >> 32 ? element / p.columns : (unsigned)element / (unsigned)p.columns;
}
