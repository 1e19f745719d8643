__device__ __noinline__ double twice(double x, int k) { return k > 0 ? x * 2 : pow(x, (double)k); }
extern "C" __global__ void math_f32(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  float v = x[i];
  y[i * 8 + 0] = expf(v); y[i * 8 + 1] = cosf(v); y[i * 8 + 2] = tanhf(v); y[i * 8 + 3] = powf(fabsf(v), 1.7f);
  y[i * 8 + 4] = logf(fabsf(v)); y[i * 8 + 5] = sqrtf(fabsf(v)) / (v + 3.f); y[i * 8 + 6] = __expf(v); y[i*8+7] = rsqrtf(fabsf(v));
}
extern "C" __global__ void math_f64(const double* x, double* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  double v = x[i];
  y[i * 4 + 0] = pow(fabs(v), 0.999); y[i * 4 + 1] = twice(v, i - 3); y[i * 4 + 2] = exp(v); y[i*4+3] = 1.0 / sqrt(fabs(v) + 1e-12);
}
