// Which element of a small tensor repeats to an element of a large one. Neighbouring axes that are
// both repeated or both kept are merged, so four axes at most remain, e0 the innermost; a repeated
// axis has stride 0 in the small tensor. The elements of the large tensor over e0 are fewer than 2^32.
#pragma once

#include "index.cuh"
#include "types.cuh"

struct Repeat {
  u32 e0, e1, e2;      // extents of the large tensor's three inner merged axes
  u32 s0, s1, s2, s3;  // strides of the small tensor
};

// Walks along consecutive elements of the large tensor.
struct RepeatWalk {
  u32 c0, c1, c2, c3;

  __device__ __forceinline__ RepeatWalk(const Repeat& r, u64 i) {
    c0 = take_axis(i, r.e0);
    u32 rows = (u32)i;
    c1 = rows % r.e1;
    rows /= r.e1;
    c2 = rows % r.e2;
    c3 = rows / r.e2;
  }

  __device__ __forceinline__ u64 index(const Repeat& r) const {
    return (u64)c0 * r.s0 + (u64)c1 * r.s1 + (u64)c2 * r.s2 + (u64)c3 * r.s3;
  }

  __device__ __forceinline__ void next(const Repeat& r) {
    if (++c0 == r.e0) {
      c0 = 0;
      if (++c1 == r.e1) {
        c1 = 0;
        if (++c2 == r.e2) {
          c2 = 0;
          c3++;
        }
      }
    }
  }
};

// The elements of the small tensor that repeat to LANES consecutive ones: one load where the
// innermost axis is a multiple of them, else one for each.
template <class T>
__device__ __forceinline__ void load_repeated(const typename T::Stored* b, const Repeat& r,
                                              RepeatWalk& walk, float (&v)[T::LANES]) {
  if (r.e0 % T::LANES != 0) {
#pragma unroll
    for (int i = 0; i < T::LANES; i++) {
      v[i] = T::widen(b[walk.index(r)]);
      walk.next(r);
    }
  } else if (r.s0 == 0) {
    float x = T::widen(b[walk.index(r)]);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] = x;
  } else {
    T::load(b + walk.index(r), v);
  }
}
