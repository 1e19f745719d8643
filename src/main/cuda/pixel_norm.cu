// targets: 75
//
// y = x r with r = 1 / sqrt(mean over the sample of x^2 + e) (spec model.md 2.2), and its gradient
// dx = r dy - r^3 x mean(x dy); f32, bf16 or f16 in and out, f64 sums (sums.cuh).
//
// Two launches: `sums` leaves f64 partial sums (n, parts) or (n, parts, 2) in the workspace, then every
// block adds its sample's, of which there are at most 256, and applies r to 4 x 16 bytes a thread.
// Roofline: memory, 3 x the element's size per element forward, 5 x backward.
#include "index.cuh"
#include "sums.cuh"

enum { LOADS = 4 };

// f(i) for this thread's share of part `part` of a sample, EACH elements from i at a time
template <int EACH, class Function>
__device__ __forceinline__ void over_part(u64 size, u32 part, u32 parts, Function f) {
  u64 total = size / EACH;
  u64 chunk = (total + parts - 1) / parts;
  u64 end = min((part + 1) * chunk, total);
#pragma unroll(EACH == 1 ? 1 : 4)  // loads ahead of their use where it counts
  for (u64 i = part * chunk + threadIdx.x; i < end; i += BLOCK) f(i * EACH);
}

template <class T>
__device__ __forceinline__ void forward_sums(const typename T::Stored* x, double* partial, u64 size,
                                             u32 parts) {
  __shared__ double shared[WARPS];
  u64 sample = blockIdx.x;
  u32 part = take_axis(sample, parts);
  x += sample * size;
  double squares = 0;
  if (size % T::LANES == 0) {
    over_part<T::LANES>(size, part, parts, [&](u64 i) {
      float v[T::LANES];
      T::load(x + i, v);
#pragma unroll
      for (int j = 0; j < T::LANES; j++) v[j] *= v[j];
      squares += pairwise_sum(v);
    });
  } else {
    over_part<1>(size, part, parts, [&](u64 i) {
      float v = T::widen(x[i]);
      squares += v * v;
    });
  }
  squares = block_sum(squares, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = squares;
}

template <class T>
__device__ __forceinline__ void backward_sums(const typename T::Stored* x,
                                              const typename T::Stored* dy, double* partial,
                                              u64 size, u32 parts) {
  __shared__ double shared[2][WARPS];
  u64 sample = blockIdx.x;
  u32 part = take_axis(sample, parts);
  x += sample * size;
  dy += sample * size;
  double squares = 0;
  double dot = 0;
  if (size % T::LANES == 0) {
    over_part<T::LANES>(size, part, parts, [&](u64 i) {
      float v[T::LANES], w[T::LANES];
      T::load(x + i, v);
      T::load(dy + i, w);
#pragma unroll
      for (int j = 0; j < T::LANES; j++) {
        w[j] *= v[j];
        v[j] *= v[j];
      }
      squares += pairwise_sum(v);
      dot += pairwise_sum(w);
    });
  } else {
    over_part<1>(size, part, parts, [&](u64 i) {
      float v = T::widen(x[i]);
      squares += v * v;
      dot += v * T::widen(dy[i]);
    });
  }
  squares = block_sum(squares, shared[0]);
  dot = block_sum(dot, shared[1]);
  if (threadIdx.x == 0) {
    partial[2 * (u64)blockIdx.x] = squares;
    partial[2 * (u64)blockIdx.x + 1] = dot;
  }
}

// The sum of a sample's partial sums, `stride` apart, in thread 0; parts <= BLOCK.
__device__ __forceinline__ double add_parts(const double* partial, u32 parts, u32 stride,
                                            double (&shared)[WARPS]) {
  return block_sum(threadIdx.x < parts ? partial[threadIdx.x * stride] : 0, shared);
}

// f(i) for this block's LOADS x BLOCK loads of EACH elements
template <int EACH, class Function>
__device__ __forceinline__ void over_block(u64 size, u32 block, Function f) {
  u64 first = ((u64)block * LOADS * BLOCK + threadIdx.x) * EACH;
#pragma unroll(EACH == 1 ? 1 : LOADS)
  for (int k = 0; k < LOADS; k++) {
    u64 i = first + (u64)k * BLOCK * EACH;
    if (i < size) f(i);
  }
}

template <class T>
__device__ __forceinline__ void forward_apply(const typename T::Stored* x, typename T::Stored* y,
                                              const double* partial, u64 size, u32 blocks,
                                              u32 parts, float share, float epsilon) {
  __shared__ double shared[WARPS];
  __shared__ float factor;
  u64 sample = blockIdx.x;
  u32 block = take_axis(sample, blocks);
  double squares = add_parts(partial + sample * parts, parts, 1, shared);
  if (threadIdx.x == 0) factor = 1 / sqrtf((float)squares * share + epsilon);
  __syncthreads();
  float r = factor;
  x += sample * size;
  y += sample * size;
  if (size % T::LANES == 0) {
    over_block<T::LANES>(size, block, [&](u64 i) {
      float v[T::LANES];
      T::load(x + i, v);
#pragma unroll
      for (int j = 0; j < T::LANES; j++) v[j] *= r;
      T::store(y + i, v);
    });
  } else {
    over_block<1>(size, block, [&](u64 i) { y[i] = T::narrow(T::widen(x[i]) * r); });
  }
}

template <class T>
__device__ __forceinline__ void backward_apply(const typename T::Stored* x,
                                               const typename T::Stored* dy,
                                               typename T::Stored* dx, const double* partial,
                                               u64 size, u32 blocks, u32 parts, float share,
                                               float epsilon) {
  __shared__ double shared[2][WARPS];
  __shared__ float factors[2];
  u64 sample = blockIdx.x;
  u32 block = take_axis(sample, blocks);
  partial += 2 * sample * parts;
  double squares = add_parts(partial, parts, 2, shared[0]);
  double dot = add_parts(partial + 1, parts, 2, shared[1]);
  if (threadIdx.x == 0) {
    float r = 1 / sqrtf((float)squares * share + epsilon);
    factors[0] = r;
    factors[1] = -(r * r * r) * ((float)dot * share);
  }
  __syncthreads();
  float r = factors[0];
  float along = factors[1];
  x += sample * size;
  dy += sample * size;
  dx += sample * size;
  if (size % T::LANES == 0) {
    over_block<T::LANES>(size, block, [&](u64 i) {
      float v[T::LANES], w[T::LANES];
      T::load(x + i, v);
      T::load(dy + i, w);
#pragma unroll
      for (int j = 0; j < T::LANES; j++) v[j] = r * w[j] + along * v[j];
      T::store(dx + i, v);
    });
  } else {
    over_block<1>(size, block, [&](u64 i) {
      dx[i] = T::narrow(r * T::widen(dy[i]) + along * T::widen(x[i]));
    });
  }
}

#define ENTRIES(t, T)                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      pixel_norm_forward_##t##_sums(const T::Stored* x, double* partial, u64 size, u32 parts) { \
    forward_sums<T>(x, partial, size, parts);                                                  \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      pixel_norm_forward_##t(const T::Stored* x, T::Stored* y, const double* partial, u64 size, \
                             u32 blocks, u32 parts, float share, float epsilon) {              \
    forward_apply<T>(x, y, partial, size, blocks, parts, share, epsilon);                      \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK) pixel_norm_backward_##t##_sums(          \
      const T::Stored* x, const T::Stored* dy, double* partial, u64 size, u32 parts) {         \
    backward_sums<T>(x, dy, partial, size, parts);                                             \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      pixel_norm_backward_##t(const T::Stored* x, const T::Stored* dy, T::Stored* dx,          \
                              const double* partial, u64 size, u32 blocks, u32 parts,          \
                              float share, float epsilon) {                                    \
    backward_apply<T>(x, dy, dx, partial, size, blocks, parts, share, epsilon);                \
  }

ENTRIES(f32, F32)
ENTRIES(bf16, BF16)
ENTRIES(f16, F16)
