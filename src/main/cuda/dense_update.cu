// targets: 75
//
// Optimiser updates of a dense layer's weight w (in,out) by its gradient g = scale x^T dy, of x (n,in)
// and dy (n,out) in f32, bf16 or f16, that is never stored (spec performance.md 0, fact 3). The rules
// themselves are in optimiser.cuh.
//
// A block makes a tile of 64 x 64 gradients, a thread 4 x 4 of them in registers as f32 sums of up to
// 16 samples at a time from shared memory, and then moves the same elements of w and its slots. The
// samples are added in their order: whatever the card, the same bits.
//
// Roofline: memory. AdaBelief reads and writes w, m, v: 24 bytes per element, RMSprop 16, and from the
// second-level cache x and dy: n / 8 bytes; against 2 n flops, at n = 32 a tenth of an H100's rate.
// Without fusion the gradient is written and read again, 8 bytes more, and lies in memory meanwhile.
#include "optimiser.cuh"

enum { BLOCK = 256, TILE = 64, SAMPLES = 16, ACROSS = TILE / 4 };

struct Dense {
  float* w;        // (in,out)
  const void* x;   // (n,in)
  const void* dy;  // (n,out)
  float* slots[2];
  u32 n, in, out;
  u32 across;  // tiles along out
  int type;    // of x and dy: 0 f32, 1 bf16, 2 f16
  int stream;  // of its draws
};

// samples (SAMPLES,TILE) = the samples from `first` on, of the columns from `left` on; zeros outside
template <class T>
__device__ __forceinline__ void stage(const void* from, u32 first, u32 n, u32 left, u32 width,
                                      float (&samples)[SAMPLES][TILE]) {
  const typename T::Stored* values = (const typename T::Stored*)from;
  u32 c = threadIdx.x % TILE;
#pragma unroll
  for (u32 s = threadIdx.x / TILE; s < SAMPLES; s += BLOCK / TILE) {
    bool inside = first + s < n && left + c < width;
    samples[s][c] = inside ? T::widen(values[(size_t)(first + s) * width + left + c]) : 0;
  }
}

template <class Rule>
__device__ __forceinline__ void dense_update(const Dense& d, const Shared& s, Rule rule,
                                             float scale) {
  __shared__ __align__(16) float xs[SAMPLES][TILE];
  __shared__ __align__(16) float dys[SAMPLES][TILE];
  float rate = *s.rate;
  float clip = s.clip ? *s.clip : 1;
  if (clip < 0) return;
  u32 top = blockIdx.x / d.across * TILE;
  u32 left = blockIdx.x % d.across * TILE;
  u32 row = threadIdx.x / ACROSS * 4;
  u32 column = threadIdx.x % ACROSS * 4;
  float g[4][4] = {};
#pragma unroll 1
  for (u32 first = 0; first < d.n; first += SAMPLES) {
    if (d.type == 0) {
      stage<F32>(d.x, first, d.n, top, d.in, xs);
      stage<F32>(d.dy, first, d.n, left, d.out, dys);
    } else if (d.type == 1) {
      stage<BF16>(d.x, first, d.n, top, d.in, xs);
      stage<BF16>(d.dy, first, d.n, left, d.out, dys);
    } else {
      stage<F16>(d.x, first, d.n, top, d.in, xs);
      stage<F16>(d.dy, first, d.n, left, d.out, dys);
    }
    __syncthreads();
    u32 count = min(d.n - first, (u32)SAMPLES);
#pragma unroll 4
    for (u32 k = 0; k < count; k++) {
      float a[4], b[4];
      F32::load(&xs[k][row], a);
      F32::load(&dys[k][column], b);
#pragma unroll
      for (int r = 0; r < 4; r++) {
#pragma unroll
        for (int c = 0; c < 4; c++) g[r][c] += a[r] * b[c];
      }
    }
    __syncthreads();
  }
  if (left + column >= d.out) return;
  Moves moves(s, d.stream);
  Step<Rule> step = {rule, d.w, d.slots, rate, clip};
  bool aligned = d.out % 4 == 0;
  int count = min(d.out - left - column, 4u);
#pragma unroll 1
  for (u32 y = top + row; y < min(top + row + 4, d.in); y++) {
    u64 i = (u64)y * d.out + left + column;
    float gradient[4] = {scale * g[0][0], scale * g[0][1], scale * g[0][2], scale * g[0][3]};
    step.run(i, aligned, count, gradient, aligned ? moves.of(i) : moves.of_any(i));
#pragma unroll
    for (int c = 0; c < 4; c++) { // the next row moves up: registers have no index
      g[0][c] = g[1][c];
      g[1][c] = g[2][c];
      g[2][c] = g[3][c];
    }
  }
}

extern "C" __global__ void __launch_bounds__(BLOCK)
    rms_prop_dense(const __grid_constant__ Dense d, const __grid_constant__ Shared s, float rho,
                   float rest, float epsilon, float scale) {
  dense_update(d, s, RmsProp{rho, rest, epsilon}, scale);
}

extern "C" __global__ void __launch_bounds__(BLOCK)
    ada_belief_dense(const __grid_constant__ Dense d, const __grid_constant__ Shared s, float beta1,
                     float rest1, float beta2, float rest2, float epsilon, float scale) {
  dense_update(d, s, AdaBelief{beta1, rest1, beta2, rest2, epsilon}, scale);
}
