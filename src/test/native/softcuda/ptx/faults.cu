// Each kernel does one thing that it must not do. `which` chooses, so that the sound variant of the same
// code can be run as well.

// 0: sound; 1: without the barrier; 2: one store left out; 3: the store is one element off.
extern "C" __global__ void reverse_f32(const float* x, float* y, int which) {
  __shared__ float s[64];
  int t = threadIdx.x;
  if (!(which == 2 && t == 40)) s[which == 3 ? t + 1 : t] = x[t];
  if (which != 1) __syncthreads();
  y[t] = s[63 - t];
}

// Two warps: the second tile is written before all have read the first.
extern "C" __global__ void tiles_f32(const float* x, float* y, int sound) {
  __shared__ float s[64];
  int t = threadIdx.x;
  float sum = 0;
  for (int k = 0; k < 4; k++) {
    s[t] = x[k * 64 + t];
    __syncthreads();
    sum += s[(t + 17) & 63];
    if (sound) __syncthreads();
  }
  y[t] = sum;
}

// Within a warp: lanes exchange through shared memory; sound with __syncwarp.
extern "C" __global__ void warp_f32(const float* x, float* y, int sound) {
  __shared__ float s[32];
  int t = threadIdx.x;
  s[t] = x[t];
  if (sound) __syncwarp();
  y[t] = s[t ^ 1];
}

extern "C" __global__ void read_f32(const float* x, float* y, int at) { y[threadIdx.x] = x[threadIdx.x + at]; }
extern "C" __global__ void write_f32(float* y, int at) { y[threadIdx.x + at] = 1; }
extern "C" __global__ void vector_f32(const float* x, float4* y, int at) { y[threadIdx.x] = *(const float4*)(x + 4 * threadIdx.x + at); }
extern "C" __global__ void divide_s32(const int* x, int* y) { y[threadIdx.x] = 100 / x[threadIdx.x]; }
extern "C" __global__ void trap_if(const int* x, int* y) {
  if (x[threadIdx.x] == 3) __trap();
  y[threadIdx.x] = 1;
}

// Half of each warp waits at a barrier that the others pass by.
extern "C" __global__ void divergent_f32(float* y, int sound) {
  if (sound || threadIdx.x % 2) __syncthreads();
  y[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] += y[threadIdx.x ^ 1];
}
// One warp waits at one barrier, the other at another one.
extern "C" __global__ void two_barriers_f32(float* y) {
  if (threadIdx.x < 32) {
    y[threadIdx.x] = 1;
    __syncthreads();
    y[threadIdx.x] += y[threadIdx.x + 32];
  } else {
    y[threadIdx.x] = 2;
    __syncthreads();
    y[threadIdx.x] *= y[threadIdx.x - 32];
  }
}
// A shuffle whose partner has gone elsewhere.
extern "C" __global__ void lonely_shuffle(const int* x, int* y) {
  int v = x[threadIdx.x];
  if (threadIdx.x < 16) v += __shfl_xor_sync(0xffffffffu, v, 1);
  else v -= __shfl_xor_sync(0xffffffffu, v, 2) * 3;
  y[threadIdx.x] = v;
}

// Read through the read-only path what the launch itself writes.
extern "C" __global__ void readonly_f32(float* x, float* y) {
  x[threadIdx.x] = 2;
  __syncthreads();
  float v;
  asm volatile("ld.global.nc.f32 %0, [%1];\n" : "=f"(v) : "l"(x + threadIdx.x));
  y[threadIdx.x] = v;
}

extern "C" __global__ void local_f32(float* y, int n, int from) {
  float a[16];
  for (int k = 0; k < n; k++) a[k] = k;
  y[threadIdx.x] = a[from + threadIdx.x];
}

// 0: sound; 1: read before the wait; 2: never waited for; 3: the next copy is issued before all have read.
extern "C" __global__ void async_f32(const float* x, float* y, int which) {
  __shared__ __align__(16) float s[64];
  int t = threadIdx.x;
  float sum = 0;
  for (int k = 0; k < 2; k++) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;\n" ::"r"((unsigned)__cvta_generic_to_shared(s + t)), "l"(x + 64 * k + t));
    asm volatile("cp.async.commit_group;\n");
    if (which == 2) continue;
    if (which != 1) asm volatile("cp.async.wait_group 0;\n");
    __syncthreads();
    sum += s[63 - t];
    if (which != 3) __syncthreads();
  }
  y[t] = sum;
}

extern "C" __global__ void flush_f32(float* x, float v) {
  __shared__ float s;
  if (threadIdx.x == 0) s = 0;
  __syncthreads();
  atomicAdd(x, v);
  atomicAdd(&s, v);
  __syncthreads();
  if (threadIdx.x == 0) x[1] = s;
}
