// targets: 75
//
// The elementwise parts of losses: max(x, 0)^e (spec model.md 4.4) and the cross-entropy of logits
// (spec model.md 4.8), forward and backward, in f32 arithmetic on f32, bf16 or f16.
//
// A thread takes one element: these tensors are means of images and logits of patches, small beside
// the activations, and powf is long. Roofline: memory, 2 to 4 x the element's size per element,
// against up to 60 flops.
#include "activation.cuh"
#include "types.cuh"

enum { BLOCK = 256 };

__device__ __forceinline__ float power(float x, float e) { return x > 0 ? powf(x, e) : 0; }

// never NaN: 0 where x <= 0 even if e < 1
__device__ __forceinline__ float power_slope(float x, float e, float less) {
  return x > 0 ? e * powf(x, less) : 0;
}

__device__ __forceinline__ float bce(float z, float y) {
  return (z > 0 ? z : 0) - z * y + log1pf(expf(-fabsf(z)));
}

#define FOR_TYPES(MACRO) MACRO(f32, F32) MACRO(bf16, BF16) MACRO(f16, F16)

#define ENTRIES(t, T)                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      power_forward_##t(const T::Stored* x, T::Stored* y, u64 n, float e) {                    \
    u64 i = (u64)blockIdx.x * BLOCK + threadIdx.x;                                             \
    if (i < n) y[i] = T::narrow(power(T::widen(x[i]), e));                                     \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) power_backward_##t(                      \
      const T::Stored* x, const T::Stored* dy, T::Stored* dx, u64 n, float e, float less) {    \
    u64 i = (u64)blockIdx.x * BLOCK + threadIdx.x;                                             \
    if (i < n) dx[i] = T::narrow(T::widen(dy[i]) * power_slope(T::widen(x[i]), e, less));      \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      bce_forward_##t(const T::Stored* z, const T::Stored* y, T::Stored* l, u64 n) {           \
    u64 i = (u64)blockIdx.x * BLOCK + threadIdx.x;                                             \
    if (i < n) l[i] = T::narrow(bce(T::widen(z[i]), T::widen(y[i])));                          \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) bce_backward_##t(                        \
      const T::Stored* z, const T::Stored* y, const T::Stored* dl, T::Stored* dz, u64 n) {     \
    u64 i = (u64)blockIdx.x * BLOCK + threadIdx.x;                                             \
    if (i < n) {                                                                               \
      dz[i] = T::narrow(T::widen(dl[i]) * (sigmoid(T::widen(z[i])) - T::widen(y[i])));         \
    }                                                                                          \
  }

FOR_TYPES(ENTRIES)
