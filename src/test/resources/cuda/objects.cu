// Kernels for the tests of org.likeness.cuda; objects.ptx is made of this by NVRTC 12.4:
// --gpu-architecture=compute_75 -std=c++17

struct Line {
  int n;
  double slope;
  float offset;
};

// y (n) = a x (n)
extern "C" __global__ void scale(float* y, const float* x, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    y[i] = a * x[i];
  }
}

// y (n) = slope x + offset, the line passed by value
extern "C" __global__ void line(float* y, const float* x, Line line) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < line.n) {
    y[i] = (float)(line.slope * x[i]) + line.offset;
  }
}

// y (blockDim) = x (blockDim) backwards, through dynamic shared memory of any size
extern "C" __global__ void reverse(float* y, const float* x) {
  extern __shared__ float tile[];
  tile[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// writes where nothing is
extern "C" __global__ void stray() { *(float*)0x10 = 1; }

// no parameters, no work
extern "C" __global__ void idle() {}
