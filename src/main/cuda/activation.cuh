// Activations and their derivatives in f32 (spec model.md 2.2). The derivative of leakyRelu and of the
// sigmoid is taken from the output, that of x cos x from the input.
//
// cos and sin are our own because the compiler's keep a table in local memory. Below 65536 the
// argument is reduced by multiples of pi/2 in three f32 parts, each exact in an fma, and a Taylor
// polynomial follows: absolute error below 1e-7. From there on the reduction is in f64, good to the
// same error below 2^50; beyond, f32 neighbours lie many periods apart and the result is only bounded.
#pragma once

__device__ __forceinline__ float leaky_relu(float x, float slope) { return x > 0 ? x : slope * x; }

__device__ __forceinline__ float leaky_relu_slope(float y, float slope) { return y > 0 ? 1 : slope; }

__device__ __forceinline__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

__device__ __forceinline__ float sigmoid_slope(float y) { return y * (1 - y); }

// r in [-pi/4, pi/4] (a little more is harmless) and the quadrant, with x = r + quadrant pi/2.
__device__ __forceinline__ float reduce_angle(float x, int& quadrant) {
  if (!(fabsf(x) < 65536.0f)) {
    double q = rint((double)x * 0.63661977236758134);
    double r = fma(-q, 1.5707963267948966, (double)x);
    r = fma(-q, 6.123233995736766e-17, r);
    quadrant = (int)((long long)q & 3);
    return r > 0.8 ? 0.8f : r < -0.8 ? -0.8f : (float)r;
  }
  float q = rintf(x * 0.636619772f);
  float r = fmaf(-q, __int_as_float(0x3fc90fdb), x);
  r = fmaf(-q, __int_as_float(0xb33bbd2e), r);
  r = fmaf(-q, __int_as_float(0xa6f72ced), r);
  quadrant = (int)q & 3;
  return r;
}

__device__ __forceinline__ float sin_near_zero(float r) {
  float s = r * r;
  float p = fmaf(s, 2.75573192e-6f, -1.98412698e-4f);
  p = fmaf(s, p, 8.33333333e-3f);
  p = fmaf(s, p, -1.66666667e-1f);
  return fmaf(r * s, p, r);
}

__device__ __forceinline__ float cos_near_zero(float r) {
  float s = r * r;
  float p = fmaf(s, -2.75573192e-7f, 2.48015873e-5f);
  p = fmaf(s, p, -1.38888889e-3f);
  p = fmaf(s, p, 4.16666667e-2f);
  p = fmaf(s, p, -0.5f);
  return fmaf(s, p, 1);
}

// cos and sin from the quadrant: cos r, -sin r, -cos r, sin r and sin r, cos r, -sin r, -cos r.
__device__ __forceinline__ void sin_cos(float x, float& s, float& c) {
  int quadrant;
  float r = reduce_angle(x, quadrant);
  float a = sin_near_zero(r);
  float b = cos_near_zero(r);
  s = quadrant & 1 ? b : a;
  c = quadrant & 1 ? a : b;
  s = quadrant & 2 ? -s : s;
  c = (quadrant + 1) & 2 ? -c : c;
}

__device__ __forceinline__ float x_cos_x(float x) {
  float s, c;
  sin_cos(x, s, c);
  return x * c;
}

__device__ __forceinline__ float x_cos_x_slope(float x) {
  float s, c;
  sin_cos(x, s, c);
  return c - x * s;
}
