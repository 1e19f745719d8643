// The rules by which optimisers move a parameter (spec model.md 5), and what every launch of one
// shares. Parameters, gradients and slots are f32, 4 elements at a time. lr_dropout draws one Philox
// block per 4 elements of a tensor, an element moving where its 24 random bits lie below `threshold`.
#pragma once

#include "philox.cuh"

// Absent pointers are null. A negative clip factor stands for gradients that overflowed: the launch
// then changes nothing.
struct Shared {
  const float* rate;
  const float* clip;
  const long long* counter;
  u64 seed;
  u32 threshold;
};

// a = rho a + (1 - rho) g^2; w -= rate g / (sqrt(a) + epsilon)
struct RmsProp {
  enum { SLOTS = 1 };
  float rho, rest, epsilon;

  // Moves the slots, and returns what the rate is multiplied by.
  __device__ __forceinline__ float step(float gradient, float (&slots)[SLOTS][4], int j) const {
    float& a = slots[0][j];
    a = rho * a + rest * gradient * gradient;
    return gradient;
  }

  __device__ __forceinline__ float spread(const float (&slots)[SLOTS][4], int j) const {
    return sqrtf(slots[0][j]) + epsilon;
  }
};

// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) (g - m)^2; w -= rate m / (sqrt(v) + epsilon)
struct AdaBelief {
  enum { SLOTS = 2 };
  float beta1, rest1, beta2, rest2, epsilon;

  __device__ __forceinline__ float step(float gradient, float (&slots)[SLOTS][4], int j) const {
    float& m = slots[0][j];
    float& v = slots[1][j];
    m = beta1 * m + rest1 * gradient;
    float surprise = gradient - m;
    v = beta2 * v + rest2 * surprise * surprise;
    return m;
  }

  __device__ __forceinline__ float spread(const float (&slots)[SLOTS][4], int j) const {
    return sqrtf(slots[1][j]) + epsilon;
  }
};

// The first `count` of 4 elements, in one access where they are whole and aligned.
__device__ __forceinline__ void load4(const float* p, bool aligned, int count, float (&v)[4]) {
  if (aligned) {
    F32::load(p, v);
  } else {
#pragma unroll
    for (int j = 0; j < 4; j++) v[j] = j < count ? p[j] : 0;
  }
}

// The store of 16 bytes is spelled out because the compiler cuts some of them into four.
__device__ __forceinline__ void store4(float* p, bool aligned, int count, const float (&v)[4]) {
  if (aligned) {
    asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};"
                 :
                 : "l"(__cvta_generic_to_global(p)), "f"(v[0]), "f"(v[1]), "f"(v[2]), "f"(v[3])
                 : "memory");
  } else {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      if (j < count) p[j] = v[j];
    }
  }
}

// Which of the elements i to i + 3 move: bits 0 to 3.
struct Moves {
  bool all;
  u64 seed, stream;
  u32 threshold;

  __device__ __forceinline__ Moves(const Shared& s, int stream) {
    all = s.counter == 0;
    seed = s.seed;
    this->stream = all ? 0 : ((u64)*s.counter << 20) + stream;
    threshold = s.threshold;
  }

  // i is a multiple of 4
  __device__ __forceinline__ u32 of(u64 i) const {
    if (all) return 15;
    uint4 draw = philox(seed, stream, i / 4);
    return (draw.x >> 8 < threshold ? 1 : 0) | (draw.y >> 8 < threshold ? 2 : 0) |
           (draw.z >> 8 < threshold ? 4 : 0) | (draw.w >> 8 < threshold ? 8 : 0);
  }

  // i is any number
  __device__ __forceinline__ u32 of_any(u64 i) const {
    u32 bits = of(i);
    u32 skipped = i % 4;
    return skipped == 0 ? bits : (bits | of(i + 4) << 4) >> skipped;
  }
};

// One tensor's update, 4 elements at a time.
template <class Rule>
struct Step {
  Rule rule;
  float* w;
  float* const* slots;
  float rate, clip;

  // Moves the first `count` elements from i on by their gradients.
  __device__ __forceinline__ void run(u64 i, bool aligned, int count, const float (&g)[4],
                                      u32 moves) const {
    float p[4], s[Rule::SLOTS][4];
    load4(w + i, aligned, count, p);
#pragma unroll
    for (int k = 0; k < Rule::SLOTS; k++) load4(slots[k] + i, aligned, count, s[k]);
#pragma unroll
    for (int j = 0; j < 4; j++) {
      float direction = rule.step(clip * g[j], s, j);
      float step = rate * direction / rule.spread(s, j);
      p[j] -= moves >> j & 1 ? step : 0;
    }
    store4(w + i, aligned, count, p);
#pragma unroll
    for (int k = 0; k < Rule::SLOTS; k++) store4(slots[k] + i, aligned, count, s[k]);
  }
};
