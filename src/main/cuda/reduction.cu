// targets: 75
//
// Sums over axes and their gradients, which repeat; f32, bf16 or f16 in and out, f64 sums (sums.cuh).
//
// Neighbouring axes that are both kept or both summed are merged, so a tensor is (k2, r1, k1, r0, k0):
// k kept, r summed, some of them 1. Four cases:
//   sum_each     few terms: a thread sums one output, any layout
//   sum_rows     k0 = 1: a block sums a run of r0 elements, by 16 bytes where r0 allows
//   sum_columns  k0 > 1: a block sums 32 neighbouring columns, 8 rows at a time
// A long sum is cut into `parts` blocks; each leaves an f64 in `partial` (outputs, parts) and
// sum_finish adds them, a warp for each output. With one part the block writes the output itself.
//
// Roofline: memory, the input's bytes once.
#include "index.cuh"
#include "repeat.cuh"
#include "sums.cuh"

struct Axes {
  u32 k2, r1, k1, r0, k0;
};

// Where the terms of output (a, c, e) lie: row(b) + d k0 for b < r1, d < r0.
struct Terms {
  u64 first;
  u64 step;

  __device__ __forceinline__ Terms(const Axes& s, u64 a, u32 c, u32 e) {
    first = (a * s.r1 * s.k1 + c) * s.r0 * s.k0 + e;
    step = (u64)s.k1 * s.r0 * s.k0;
  }
};

// f(offset) for the terms begin, begin + step, ... below end, a term being `width` elements and `run`
// of them a row; AHEAD loads go out before the first is used.
template <int AHEAD, class Function>
__device__ __forceinline__ void over_terms(const Axes& s, const Terms& terms, u32 run, u32 width,
                                           u64 begin, u64 end, u32 step, Function f) {
  if (s.r1 == 1) {  // no division, and loads ahead of their use
#pragma unroll AHEAD
    for (u64 i = begin; i < end; i += step) f(terms.first + i * width);
  } else {
#pragma unroll 1
    for (u64 i = begin; i < end; i += step) {
      u64 b = i;
      u32 d = take_axis(b, run);
      f(terms.first + b * terms.step + (u64)d * width);
    }
  }
}

template <class T>
__device__ __forceinline__ void sum_each(const typename T::Stored* x, typename T::Stored* y,
                                         const Axes& s, u64 outputs, float scale) {
  u64 output = (u64)blockIdx.x * BLOCK + threadIdx.x;
  if (output >= outputs) return;
  u64 a = output;
  u32 e = take_axis(a, s.k0);
  u32 c = take_axis(a, s.k1);
  Terms terms(s, a, c, e);
  double sum = 0;
  for (u32 b = 0; b < s.r1; b++) {
    u64 row = terms.first + b * terms.step;
    for (u32 d = 0; d < s.r0; d++) sum += T::widen(x[row + (u64)d * s.k0]);
  }
  y[output] = T::narrow((float)(scale * sum));
}

// This thread's share of part `part` of the terms, by loads of LANES.
template <class T, bool WIDE>
__device__ __forceinline__ double row_terms(const typename T::Stored* x, const Axes& s,
                                            const Terms& terms, u32 part, u32 parts) {
  enum { EACH = WIDE ? T::LANES : 1 };
  u32 run = s.r0 / EACH;
  u64 total = (u64)s.r1 * run;
  u64 chunk = (total + parts - 1) / parts;
  u64 end = min((part + 1) * chunk, total);
  double sum = 0;
  over_terms<WIDE ? 4 : 1>(s, terms, run, EACH, part * chunk + threadIdx.x, end, BLOCK, [&](u64 at) {
    if (WIDE) {
      float v[T::LANES];
      T::load(x + at, v);
      sum += pairwise_sum(v);
    } else {
      sum += T::widen(x[at]);
    }
  });
  return sum;
}

template <class T>
__device__ __forceinline__ void sum_rows(const typename T::Stored* x, typename T::Stored* y,
                                         double* partial, const Axes& s, u32 parts, float scale) {
  __shared__ double shared[WARPS];
  u64 a = blockIdx.x;
  u32 part = take_axis(a, parts);
  u64 output = a;
  u32 c = take_axis(a, s.k1);
  Terms terms(s, a, c, 0);
  double sum = s.r0 % T::LANES == 0 ? row_terms<T, true>(x, s, terms, part, parts)
                                    : row_terms<T, false>(x, s, terms, part, parts);
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    if (parts == 1) {
      y[output] = T::narrow((float)(scale * sum));
    } else {
      partial[blockIdx.x] = sum;
    }
  }
}

template <class T>
__device__ __forceinline__ void sum_columns(const typename T::Stored* x, typename T::Stored* y,
                                            double* partial, const Axes& s, u32 parts,
                                            float scale) {
  __shared__ double shared[WARPS][32];
  u64 a = blockIdx.x;
  u32 part = take_axis(a, parts);
  u32 e = take_axis(a, (s.k0 + 31) / 32) * 32 + threadIdx.x % 32;
  u32 c = take_axis(a, s.k1);
  u32 warp = threadIdx.x / 32;
  double sum = 0;
  if (e < s.k0) {
    Terms terms(s, a, c, e);
    u64 total = (u64)s.r1 * s.r0;
    u64 chunk = (total + parts - 1) / parts;
    u64 end = min((part + 1) * chunk, total);
    over_terms<4>(s, terms, s.r0, s.k0, part * chunk + warp, end, WARPS,
               [&](u64 at) { sum += T::widen(x[at]); });
  }
  shared[warp][threadIdx.x % 32] = sum;
  __syncthreads();
  if (warp == 0 && e < s.k0) {
#pragma unroll
    for (int i = 1; i < WARPS; i++) sum += shared[i][threadIdx.x];
    u64 output = (a * s.k1 + c) * s.k0 + e;
    if (parts == 1) {
      y[output] = T::narrow((float)(scale * sum));
    } else {
      partial[output * parts + part] = sum;
    }
  }
}

template <class T>
__device__ __forceinline__ void sum_finish(const double* partial, typename T::Stored* y,
                                           u64 outputs, u32 parts, float scale) {
  u64 output = (u64)blockIdx.x * WARPS + threadIdx.x / 32;
  if (output >= outputs) return;
  double sum = 0;
  for (u32 i = threadIdx.x % 32; i < parts; i += 32) sum += partial[output * parts + i];
  sum = warp_sum(sum);
  if (threadIdx.x % 32 == 0) y[output] = T::narrow((float)(scale * sum));
}

// y[i] = scale times the element of x that repeats to i
template <class T>
__device__ __forceinline__ void repeat(const typename T::Stored* x, typename T::Stored* y, u64 n,
                                       const Repeat& r, float scale) {
  u64 at = ((u64)blockIdx.x * BLOCK + threadIdx.x) * T::LANES;
  RepeatWalk walk(r, at);
  if (at + T::LANES <= n) {
    float v[T::LANES];
    load_repeated<T>(x, r, walk, v);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] *= scale;
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++, walk.next(r)) y[at] = T::narrow(scale * T::widen(x[walk.index(r)]));
  }
}

#define ENTRIES(t, T)                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      sum_each_##t(const T::Stored* x, T::Stored* y, Axes s, u64 outputs, float scale) {       \
    sum_each<T>(x, y, s, outputs, scale);                                                      \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) sum_rows_##t(                            \
      const T::Stored* x, T::Stored* y, double* partial, Axes s, u32 parts, float scale) {     \
    sum_rows<T>(x, y, partial, s, parts, scale);                                               \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) sum_columns_##t(                         \
      const T::Stored* x, T::Stored* y, double* partial, Axes s, u32 parts, float scale) {     \
    sum_columns<T>(x, y, partial, s, parts, scale);                                            \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) sum_finish_##t(                          \
      const double* partial, T::Stored* y, u64 outputs, u32 parts, float scale) {              \
    sum_finish<T>(partial, y, outputs, parts, scale);                                          \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      repeat_##t(const T::Stored* x, T::Stored* y, u64 n, Repeat r, float scale) {             \
    repeat<T>(x, y, n, r, scale);                                                              \
  }

ENTRIES(f32, F32)
ENTRIES(bf16, BF16)
ENTRIES(f16, F16)
