// Sums of many terms, in a fixed order and accurately: a thread adds the elements of one 16-byte load
// in f32 by pairs and everything else in f64. One f64 addition per 16 bytes stays below the memory's
// time even on cards with 1/64 rate.
#pragma once

#include "types.cuh"

enum { BLOCK = 256, WARPS = BLOCK / 32 };

template <int N>
__device__ __forceinline__ float pairwise_sum(const float (&v)[N]) {
  float s[N];
#pragma unroll
  for (int i = 0; i < N; i++) s[i] = v[i];
#pragma unroll
  for (int half = N / 2; half > 0; half /= 2) {
#pragma unroll
    for (int i = 0; i < half; i++) s[i] += s[i + half];
  }
  return s[0];
}

// The warp's sum, in lane 0.
__device__ __forceinline__ double warp_sum(double v) {
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) v += __shfl_down_sync(0xffffffff, v, offset);
  return v;
}

// The block's sum, in thread 0; `shared` serves one call.
__device__ __forceinline__ double block_sum(double v, double (&shared)[WARPS]) {
  v = warp_sum(v);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x == 0) {
    v = shared[0];
#pragma unroll
    for (int i = 1; i < WARPS; i++) v += shared[i];
  }
  return v;
}
