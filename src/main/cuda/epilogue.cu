// targets: 75
//
// What a library's convolution or product left out, in place: y = act(scale y + bias + residual) for
// y (rows, columns) and residual in f32, bf16 or f16 and bias (columns) in f32; bias and residual may
// be null. Arithmetic is f32.
//
// A thread takes 16 bytes of y (elementwise.cuh). Roofline: memory, 2 x the element's size per element,
// 3 x with a residual; a bias stays in the cache.
#include "activation.cuh"
#include "elementwise.cuh"

enum Activation { IDENTITY, LEAKY_RELU, X_COS_X, SIGMOID };

template <int LANES>
__device__ __forceinline__ void activate(float (&v)[LANES], int activation, float slope) {
  switch (activation) {
    case LEAKY_RELU:
#pragma unroll
      for (int i = 0; i < LANES; i++) v[i] = leaky_relu(v[i], slope);
      break;
    case X_COS_X:
#pragma unroll
      for (int i = 0; i < LANES; i++) v[i] = x_cos_x(v[i]);
      break;
    case SIGMOID:
#pragma unroll
      for (int i = 0; i < LANES; i++) v[i] = sigmoid(v[i]);
      break;
    default:
      break;
  }
}

// v[i] += bias[(column + i) % columns], four at a time where columns come in fours
template <int LANES>
__device__ __forceinline__ void add_bias(float (&v)[LANES], const float* bias, u32 column, u32 columns) {
  if ((columns & 3) == 0) {
#pragma unroll
    for (int i = 0; i < LANES; i += 4) {
      float b[4];
      F32::load(bias + column, b);
#pragma unroll
      for (int j = 0; j < 4; j++) v[i + j] += b[j];
      column = column + 4 == columns ? 0 : column + 4;
    }
  } else {
#pragma unroll
    for (int i = 0; i < LANES; i++) {
      v[i] += bias[column];
      column = column + 1 == columns ? 0 : column + 1;
    }
  }
}

template <class T>
__device__ __forceinline__ void epilogue(typename T::Stored* y, const float* bias,
                                         const typename T::Stored* residual, u64 n, u32 columns,
                                         float scale, float slope, int activation) {
  u64 at = first_element<T>();
  if (at >= n) return;
  u32 column = at >> 32 ? (u32)(at % columns) : (u32)at % columns;
  if (at + T::LANES <= n) {
    float v[T::LANES], r[T::LANES];
    T::load(y + at, v);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] *= scale;
    if (bias) add_bias(v, bias, column, columns);
    if (residual) {
      T::load(residual + at, r);
#pragma unroll
      for (int i = 0; i < T::LANES; i++) v[i] += r[i];
    }
    activate(v, activation, slope);
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++) {
      float v[1] = {scale * T::widen(y[at])};
      if (bias) v[0] += bias[column];
      if (residual) v[0] += T::widen(residual[at]);
      activate(v, activation, slope);
      y[at] = T::narrow(v[0]);
      column = column + 1 == columns ? 0 : column + 1;
    }
  }
}

#define ENTRY(name, T)                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                           \
      name(T::Stored* y, const float* bias, const T::Stored* residual, u64 n, u32 columns,      \
           float scale, float slope, int activation) {                                          \
    epilogue<T>(y, bias, residual, n, columns, scale, slope, activation);                       \
  }

ENTRY(epilogue_f32, F32)
ENTRY(epilogue_bf16, BF16)
ENTRY(epilogue_f16, F16)
