// Tensor-core instructions as kernels use them: tiles brought in by cp.async in two stages, ldmatrix,
// mma.sync in each shape, accumulators stored plainly.
typedef unsigned u32;
typedef unsigned short u16;

__device__ __forceinline__ u32 window(const void* p) { return (u32)__cvta_generic_to_shared(p); }
__device__ __forceinline__ void copy16(void* to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(window(to)), "l"(from), "r"(bytes));
}

// c (16, 8) = a (16, k) b^T, b is (8, k); k a multiple of 16; bits of bf16. One warp, two stages.
extern "C" __global__ void product_bf16(const u16* a, const u16* b, float* c, int k) {
  __shared__ __align__(128) u16 as[2][16][24];
  __shared__ __align__(128) u16 bs[2][8][24];
  int lane = threadIdx.x, g = lane >> 2, t = lane & 3;
  float d[4] = {};
  auto issue = [&](int stage, int k0) {
    copy16(&as[stage][lane / 2][lane % 2 * 8], a + (lane / 2) * k + k0 + lane % 2 * 8, 16);
    if (lane < 16) copy16(&bs[stage][lane / 2][lane % 2 * 8], b + (lane / 2) * k + k0 + lane % 2 * 8, 16);
    asm volatile("cp.async.commit_group;\n");
  };
  issue(0, 0);
  for (int k0 = 0, stage = 0; k0 < k; k0 += 16, stage ^= 1) {
    if (k0 + 16 < k) issue(stage ^ 1, k0 + 16);
    else asm volatile("cp.async.commit_group;\n");
    asm volatile("cp.async.wait_group 1;\n");
    __syncthreads();
    u32 x[4], y[2];
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(window(&as[stage][lane & 15][8 * (lane >> 4)])));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];\n"
                 : "=r"(y[0]), "=r"(y[1]) : "r"(window(&bs[stage][lane & 7][8 * (lane >> 3 & 1)])));
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
    __syncthreads();
  }
  for (int r = 0; r < 4; r++) c[(g + 8 * (r >> 1)) * 8 + 2 * t + (r & 1)] = d[r];
}

// The same of f16, with b stored (k, 8) and transposed by ldmatrix; k = 16; then m16n8k8 twice.
extern "C" __global__ void product_f16(const u16* a, const u16* b, float* c, float* c8, u32* c16) {
  __shared__ __align__(128) u16 as[16][16];
  __shared__ __align__(128) u16 bs[16][8];
  int lane = threadIdx.x, g = lane >> 2, t = lane & 3;
  for (int e = lane; e < 256; e += 32) as[e / 16][e % 16] = a[e];
  for (int e = lane; e < 128; e += 32) bs[e / 8][e % 8] = b[e];
  __syncthreads();
  u32 x[4], y[2];
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3]) : "r"(window(&as[lane & 15][8 * (lane >> 4)])));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];\n" : "=r"(y[0]), "=r"(y[1]) : "r"(window(&bs[lane & 15][0])));
  float d[4] = {}, e[4] = {};
  u32 h[2] = {};
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%0,%1}, {%2,%3,%4,%5}, {%6,%7}, {%0,%1};\n"
               : "+r"(h[0]), "+r"(h[1]) : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  for (int s = 0; s < 2; s++)
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};\n"
                 : "+f"(e[0]), "+f"(e[1]), "+f"(e[2]), "+f"(e[3]) : "r"(x[2 * s]), "r"(x[2 * s + 1]), "r"(y[s]));
  for (int r = 0; r < 4; r++) {
    c[(g + 8 * (r >> 1)) * 8 + 2 * t + (r & 1)] = d[r];
    c8[(g + 8 * (r >> 1)) * 8 + 2 * t + (r & 1)] = e[r];
  }
  c16[g * 4 + t] = h[0];
  c16[(g + 8) * 4 + t] = h[1];
}

// a (16, 8), b (8, 8) row-major f32, rounded to tf32 here.
extern "C" __global__ void product_tf32(const float* a, const float* b, float* c, float* c4) {
  int lane = threadIdx.x, g = lane >> 2, t = lane & 3;
  u32 x[4], y[2];
  for (int r = 0; r < 4; r++) asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(x[r]) : "f"(a[(g + 8 * (r & 1)) * 8 + t + 4 * (r >> 1)]));
  for (int r = 0; r < 2; r++) asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(y[r]) : "f"(b[(t + 4 * r) * 8 + g]));
  float d[4] = {}, e[4] = {};
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  for (int s = 0; s < 2; s++)
    asm volatile("mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};\n"
                 : "+f"(e[0]), "+f"(e[1]), "+f"(e[2]), "+f"(e[3]) : "r"(x[2 * s]), "r"(x[2 * s + 1]), "r"(y[s]));
  for (int r = 0; r < 4; r++) {
    c[(g + 8 * (r >> 1)) * 8 + 2 * t + (r & 1)] = d[r];
    c4[(g + 8 * (r >> 1)) * 8 + 2 * t + (r & 1)] = e[r];
  }
}

// Zero fill, an ignored source, and halves in pairs.
extern "C" __global__ void partial_copy(const float* x, float* y, int bytes) {
  __shared__ __align__(16) float s[32][4];
  copy16(s[threadIdx.x], bytes ? x + threadIdx.x * 4 : (const float*)1, bytes);
  asm volatile("cp.async.wait_all;\n");
  for (int k = 0; k < 4; k++) y[threadIdx.x * 4 + k] = s[threadIdx.x][k];
}
