// targets: 75
// Small things done to whole images (n, h, w, c) in f32, bf16 or f16:
//   centre_weight   y = scale exp(-((h - middle)^2 + (w - middle)^2) falloff) x (spec model.md 4.4)
//   average_pool2   forward: means of 2 x 2 pixels; backward: a quarter of each value to its 4 pixels
//
// A block works on part of a row, so that a thread divides by c only. The weights are computed, not
// read. Rows of a multiple of 16 bytes are weighted 16 bytes a thread; pooling moves single elements,
// which neighbouring threads read side by side.
//
// Roofline: memory, input and output once.
#include "types.cuh"

enum { THREADS = 256 };

struct RowShape {
  int h, w, c;  // of the larger image
  int parts;    // blocks that share a row
};

template <class T>
__device__ __forceinline__ void centre_weight(const typename T::Stored* x, typename T::Stored* y,
                                              const RowShape& s, float falloff, float scale) {
  u32 row = blockIdx.x / s.parts, part = blockIdx.x % s.parts;
  u32 columns = (u32)s.w * s.c;
  float dh = (float)(row % s.h) - 0.5f * (s.h - 1);
  size_t base = (size_t)row * columns;
  u32 first = (part * THREADS + threadIdx.x) * T::LANES;
  float v[T::LANES];
  bool whole = columns % T::LANES == 0 && first < columns;
  if (whole) T::load(x + base + first, v);
#pragma unroll
  for (int i = 0; i < T::LANES; i++) {
    u32 column = first + i;
    float dw = (float)(column / s.c) - 0.5f * (s.w - 1);
    float weight = scale * expf(-(dh * dh + dw * dw) * falloff);
    if (whole) {
      v[i] *= weight;
    } else if (column < columns) {
      y[base + column] = T::narrow(weight * T::widen(x[base + column]));
    }
  }
  if (whole) T::store(y + base + first, v);
}

// x (n, h, w, c), y (n, h/2, w/2, c)
template <class T>
__device__ __forceinline__ void pool_forward(const typename T::Stored* x, typename T::Stored* y,
                                             const RowShape& s) {
  u32 row = blockIdx.x / s.parts;
  u32 columns = (u32)s.w / 2 * s.c;
  u32 column = blockIdx.x % s.parts * THREADS + threadIdx.x;
  if (column >= columns) return;
  const typename T::Stored* upper =
      x + (size_t)row * 4 * columns + column / s.c * 2 * s.c + column % s.c;
  const typename T::Stored* lower = upper + 2 * columns;
  float sum = (T::widen(upper[0]) + T::widen(upper[s.c])) +
              (T::widen(lower[0]) + T::widen(lower[s.c]));
  y[(size_t)row * columns + column] = T::narrow(0.25f * sum);
}

// dy (n, h/2, w/2, c), dx (n, h, w, c)
template <class T>
__device__ __forceinline__ void pool_backward(const typename T::Stored* dy,
                                              typename T::Stored* dx, const RowShape& s) {
  u32 row = blockIdx.x / s.parts;
  u32 columns = (u32)s.w * s.c;
  u32 column = blockIdx.x % s.parts * THREADS + threadIdx.x;
  if (column >= columns) return;
  size_t small = (size_t)(row / 2) * (columns / 2) + column / s.c / 2 * s.c + column % s.c;
  dx[(size_t)row * columns + column] = T::narrow(0.25f * T::widen(dy[small]));
}

#define ENTRIES(t, T)                                                                            \
  extern "C" __global__ void __launch_bounds__(THREADS) centre_weight_forward_##t(               \
      const T::Stored* x, T::Stored* y, const RowShape s, float falloff, float scale) {          \
    centre_weight<T>(x, y, s, falloff, scale);                                                   \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS)                                          \
      average_pool2_forward_##t(const T::Stored* x, T::Stored* y, const RowShape s) {            \
    pool_forward<T>(x, y, s);                                                                    \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS)                                          \
      average_pool2_backward_##t(const T::Stored* dy, T::Stored* dx, const RowShape s) {         \
    pool_backward<T>(dy, dx, s);                                                                 \
  }

ENTRIES(f32, F32)
ENTRIES(bf16, BF16)
ENTRIES(f16, F16)
