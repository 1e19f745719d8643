// What ordinary kernels do: tiles in shared memory, reductions, divergence, structs by value, local
// arrays, constants, 64-bit integers. engine_test.cpp says what each must compute.

struct Gemm {
  const float* a;  // (m, k)
  const float* b;  // (k, n)
  float* c;        // (m, n)
  int m, n, k;
  float scale[3];
};

// 64 x 64 x 16 tiles, 256 threads, 4 x 4 results each.
extern "C" __global__ void __launch_bounds__(256) gemm_f32(Gemm p) {
  __shared__ float as[16][64 + 4];
  __shared__ __align__(16) float bs[16][64];
  int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
  int row = blockIdx.y * 64, col = blockIdx.x * 64;
  float sum[4][4] = {};
  for (int k0 = 0; k0 < p.k; k0 += 16) {
    for (int e = threadIdx.x; e < 64 * 16; e += 256) {
      int r = e / 16, k = e % 16;
      as[k][r] = row + r < p.m && k0 + k < p.k ? p.a[(size_t)(row + r) * p.k + k0 + k] : 0.f;
      int kb = e / 64, c = e % 64;
      bs[kb][c] = k0 + kb < p.k && col + c < p.n ? p.b[(size_t)(k0 + kb) * p.n + col + c] : 0.f;
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < 16; k++) {
      float4 a = *(const float4*)&as[k][ty * 4], b = *(const float4*)&bs[k][tx * 4];
      float av[4] = {a.x, a.y, a.z, a.w}, bv[4] = {b.x, b.y, b.z, b.w};
#pragma unroll
      for (int i = 0; i < 4; i++)
#pragma unroll
        for (int j = 0; j < 4; j++) sum[i][j] = fmaf(av[i], bv[j], sum[i][j]);
    }
    __syncthreads();
  }
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 4; j++)
      if (row + ty * 4 + i < p.m && col + tx * 4 + j < p.n)
        p.c[(size_t)(row + ty * 4 + i) * p.n + col + tx * 4 + j] = sum[i][j] * p.scale[2];
}

// Sum of n values: per-thread sums, shuffles, shared memory.
extern "C" __global__ void sum_f32(const float* x, double* out, long long n) {
  __shared__ double part[32];
  double s = 0;
  for (long long i = threadIdx.x; i < n; i += blockDim.x) s += x[i];
  for (int d = 16; d > 0; d >>= 1) s += __shfl_down_sync(0xffffffffu, s, d);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = s;
  __syncthreads();
  if (threadIdx.x < 32) {
    s = threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0;
    for (int d = 16; d > 0; d >>= 1) s += __shfl_xor_sync(0xffffffffu, s, d);
    if (threadIdx.x == 0) *out = s;
  }
}

// Each thread iterates as often as its number says; odd ones take another way.
extern "C" __global__ void collatz_u32(const unsigned* x, unsigned* steps, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned v = x[i], count = 0;
  while (v != 1) {
    if (v & 1) v = 3 * v + 1;
    else v /= 2;
    count++;
  }
  steps[i] = count;
}

__constant__ int table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
__device__ unsigned counter = 7;

// Indices known at run time alone force the array into local memory.
extern "C" __global__ void local_i32(const int* index, int* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int a[8];
  for (int k = 0; k < 8; k++) a[(k + i) & 7] = table[k] * (i + 1);
  if (i < n) {
    out[i] = a[index[i] & 7] / (index[i] + 1) + a[3] % 5;
    atomicAdd(&counter, 2u);
  }
}

extern "C" __global__ void wide_u64(const unsigned long long* x, unsigned long long* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned long long v = x[i];
  long long s = (long long)v;
  unsigned long long r = __umul64hi(v, 0x9e3779b97f4a7c15ull) + v / 1000003 + (unsigned long long)(s % 77) + __popcll(v) + __clzll(v);
  r ^= (s >> (v & 63)) + (v << 5) + __brevll(v);
  out[i] = r + __funnelshift_l((unsigned)v, (unsigned)(v >> 32), 7) + __byte_perm((unsigned)v, 0x12345678, 0x7531);
}

// A tile in dynamic shared memory, transposed.
extern "C" __global__ void transpose_f32(const float* x, float* y, int n) {
  extern __shared__ float tile[];
  int bx = blockIdx.x * 32, by = blockIdx.y * 32;
  for (int r = threadIdx.y; r < 32; r += blockDim.y)
    if (bx + threadIdx.x < n && by + r < n) tile[r * 33 + threadIdx.x] = x[(by + r) * n + bx + threadIdx.x];
  __syncthreads();
  for (int r = threadIdx.y; r < 32; r += blockDim.y)
    if (by + threadIdx.x < n && bx + r < n) y[(bx + r) * n + by + threadIdx.x] = tile[threadIdx.x * 33 + r];
}

// Votes, matches, a ballot's count, a block-wide count.
extern "C" __global__ void votes_u32(const unsigned* x, unsigned* out) {
  unsigned v = x[threadIdx.x];
  unsigned b = __ballot_sync(0xffffffffu, v & 1);
  unsigned m = __match_any_sync(0xffffffffu, v % 3);
  int all = __all_sync(0xffffffffu, v < 1000), any = __any_sync(0xffffffffu, v == 5);
  int c = __syncthreads_count(v > 10), o = __syncthreads_or(v == 77), a = __syncthreads_and(v < 100);
  out[threadIdx.x] = __popc(b) + 100 * __popc(m) + 10000 * all + 20000 * any + 100000 * c + 40000 * o + 50000 * a;
}

// The last block to arrive adds up what the others left (an atomic ticket).
extern "C" __global__ void ticket_u32(unsigned* part, unsigned* ticket, unsigned* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    part[blockIdx.x] = blockIdx.x * 3 + 1;
    __threadfence();
    last = atomicInc(ticket, gridDim.x - 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    unsigned s = 0;
    for (unsigned b = 0; b < gridDim.x; b++) s += ((volatile unsigned*)part)[b];
    *out = s;
  }
}
