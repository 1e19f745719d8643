// targets: 75
//
// The same values in another type, to nearest even; to u8 limited to 0..255, then towards zero.
//
// A thread converts 8 elements: 8, 16 or 32 bytes on either side. Roofline: memory, the sum of the two
// sizes per element.
#include "types.cuh"

enum { BLOCK = 256, EACH = 8 };

// 8 elements of a float type, by 16-byte moves
template <class T>
struct Eight {
  static __device__ __forceinline__ void load(const typename T::Stored* p, float (&v)[EACH]) {
#pragma unroll
    for (int i = 0; i < EACH; i += T::LANES) {
      float part[T::LANES];
      T::load(p + i, part);
#pragma unroll
      for (int j = 0; j < T::LANES; j++) v[i + j] = part[j];
    }
  }

  static __device__ __forceinline__ void store(typename T::Stored* p, const float (&v)[EACH]) {
#pragma unroll
    for (int i = 0; i < EACH; i += T::LANES) {
      float part[T::LANES];
#pragma unroll
      for (int j = 0; j < T::LANES; j++) part[j] = v[i + j];
      T::store(p + i, part);
    }
  }
};

struct U8 {
  typedef u8 Stored;

  static __device__ __forceinline__ float widen(Stored x) { return x; }
  static __device__ __forceinline__ Stored narrow(float x) {
    return (Stored)(u32)fminf(fmaxf(x, 0), 255);
  }
};

template <>
struct Eight<U8> {
  static __device__ __forceinline__ void load(const u8* p, float (&v)[EACH]) {
    uint2 q = *(const uint2*)p;
    u32 words[2] = {q.x, q.y};
#pragma unroll
    for (int i = 0; i < EACH; i++) v[i] = U8::widen((u8)(words[i / 4] >> (i % 4 * 8)));
  }

  static __device__ __forceinline__ void store(u8* p, const float (&v)[EACH]) {
    u32 words[2] = {0, 0};
#pragma unroll
    for (int i = 0; i < EACH; i++) words[i / 4] |= (u32)U8::narrow(v[i]) << (i % 4 * 8);
    *(uint2*)p = make_uint2(words[0], words[1]);
  }
};

template <class From, class To>
__device__ __forceinline__ void cast(const typename From::Stored* x, typename To::Stored* y, u64 n) {
  u64 at = ((u64)blockIdx.x * BLOCK + threadIdx.x) * EACH;
  if (at + EACH <= n) {
    float v[EACH];
    Eight<From>::load(x + at, v);
    Eight<To>::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++) y[at] = To::narrow(From::widen(x[at]));
  }
}

#define CAST(name, From, To)                                                                   \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      name(const From::Stored* x, To::Stored* y, u64 n) {                                      \
    cast<From, To>(x, y, n);                                                                   \
  }

CAST(cast_f32_bf16, F32, BF16)
CAST(cast_f32_f16, F32, F16)
CAST(cast_f32_u8, F32, U8)
CAST(cast_bf16_f32, BF16, F32)
CAST(cast_bf16_f16, BF16, F16)
CAST(cast_bf16_u8, BF16, U8)
CAST(cast_f16_f32, F16, F32)
CAST(cast_f16_bf16, F16, BF16)
CAST(cast_f16_u8, F16, U8)
CAST(cast_u8_f32, U8, F32)
CAST(cast_u8_bf16, U8, BF16)
CAST(cast_u8_f16, U8, F16)
