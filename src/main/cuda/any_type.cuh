// Values whose element type is known at launch only: 0 f32, 1 bf16, 2 f16. For kernels with so much
// arithmetic between a load and a store that an entry for each type would only be more for the driver
// to compile.
#pragma once

#include "types.cuh"

__device__ __forceinline__ float load_as(const void* p, size_t i, int type) {
  if (type == 0) return ((const float*)p)[i];
  u16 bits = ((const u16*)p)[i];
  return type == 1 ? BF16::widen(bits) : F16::widen(bits);
}

__device__ __forceinline__ void store_as(void* p, size_t i, int type, float v) {
  if (type == 0) {
    ((float*)p)[i] = v;
  } else {
    ((u16*)p)[i] = type == 1 ? BF16::narrow(v) : F16::narrow(v);
  }
}
