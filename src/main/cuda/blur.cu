// targets: 75
// Gaussian blur of images, zeros outside (spec model.md 4.1): y = sum over t of k[t] x[. + t - half]
// along w, then along h, with k[t] = scale exp(-(t - half)^2 falloff). Each channel by itself; f32, bf16
// or f16 in and out, f32 arithmetic.
//
// Up to 33 taps one kernel does both: a block loads 32 x 32 pixels of a channel with what surrounds
// them, filters rows into shared memory, then columns. Beyond, filtered rows go through a workspace in
// f32 (16 bytes a pixel of traffic against rows that up to 12 blocks would filter again), and blocks
// walk over the taps 64 at a time, so shared memory does not grow with them. A thread makes RUN
// neighbouring values from a window in registers: 2 RUN shared loads for RUN^2 multiply-adds. Taps
// are padded with zeros to a multiple of 8.
//
// Roofline: arithmetic from some 20 taps on (2 taps fma a pixel, 8 or 16 bytes), memory below.
#include "any_type.cuh"

enum { THREADS = 256, MOST_TAPS = 1024 };

struct BlurShape {
  int h, w, c;
  int tiles_h, tiles_w;
  int taps, span;  // span: taps, padded to a multiple of 8
  float falloff, scale;
  int type;
};

// Fills the taps, zeros up to span.
__device__ __forceinline__ void make_taps(const BlurShape& s, float* taps) {
  for (int t = threadIdx.x; t < s.span; t += THREADS) {
    float d = (float)(t - s.taps / 2);
    taps[t] = t < s.taps ? s.scale * expf(-d * d * s.falloff) : 0.0f;
  }
}

// sum[r] += sum over t < span of taps[t] x[(r + t) stride]; reads x up to (span + RUN - 1) stride.
template <int RUN>
__device__ __forceinline__ void filter(const float* x, int stride, const float* taps, int span,
                                       float (&sum)[RUN]) {
  float window[2 * RUN];
#pragma unroll
  for (int i = 0; i < RUN; i++) window[i] = x[i * stride];
#pragma unroll 1
  for (int t = 0; t < span; t += RUN) {
#pragma unroll
    for (int i = 0; i < RUN; i++) window[RUN + i] = x[(t + RUN + i) * stride];
#pragma unroll
    for (int i = 0; i < RUN; i++) {
      float tap = taps[t + i];
#pragma unroll
      for (int r = 0; r < RUN; r++) sum[r] = fmaf(tap, window[i + r], sum[r]);
    }
#pragma unroll
    for (int i = 0; i < RUN; i++) window[i] = window[RUN + i];
  }
}

// A pixel of one channel, zero outside.
__device__ __forceinline__ float pixel(const void* x, const BlurShape& s, u32 image, int h, int w,
                                       int channel) {
  if (h < 0 || h >= s.h || w < 0 || w >= s.w) return 0;
  return load_as(x, (((size_t)image * s.h + h) * s.w + w) * s.c + channel, s.type);
}

enum { SIDE = 32, MOST_SPAN = 40, EDGE = SIDE + MOST_SPAN, PITCH = EDGE + 1 };

extern "C" __global__ void __launch_bounds__(THREADS)
    blur_forward_any(const void* x, void* y, const BlurShape s) {
  __shared__ float taps[MOST_SPAN];
  __shared__ float pixels[EDGE * PITCH];
  __shared__ float rows[EDGE * (SIDE + 1)];
  u32 rest = blockIdx.x;
  int channel = rest % s.c;
  rest /= s.c;
  int left = rest % s.tiles_w * SIDE;
  rest /= s.tiles_w;
  int top = rest % s.tiles_h * SIDE;
  u32 image = rest / s.tiles_h;
  make_taps(s, taps);
  int edge = SIDE + s.span, half = s.taps / 2;
  for (int row = threadIdx.x / 32; row < edge; row += THREADS / 32) {
    for (int column = threadIdx.x % 32; column < edge; column += 32) {
      pixels[row * PITCH + column] =
          pixel(x, s, image, top + row - half, left + column - half, channel);
    }
  }
  __syncthreads();
  for (int task = threadIdx.x; task < edge * (SIDE / 8); task += THREADS) {
    int row = task % edge, first = task / edge * 8;
    float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    filter<8>(&pixels[row * PITCH + first], 1, taps, s.span, sum);
#pragma unroll
    for (int r = 0; r < 8; r++) rows[row * (SIDE + 1) + first + r] = sum[r];
  }
  __syncthreads();
  int column = threadIdx.x % 32, first = threadIdx.x / 32 * 4;
  float sum[4] = {0, 0, 0, 0};
  filter<4>(&rows[first * (SIDE + 1) + column], SIDE + 1, taps, s.span, sum);
  if (left + column >= s.w) return;
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int h = top + first + r;
    if (h < s.h) {
      size_t at = (((size_t)image * s.h + h) * s.w + left + column) * s.c + channel;
      store_as(y, at, s.type, sum[r]);
    }
  }
}

// Of the two-pass kernels: taps of one walk, values that a block makes along and across the filter.
enum { WALK = 64, ALONG = 64, ACROSS = 32 };

// Along w: a block filters 64 pixels of 32 rows of one channel.
extern "C" __global__ void __launch_bounds__(THREADS)
    blur_forward_any_rows(const void* x, float* y, const BlurShape s) {
  enum { PITCH_ROWS = ALONG + WALK + 1 };
  __shared__ float taps[MOST_TAPS];
  __shared__ float pixels[ACROSS * PITCH_ROWS];
  u32 rest = blockIdx.x;
  int channel = rest % s.c;
  rest /= s.c;
  int left = rest % s.tiles_w * ALONG;
  rest /= s.tiles_w;
  int top = rest % s.tiles_h * ACROSS;
  u32 image = rest / s.tiles_h;
  make_taps(s, taps);
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int done = 0; done < s.span; done += WALK) {
    int span = min(s.span - done, (int)WALK);
    __syncthreads();
    for (int row = warp; row < ACROSS; row += THREADS / 32) {
      for (int column = lane; column < ALONG + span; column += 32) {
        int w = left + done - s.taps / 2 + column;
        pixels[row * PITCH_ROWS + column] = pixel(x, s, image, top + row, w, channel);
      }
    }
    __syncthreads();
    filter<8>(&pixels[lane * PITCH_ROWS + warp * 8], 1, taps + done, span, sum);
  }
  __syncthreads();
#pragma unroll
  for (int r = 0; r < 8; r++) pixels[lane * PITCH_ROWS + warp * 8 + r] = sum[r];
  __syncthreads();
  for (int row = warp; row < ACROSS; row += THREADS / 32) {
    for (int column = lane; column < ALONG; column += 32) {
      int h = top + row, w = left + column;
      if (h < s.h && w < s.w) {
        y[(((size_t)image * s.h + h) * s.w + w) * s.c + channel] =
            pixels[row * PITCH_ROWS + column];
      }
    }
  }
}

// Along h: a block filters 64 pixels of 32 columns, where a column is one channel of one w.
extern "C" __global__ void __launch_bounds__(THREADS)
    blur_forward_any_columns(const float* x, void* y, const BlurShape s) {
  __shared__ float taps[MOST_TAPS];
  __shared__ float pixels[(ALONG + WALK) * ACROSS];
  int columns = s.w * s.c;
  u32 rest = blockIdx.x;
  int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  int column = rest % s.tiles_w * ACROSS + lane;
  rest /= s.tiles_w;
  int top = rest % s.tiles_h * ALONG;
  size_t image = (size_t)(rest / s.tiles_h) * s.h;
  make_taps(s, taps);
  float sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int done = 0; done < s.span; done += WALK) {
    int span = min(s.span - done, (int)WALK);
    __syncthreads();
    for (int row = warp; row < ALONG + span; row += THREADS / 32) {
      int h = top + done - s.taps / 2 + row;
      bool inside = column < columns && h >= 0 && h < s.h;
      pixels[row * ACROSS + lane] = inside ? x[(image + h) * columns + column] : 0;
    }
    __syncthreads();
    filter<8>(&pixels[warp * 8 * ACROSS + lane], ACROSS, taps + done, span, sum);
  }
  if (column >= columns) return;
#pragma unroll
  for (int r = 0; r < 8; r++) {
    int h = top + warp * 8 + r;
    if (h < s.h) store_as(y, (image + h) * columns + column, s.type, sum[r]);
  }
}
