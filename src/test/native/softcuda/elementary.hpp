// 2^x and log2 x of f32 by polynomials in f64: well within half an ulp and a bit, and they vectorise.
#pragma once

#include <cmath>
#include <cstdint>

#include "lanes.hpp"

namespace softcuda {

inline float exp2_f32(float x) {
  double clamped = x > -160 ? (x < 130 ? double(x) : 130.0) : -160.0;
  double whole = std::floor(clamped + 0.5), f = (clamped - whole) * 0.6931471805599453;
  double p = 1.0 / 40320;  // exp(f), |f| <= 0.35: the next term is below 1e-9
  p = std::fma(p, f, 1.0 / 5040);
  p = std::fma(p, f, 1.0 / 720);
  p = std::fma(p, f, 1.0 / 120);
  p = std::fma(p, f, 1.0 / 24);
  p = std::fma(p, f, 1.0 / 6);
  p = std::fma(p, f, 0.5);
  p = std::fma(p, f, 1.0);
  p = std::fma(p, f, 1.0);
  double scaled = p * bits_of<double>(uint64_t(int64_t(whole) + 1023) << 52);
  return x != x ? x : float(scaled);
}

inline float log2_f32(float x) {
  bool tiny = x < 1.17549435e-38f;
  float scaled = tiny ? x * 16777216.0f : x;
  uint32_t bits = bits_of<uint32_t>(scaled);
  // m in [sqrt 1/2, sqrt 2): the exponent is counted from there.
  int32_t exponent = int32_t(bits - 0x3f3504f3) >> 23;
  double m = double(bits_of<float>(bits - (uint32_t(exponent) << 23)));
  double t = (m - 1) / (m + 1), u = t * t;
  double p = 1.0 / 13;  // atanh t = t (1 + u/3 + u^2/5 ...), |t| <= 0.172
  p = std::fma(p, u, 1.0 / 11);
  p = std::fma(p, u, 1.0 / 9);
  p = std::fma(p, u, 1.0 / 7);
  p = std::fma(p, u, 1.0 / 5);
  p = std::fma(p, u, 1.0 / 3);
  p = std::fma(p, u, 1.0);
  double r = double(exponent - (tiny ? 24 : 0)) + 2.8853900817779268 * t * p;
  float result = x > 3.4028235e38f ? x : float(r);
  result = x == 0 ? -INFINITY : result;
  return x < 0 || x != x ? NAN : result;
}

}  // namespace softcuda
