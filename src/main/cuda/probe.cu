// targets: 75 80
// How fast this card multiplies when nothing else is in the way: what other kernels are measured by.
//   probe_fma_f32   16 chains of f32 multiply-add in each thread, 32 flop a round
//   probe_mma_f16   4 chains of tensor-core products of f16 with f32 sums in each warp: 16 x 8 x 16 a
//                   product from sm_80 on (bf16 runs at the same rate), 16 x 8 x 8 before
// Every thread writes one value, so that nothing is optimised away.
//
// Roofline: arithmetic alone. (On sm_90 only wgmma, which these kernels do not use, reaches the last
// third of the tensor cores' rate.)
enum { THREADS = 256, CHAINS = 16, PRODUCTS = 4 };

extern "C" __global__ void __launch_bounds__(THREADS) probe_fma_f32(float* y, int rounds) {
  float a[CHAINS];
  float factor = 1.0f - 1e-7f * threadIdx.x, term = 1e-3f * threadIdx.x;
#pragma unroll
  for (int i = 0; i < CHAINS; i++) a[i] = (float)i;
#pragma unroll 4
  for (int round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < CHAINS; i++) a[i] = fmaf(a[i], factor, term);
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < CHAINS; i++) sum += a[i];
  y[(size_t)blockIdx.x * THREADS + threadIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(THREADS) probe_mma_f16(float* y, int rounds) {
  float d[PRODUCTS][4];
  unsigned a[4], b[2];
#pragma unroll
  for (int i = 0; i < 4; i++) a[i] = 0x2e662e66u + threadIdx.x + i;  // pairs near 0.1
  b[0] = 0x2a662a66u + threadIdx.x;
  b[1] = b[0] + 1;
#pragma unroll
  for (int p = 0; p < PRODUCTS; p++) {
#pragma unroll
    for (int i = 0; i < 4; i++) d[p][i] = 0;
  }
#pragma unroll 4
  for (int round = 0; round < rounds; round++) {
#pragma unroll
    for (int p = 0; p < PRODUCTS; p++) {
#if __CUDA_ARCH__ >= 800
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
          "{%8,%9}, {%0,%1,%2,%3};"
          : "+f"(d[p][0]), "+f"(d[p][1]), "+f"(d[p][2]), "+f"(d[p][3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
      asm volatile(
          "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, "
          "{%0,%1,%2,%3};"
          : "+f"(d[p][0]), "+f"(d[p][1]), "+f"(d[p][2]), "+f"(d[p][3])
          : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#endif
    }
  }
  float sum = 0;
#pragma unroll
  for (int p = 0; p < PRODUCTS; p++) sum += (d[p][0] + d[p][1]) + (d[p][2] + d[p][3]);
  y[(size_t)blockIdx.x * THREADS + threadIdx.x] = sum;
}
