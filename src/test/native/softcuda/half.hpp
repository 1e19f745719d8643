// f16 and bf16 as bits in integers; conversions that vectorise.
#pragma once

#include <cmath>
#include <cstdint>

#include "lanes.hpp"

namespace softcuda {

inline float half_to_float(uint32_t h) {
  uint32_t magnitude = (h & 0x7fff) << 13;
  // 2^112 moves f16's exponent range to f32's, subnormals included.
  uint32_t bits = bits_of<uint32_t>(bits_of<float>(magnitude) * bits_of<float>(uint32_t(0x77800000)));
  bits = (h & 0x7c00) == 0x7c00 ? magnitude | 0x7f800000 : bits;
  return bits_of<float>(bits | (h & 0x8000) << 16);
}

// Ties to even, overflow to infinity, NaN to 0x7fff.
inline uint32_t float_to_half(float f) {
  uint32_t bits = bits_of<uint32_t>(f), sign = bits >> 16 & 0x8000, a = bits & 0x7fffffff;
  uint32_t normal = (a - 0x38000000 + 0xfff + (a >> 13 & 1)) >> 13;
  // Adding 1/2 puts the last place of f16's subnormals at the last place of the sum.
  uint32_t small = bits_of<uint32_t>(bits_of<float>(a) + 0.5f) - 0x3f000000;
  uint32_t r = a < 0x38800000 ? small : normal;
  r = a >= 0x477ff000 ? 0x7c00 : r;
  r = sign | r;
  return a > 0x7f800000 ? 0x7fff : r;
}

inline float bfloat_to_float(uint32_t b) { return bits_of<float>(b << 16); }

inline uint32_t float_to_bfloat(float f) {
  uint32_t bits = bits_of<uint32_t>(f);
  uint32_t r = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fff : r;
}

// Round to odd: a second rounding to fewer bits then gives what one rounding would.
inline float round_to_odd(double x) {
  float f = float(x);
  uint32_t bits = bits_of<uint32_t>(f);
  if (!std::isfinite(f) || double(f) == x || (bits & 1)) return f;
  bool away = std::fabs(double(f)) > std::fabs(x);
  return bits_of<float>(away ? bits - 1 : bits + 1);
}

}  // namespace softcuda
