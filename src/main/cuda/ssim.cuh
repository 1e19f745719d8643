// The moments of structural similarity (spec model.md 4.3) over one tile of windows, each channel by
// itself, f32 arithmetic whatever the images are stored in.
//
// The maths. With g the Gaussian filter, X = g * (x - a), Y = g * (y - b), P = g * (x-a)(y-b) and
// S = g * ((x-a)^2 + (y-b)^2): covariance P - XY and sum of variances S - X^2 - Y^2 do not depend on
// a and b. With a = b = 0 they cancel to 1e-4 beside stabilisers of 9e-4, which cost up to 2e-4 of the
// contrast term in flat regions; with a and b the means of the tile, 2e-7 there and at most 7e-5 at
// hard edges (62 x 62 trials against f64).
//
// The filter is cut to K taps, zeros at its end: beyond 9.5 pixels a sigma of 1.5 leaves 1e-9 (spec
// performance.md, fact 4), far below f32 rounding. The windows stay those of the full filter.
//
// The tiling. A block takes SIDE x SIDE windows of one channel of one image: it loads IN x IN pixels of
// both images into shared memory and filters one moment after the other, along rows into `rows`, along
// columns into registers, RUN windows of one column for each of the first 4 SIDE threads. A thread
// slides over RUN + K - 1 values in registers, so 2.7 shared loads serve 2 K multiply-adds.
//
// Roofline: arithmetic. Filtering costs 4 (IN/SIDE + 1) K = 200 fma a window at K = 20, the gradient
// 730 a pixel because neighbouring tiles compute windows twice, against 8 and 12 bytes: at 704 px,
// batch 16 still below 1 ms on a card of 30 T fma/s, less than writing and reading maps would cost.
#pragma once

#include "any_type.cuh"

enum { THREADS = 256, SIDE = 44, RUN = 11, ROW_PITCH = SIDE + 1, MAX_TAPS = 20 };

// What the images and the filter are; passed by value.
struct SsimShape {
  int h, w, c;
  int windows_h, windows_w;  // where the full filter fits
  int tiles_h, tiles_w;      // of one channel of one image
  int skip;                  // taps of the full filter before the first kept one
  float c1, c2;
  float area;  // 1 / (windows_h windows_w)
  int type;    // of the images
  float taps[MAX_TAPS];
};

// The tile of this block: channels are the fastest, so that blocks which share cache lines run together.
struct Tile {
  int channel, column, row;
  u32 image;

  __device__ __forceinline__ explicit Tile(const SsimShape& s) {
    u32 rest = blockIdx.x;
    channel = rest % s.c;
    rest /= s.c;
    column = rest % s.tiles_w;
    rest /= s.tiles_w;
    row = rest % s.tiles_h;
    image = rest / s.tiles_h;
  }
};

template <int K>
struct Shared {
  enum { IN = SIDE + K - 1, PITCH = IN | 1 };  // odd: a warp reads 32 rows without bank conflicts
  float x[IN * PITCH];
  float y[IN * PITCH];
  float rows[IN * ROW_PITCH];
  float sums[2][THREADS / 32];
};

// From small weights to large ones: a sum's last additions then round least.
template <int K>
__device__ __forceinline__ constexpr int outside_in(int step) {
  return step % 2 == 0 ? step / 2 : K - 1 - step / 2;
}

// The warp's sum, in every lane.
template <class Number>
__device__ __forceinline__ Number warp_total(Number v) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) v += __shfl_xor_sync(0xffffffff, v, offset);
  return v;
}

// Fills both images' pixels from (top, left) on, less the means returned in a and b; zero outside.
template <int K>
__device__ __forceinline__ void load_tile(Shared<K>& shared, const SsimShape& s, const Tile& tile,
                                          const void* x, const void* y, int top, int left,
                                          float& a, float& b) {
  enum { IN = Shared<K>::IN, PITCH = Shared<K>::PITCH };
  size_t image = (size_t)tile.image * s.h * s.w;
  float sum_x = 0, sum_y = 0;
#pragma unroll 4
  for (int i = threadIdx.x; i < IN * IN; i += THREADS) {
    int row = i / IN, column = i % IN;
    int h = top + row, w = left + column;
    float vx = 0, vy = 0;
    if (h >= 0 && h < s.h && w >= 0 && w < s.w) {
      size_t at = (image + (size_t)h * s.w + w) * s.c + tile.channel;
      vx = load_as(x, at, s.type);
      vy = load_as(y, at, s.type);
    }
    shared.x[row * PITCH + column] = vx;
    shared.y[row * PITCH + column] = vy;
    sum_x += vx;
    sum_y += vy;
  }
  sum_x = warp_total(sum_x);
  sum_y = warp_total(sum_y);
  if (threadIdx.x % 32 == 0) {
    shared.sums[0][threadIdx.x / 32] = sum_x;
    shared.sums[1][threadIdx.x / 32] = sum_y;
  }
  __syncthreads();
  sum_x = 0;
  sum_y = 0;
#pragma unroll
  for (int i = 0; i < THREADS / 32; i++) {
    sum_x += shared.sums[0][i];
    sum_y += shared.sums[1][i];
  }
  int rows = min(top + IN, s.h) - max(top, 0);
  int columns = min(left + IN, s.w) - max(left, 0);
  float pixels = (float)max(rows * columns, 1);
  a = sum_x / pixels;
  b = sum_y / pixels;
#pragma unroll 4
  for (int i = threadIdx.x; i < IN * IN; i += THREADS) {  // each thread what it loaded itself
    int at = i / IN * PITCH + i % IN;
    shared.x[at] -= a;
    shared.y[at] -= b;
  }
  __syncthreads();
}

enum Moment { MEAN_X, MEAN_Y, PRODUCT, SQUARES };

// Filters RUN neighbouring values.
template <int K>
__device__ __forceinline__ void filter_run(const SsimShape& s, const float (&v)[RUN + K - 1],
                                           float (&sum)[RUN]) {
#pragma unroll
  for (int r = 0; r < RUN; r++) sum[r] = 0;
#pragma unroll
  for (int step = 0; step < K; step++) {
    int t = outside_in<K>(step);
#pragma unroll
    for (int r = 0; r < RUN; r++) sum[r] = fmaf(s.taps[t], v[r + t], sum[r]);
  }
}

// One moment along rows: 4 threads a row, RUN windows each.
template <int K, Moment M>
__device__ __forceinline__ void filter_rows(Shared<K>& shared, const SsimShape& s) {
  enum { IN = Shared<K>::IN, PITCH = Shared<K>::PITCH };
  if (threadIdx.x < 4 * IN) {
    int row = threadIdx.x % IN, first = threadIdx.x / IN * RUN;
    const float* x = &shared.x[row * PITCH + first];
    const float* y = &shared.y[row * PITCH + first];
    float v[RUN + K - 1];
#pragma unroll
    for (int i = 0; i < RUN + K - 1; i++) {
      v[i] = M == MEAN_X ? x[i] : M == MEAN_Y ? y[i] : M == PRODUCT ? x[i] * y[i]
                                                                  : fmaf(x[i], x[i], y[i] * y[i]);
    }
    float sum[RUN];
    filter_run<K>(s, v, sum);
#pragma unroll
    for (int r = 0; r < RUN; r++) shared.rows[row * ROW_PITCH + first + r] = sum[r];
  }
  __syncthreads();
}

// One moment of RUN windows of a column, for threads below 4 SIDE: window (first + r, column).
template <int K, Moment M>
__device__ __forceinline__ void moment(Shared<K>& shared, const SsimShape& s, float (&sum)[RUN]) {
  filter_rows<K, M>(shared, s);
  if (threadIdx.x < 4 * SIDE) {
    int column = threadIdx.x % SIDE, first = threadIdx.x / SIDE * RUN;
    float v[RUN + K - 1];
#pragma unroll
    for (int i = 0; i < RUN + K - 1; i++) v[i] = shared.rows[(first + i) * ROW_PITCH + column];
    filter_run<K>(s, v, sum);
  }
  __syncthreads();
}

// All moments of a thread's windows; the means are those of x - a and y - b.
struct Moments {
  float x[RUN], y[RUN], xy[RUN], squares[RUN];

  template <int K>
  __device__ __forceinline__ void filter(Shared<K>& shared, const SsimShape& s) {
    moment<K, MEAN_X>(shared, s, x);
    moment<K, MEAN_Y>(shared, s, y);
    moment<K, PRODUCT>(shared, s, xy);
    moment<K, SQUARES>(shared, s, squares);
  }
};

// Luminance and contrast of one window, and their denominators.
struct Similarity {
  float mx, my, luminance, contrast, lower, contrast_lower;

  __device__ __forceinline__ Similarity(const SsimShape& s, const Moments& m, int r, float a,
                                        float b) {
    mx = m.x[r] + a;
    my = m.y[r] + b;
    lower = mx * mx + my * my + s.c1;
    luminance = (2 * mx * my + s.c1) / lower;
    contrast_lower = m.squares[r] - m.x[r] * m.x[r] - m.y[r] * m.y[r] + s.c2;
    contrast = (2 * (m.xy[r] - m.x[r] * m.y[r]) + s.c2) / contrast_lower;
  }
};
