// The element types that tensors are stored in. Arithmetic is always f32: a type knows how to widen
// what is stored, how to round to it, and how to move 16 bytes of it at once.
//
// Before sm_80, which has an instruction for it, bf16 is converted with integer shifts, rounding to
// nearest even: the same bits.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

__device__ __forceinline__ float bf16_widen(u32 bits) { return __uint_as_float(bits << 16); }

__device__ __forceinline__ u32 bf16_narrow(float x) {
#if __CUDA_ARCH__ >= 800
  u16 narrow;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(narrow) : "f"(x));
  return narrow;
#else
  u32 bits = __float_as_uint(x);
  u32 rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x == x ? rounded : 0x7fff;
#endif
}

__device__ __forceinline__ float f16_widen(u16 bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}

__device__ __forceinline__ u16 f16_narrow(float x) {
  u16 bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}

struct F32 {
  typedef float Stored;
  enum { LANES = 4 };  // elements of 16 bytes

  static __device__ __forceinline__ float widen(Stored x) { return x; }
  static __device__ __forceinline__ Stored narrow(float x) { return x; }

  static __device__ __forceinline__ void load(const Stored* p, float (&v)[LANES]) {
    float4 q = *(const float4*)p;
    v[0] = q.x;
    v[1] = q.y;
    v[2] = q.z;
    v[3] = q.w;
  }

  static __device__ __forceinline__ void store(Stored* p, const float (&v)[LANES]) {
    *(float4*)p = make_float4(v[0], v[1], v[2], v[3]);
  }
};

// The moves that the two 16-bit types share: H converts one element.
template <class H>
struct Half {
  typedef u16 Stored;
  enum { LANES = 8 };

  static __device__ __forceinline__ void load(const Stored* p, float (&v)[LANES]) {
    uint4 q = *(const uint4*)p;
    u32 words[4] = {q.x, q.y, q.z, q.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      v[2 * i] = H::widen((u16)words[i]);
      v[2 * i + 1] = H::widen((u16)(words[i] >> 16));
    }
  }

  static __device__ __forceinline__ void store(Stored* p, const float (&v)[LANES]) {
    u32 words[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      words[i] = (u32)H::narrow(v[2 * i]) | (u32)H::narrow(v[2 * i + 1]) << 16;
    }
    *(uint4*)p = make_uint4(words[0], words[1], words[2], words[3]);
  }
};

struct BF16 : Half<BF16> {
  static __device__ __forceinline__ float widen(Stored x) { return bf16_widen(x); }
  static __device__ __forceinline__ Stored narrow(float x) { return (Stored)bf16_narrow(x); }
};

struct F16 : Half<F16> {
  static __device__ __forceinline__ float widen(Stored x) { return f16_widen(x); }
  static __device__ __forceinline__ Stored narrow(float x) { return f16_narrow(x); }
};
