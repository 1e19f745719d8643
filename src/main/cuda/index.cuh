// Taking an element's place apart into indices along axes.
#pragma once

#include "types.cuh"

// Divides i by d, returns the remainder. In 32 bits where i fits: 64-bit division is far longer.
__device__ __forceinline__ u32 take_axis(u64& i, u32 d) {
  u32 rest;
  if ((i >> 32) == 0) {
    rest = (u32)i % d;
    i = (u32)i / d;
  } else {
    rest = (u32)(i % d);
    i = i / d;
  }
  return rest;
}
