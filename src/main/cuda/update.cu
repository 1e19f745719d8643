// targets: 75
//
// Optimiser updates over many tensors in one launch, and the scalars that serve them (spec model.md 5).
// The rules themselves are in optimiser.cuh.
//
// A launch takes a table of up to 80 tensors by value; a block finds its tensor by the number of the
// tensor's first block and takes CHUNK elements of it, 4 a thread at a time.
//
// Roofline: memory. RMSprop reads w, g, a and writes w, a: 20 bytes per element, AdaBelief 28, the
// clip norm 4; against about 10 flops and, with lr_dropout, 30 integer operations.
#include "activation.cuh"
#include "optimiser.cuh"
#include "sums.cuh"

enum { TENSORS = 80, CHUNK = 8192 };

struct Tensor {
  float* w;
  const float* g;
  float* slots[2];
  u64 n;
  u32 first;   // number of its first block
  int stream;  // of its draws
};

struct Table {
  Tensor tensors[TENSORS];
  u32 count;
};

__device__ __forceinline__ u32 find_tensor(const Table& table) {
  u32 low = 0;
  u32 high = table.count;
  while (high - low > 1) {
    u32 middle = (low + high) / 2;
    if (table.tensors[middle].first <= blockIdx.x) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// f(i, count) for this thread's groups of 4 elements of its block's chunk; the last may be smaller
template <class Function>
__device__ __forceinline__ void over_chunk(const Tensor& t, Function f) {
  u64 first = (u64)(blockIdx.x - t.first) * CHUNK;
  u64 end = min(first + CHUNK, t.n);
  for (u64 i = first + threadIdx.x * 4; i < end; i += BLOCK * 4) f(i, (int)min(end - i, 4ull));
}

template <class Rule>
__device__ __forceinline__ void update(const Table& table, const Shared& s, Rule rule) {
  const Tensor& t = table.tensors[find_tensor(table)];
  float rate = *s.rate;
  float clip = s.clip ? *s.clip : 1;
  if (clip < 0) return;
  Moves moves(s, t.stream);
  Step<Rule> step = {rule, t.w, t.slots, rate, clip};
  over_chunk(t, [&](u64 i, int count) {
    float g[4];
    load4(t.g + i, count == 4, count, g);
    step.run(i, count == 4, count, g, moves.of(i));
  });
}

extern "C" __global__ void __launch_bounds__(BLOCK)
    rms_prop_f32(const __grid_constant__ Table table, const __grid_constant__ Shared s, float rho,
                 float rest, float epsilon) {
  update(table, s, RmsProp{rho, rest, epsilon});
}

extern "C" __global__ void __launch_bounds__(BLOCK)
    ada_belief_f32(const __grid_constant__ Table table, const __grid_constant__ Shared s,
                   float beta1, float rest1, float beta2, float rest2, float epsilon) {
  update(table, s, AdaBelief{beta1, rest1, beta2, rest2, epsilon});
}

// partial[block] = the sum of g^2 over the block's chunk
extern "C" __global__ void __launch_bounds__(BLOCK)
    clip_sums_f32(const __grid_constant__ Table table, double* partial) {
  __shared__ double shared[WARPS];
  const Tensor& t = table.tensors[find_tensor(table)];
  double sum = 0;
  over_chunk(t, [&](u64 i, int count) {
    float g[4];
    load4(t.g + i, count == 4, count, g);
#pragma unroll
    for (int j = 0; j < 4; j++) g[j] *= g[j];
    sum += pairwise_sum(g);
  });
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

// 1 while the norm is below the limit, else limit / norm; one block
extern "C" __global__ void __launch_bounds__(BLOCK)
    clip_factor_f32(const double* partial, float* factor, u32 parts, float limit) {
  __shared__ double shared[WARPS];
  double sum = 0;
  for (u32 i = threadIdx.x; i < parts; i += BLOCK) sum += partial[i];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    double norm = sqrt(sum);
    *factor = norm < limit ? 1 : (float)(limit / norm);
  }
}

// 1 over the loss scale, less where the norm without the scale reaches the limit, -1 where the sum
// is not finite; one block
extern "C" __global__ void __launch_bounds__(BLOCK)
    unscale_f32(const double* partial, float* factor, u32 parts, float limit, const float* scale) {
  __shared__ double shared[WARPS];
  double sum = 0;
  for (u32 i = threadIdx.x; i < parts; i += BLOCK) sum += partial[i];
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) {
    double norm = sqrt(sum) / *scale;
    bool finite = norm <= 1e300; // false for NaN
    *factor = finite ? (float)((norm < limit ? 1 : limit / norm) / *scale) : -1;
  }
}

// 2^16 doubled so often, between 2^-14 and 2^30; one thread
extern "C" __global__ void loss_scale_f32(const long long* doublings, float* y) {
  long long d = *doublings < -30 ? -30 : *doublings > 14 ? 14 : *doublings;
  *y = __int_as_float((int)(127 + 16 + d) << 23);
}

// counts a step; see Update.AdjustScale; one thread
extern "C" __global__ void adjust_scale_i64(long long* doublings, long long* good, const float* factor,
                                            u32 patience) {
  bool overflow = *factor < 0;
  bool enough = !overflow && *good + 1 >= patience;
  *doublings += enough - overflow;
  *good = overflow || enough ? 0 : *good + 1;
}

// one thread
extern "C" __global__ void increment_i64(long long* counter) { *counter += 1; }

// rate (cos(2 pi t / period) + 1) / 2; the turns are counted in f64, the cosine is f32; one thread
extern "C" __global__ void cosine_rate_f32(const long long* counter, float* y, double period,
                                           float rate) {
  double turns = (double)*counter / period;
  float s, c;
  sin_cos((float)((turns - rint(turns)) * 6.283185307179586), s, c);
  *y = rate * (c + 1) / 2;
}
