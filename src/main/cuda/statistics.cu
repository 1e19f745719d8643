// targets: 75
//
// Least and greatest element, mean and standard deviation of a whole tensor; f32, bf16 or f16 in, f32
// out. For profiles only: a step that is not looked at has none of them.
//
// Two launches: `parts` blocks leave f64 sums and sums of squares and f32 extremes in the workspace, then
// one block adds them in a fixed order. With f64 sums the mean square less the squared mean keeps its
// digits even where the mean is a thousand times the deviation.
// Roofline: memory, the input's bytes once; two f64 operations an element are below it at 1/64 rate.
#include "sums.cuh"

// One block's share, 24 bytes.
struct Part {
  double sum, squares;
  float low, high;
};

// fminf and fmaxf pass over a NaN, the sums keep it.
__device__ __forceinline__ void take(Part& p, float v) {
  p.sum += v;
  p.squares += (double)v * v;
  p.low = fminf(p.low, v);
  p.high = fmaxf(p.high, v);
}

__device__ __forceinline__ Part nothing() {
  float infinity = __uint_as_float(0x7f800000);
  Part p = {0, 0, infinity, -infinity};
  return p;
}

// All threads' parts as one, in thread 0.
__device__ __forceinline__ Part block_part(Part p) {
  __shared__ Part shared[BLOCK];
  shared[threadIdx.x] = p;
  __syncthreads();
#pragma unroll 1
  for (u32 half = BLOCK / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      Part other = shared[threadIdx.x + half];
      p.sum += other.sum;
      p.squares += other.squares;
      p.low = fminf(p.low, other.low);
      p.high = fmaxf(p.high, other.high);
      shared[threadIdx.x] = p;
    }
    __syncthreads();
  }
  return p;
}

template <class T>
__device__ __forceinline__ void statistics_parts(const typename T::Stored* x, Part* partial, u64 n,
                                                 u32 parts) {
  enum { LANES = T::LANES };
  u64 loads = (n + LANES - 1) / LANES;
  u64 chunk = (loads + parts - 1) / parts;
  u64 end = min((blockIdx.x + 1) * chunk, loads);
  Part p = nothing();
#pragma unroll 1
  for (u64 i = blockIdx.x * chunk + threadIdx.x; i < end; i += BLOCK) {
    if ((i + 1) * LANES <= n) {
      float v[LANES];
      T::load(x + i * LANES, v);
#pragma unroll
      for (int j = 0; j < LANES; j++) take(p, v[j]);
    } else {
#pragma unroll 1
      for (u64 at = i * LANES; at < n; at++) take(p, T::widen(x[at]));
    }
  }
  p = block_part(p);
  if (threadIdx.x == 0) partial[blockIdx.x] = p;
}

// y (4) = least, greatest, mean, deviation
extern "C" __global__ void __launch_bounds__(BLOCK)
    statistics_finish(const Part* partial, float* y, u64 n, u32 parts) {
  Part p = nothing();
#pragma unroll 1
  for (u32 i = threadIdx.x; i < parts; i += BLOCK) {
    Part other = partial[i];
    p.sum += other.sum;
    p.squares += other.squares;
    p.low = fminf(p.low, other.low);
    p.high = fmaxf(p.high, other.high);
  }
  p = block_part(p);
  if (threadIdx.x == 0) {
    double mean = p.sum / (double)n;
    double variance = p.squares / (double)n - mean * mean;
    y[0] = p.low;
    y[1] = p.high;
    y[2] = (float)mean;
    y[3] = (float)sqrt(variance < 0 ? 0 : variance);  // a NaN stays one
  }
}

#define ENTRIES(t, T)                                                                  \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                  \
      statistics_parts_##t(const T::Stored* x, Part* partial, u64 n, u32 parts) {      \
    statistics_parts<T>(x, partial, n, parts);                                         \
  }

ENTRIES(f32, F32)
ENTRIES(bf16, BF16)
ENTRIES(f16, F16)
