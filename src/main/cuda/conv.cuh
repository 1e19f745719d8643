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
  Divisor divisor;  // by taps, or by 1
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
  long long partialStride;  // elements of the result and of the bias gradient, rounded up to 4
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
  s.divisor.divisor = second ? b.divisor.divisor : a.divisor.divisor;
  s.divisor.magic = second ? b.divisor.magic : a.divisor.magic;
  s.divisor.shift = second ? b.divisor.shift : a.divisor.shift;
  return s;
}

// Where a block stands: its phase and its part of the depth.
struct ConvBlock {
  Phase v, h;  // vertical, horizontal
  int split;

  __device__ __forceinline__ explicit ConvBlock(const ConvParameters& p) {
    int phase = blockIdx.z / p.splits;
    split = blockIdx.z - phase * p.splits;
    v = select(phase >= p.phases, p.vertical0, p.vertical1);
    h = select(phase % p.phases != 0, p.horizontal0, p.horizontal1);
  }
  // Rows of a gathering product (forward, dgrad).
  __device__ __forceinline__ int rows(const ConvParameters& p) const {
    return p.batch * v.extent * h.extent;
  }
  __device__ __forceinline__ int depth(const ConvParameters& p) const {
    return v.taps * h.taps * p.sourceC;
  }
};

// A row of a gathering product, or a depth of wgrad: where its first tap lies in the source.
struct ConvOrigin {
  int h, w;          // source pixel at tap (0, 0); far outside for a row that does not exist
  long long offset;  // in elements; may be negative

  __device__ __forceinline__ void set(const ConvParameters& p, int b, int u, int v, const Phase& vertical,
                                      const Phase& horizontal) {
    h = u * p.rowStride + vertical.origin;
    w = v * p.rowStride + horizontal.origin;
    offset = (((long long)b * p.sourceH + h) * p.sourceW + w) * p.sourceC;
  }
  __device__ __forceinline__ void nowhere() {
    h = w = -(1 << 30);
    offset = 0;
  }
  // Row `row` of `rows` in a gathering product.
  __device__ __forceinline__ void setRow(const ConvParameters& p, const ConvBlock& block, int row, int rows) {
    if (row >= rows) {
      nowhere();
      return;
    }
    int line = row / block.h.extent;
    int b = line / block.v.extent;
    set(p, b, line - b * block.v.extent, row - line * block.h.extent, block.v, block.h);
  }
};

// A tap: how far it lies from an origin, in pixels and in elements (its channel included).
struct ConvTap {
  int h, w, channel;
  int offset;
  int weight;  // position in the kernel, row * kernelW + column

  // From a depth of a gathering product, or a column of wgrad.
  __device__ __forceinline__ ConvTap(const ConvParameters& p, const ConvBlock& block, int k) {
    int tap = divide(k, p.channels);
    channel = k - tap * (int)p.channels.divisor;
    int a = divide(tap, block.h.divisor);
    int b = tap - a * (int)block.h.divisor.divisor;
    h = a * p.tapStep;
    w = b * p.tapStep;
    offset = (h * p.sourceW + w) * p.sourceC + channel;
    weight = (block.v.weight + a * p.weightStep) * p.kernelW + block.h.weight + b * p.weightStep;
  }
  __device__ __forceinline__ bool inside(const ConvParameters& p, const ConvOrigin& o) const {
    return (unsigned)(o.h + h) < (unsigned)p.sourceH && (unsigned)(o.w + w) < (unsigned)p.sourceW;
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

// cos within 1e-7 for |x| < 2^30: reduced in f64, so that no table of 2/pi is needed.
__device__ __forceinline__ float convCosine(float x) {
  double turns = rint((double)x * 0.63661977236758134308);
  float r = (float)fma(turns, -1.5707963267948966192, (double)x);
  int quadrant = (int)turns & 3;
  float s = r * r;
  float cosine = fmaf(s, fmaf(s, fmaf(s, fmaf(s, 2.44677067e-5f, -1.38877297e-3f), 4.16666567e-2f), -0.5f), 1.f);
  float sine = fmaf(r * s, fmaf(s, fmaf(s, fmaf(s, 2.86567956e-6f, -1.98559923e-4f), 8.33338592e-3f), -1.66666672e-1f), r);
  float y = quadrant & 1 ? sine : cosine;
  return quadrant == 1 || quadrant == 2 ? -y : y;
}

__device__ __forceinline__ float convActivate(const ConvParameters& p, float v) {
  switch (p.activation) {
    case CONV_LEAKY_RELU:
      return v > 0 ? v : p.slope * v;
    case CONV_X_COS_X:
      return v * convCosine(v);
    case CONV_SIGMOID:
      return 1.f / (1.f + expf(-v));
    default:
      return v;
  }
}

// The type of the residual and the result; kernels of other types add overloads of these two.
__device__ __forceinline__ float convLoad(const float* p) { return *p; }
__device__ __forceinline__ void convStore(float* p, float v) { *p = v; }

// The value to store for a sum: x scale, + bias, + residual, activation.
template <class T>
__device__ __forceinline__ float convEpilogue(const ConvParameters& p, float sum, int column, long long offset) {
  float v = p.scale * sum;
  if (p.bias) {
    v += p.bias[column];
  }
  if (p.residual) {
    v += convLoad((const T*)p.residual + offset);
  }
  return convActivate(p, v);
}

// Stores a sum of the product, or its share of one: `offset` is the place without depth to space.
template <class T>
__device__ __forceinline__ void convFinish(const ConvParameters& p, float sum, long long pixel, int column, int split) {
  if (p.partial) {
    p.partial[split * p.partialStride + pixel * p.columns + column] = sum;
  } else {
    long long offset = convOffset(p, pixel, column);
    convStore((T*)p.result + offset, convEpilogue<T>(p, sum, column, offset));
  }
}
