// Elements of tensors as floats: f32, f16, bf16, and the rounding to TF32.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace softcudnn {

enum class Element { f32, f16, bf16 };

inline size_t size_of(Element element) { return element == Element::f32 ? 4 : 2; }

inline uint32_t bits(float f) {
  uint32_t b;
  std::memcpy(&b, &f, 4);
  return b;
}

inline float number(uint32_t b) {
  float f;
  std::memcpy(&f, &b, 4);
  return f;
}

inline float from_half(uint16_t h) {
  int exponent = h >> 10 & 31, mantissa = h & 1023;
  double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  if (exponent == 31) magnitude = mantissa ? std::nan("") : std::numeric_limits<double>::infinity();
  return static_cast<float>(h & 0x8000 ? -magnitude : magnitude);
}

// Ties to even, overflow to infinity, NaN to 0x7fff.
inline uint16_t to_half(float f) {
  if (std::isnan(f)) return 0x7fff;
  uint16_t sign = std::signbit(f) ? 0x8000 : 0;
  double a = std::fabs(static_cast<double>(f));
  if (a >= 65520) return sign | 0x7c00;
  int exponent;
  std::frexp(a, &exponent);
  if (a == 0 || exponent < -13) exponent = -13;  // from there on subnormal
  return sign |
         static_cast<uint16_t>((exponent + 13) * 1024 + static_cast<int>(std::nearbyint(std::ldexp(a, 11 - exponent))));
}

inline uint16_t to_bfloat(float f) {
  if (std::isnan(f)) return 0x7fff;
  uint32_t b = bits(f);
  return static_cast<uint16_t>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

// Rounds to TF32's 10 bits, ties away from zero, as tensor cores are fed.
inline float to_tf32(float f) { return std::isfinite(f) ? number((bits(f) + 0x1000) & ~0x1fffu) : f; }

inline float load(const void* data, size_t i, Element element) {
  if (element == Element::f32) return static_cast<const float*>(data)[i];
  uint16_t h = static_cast<const uint16_t*>(data)[i];
  return element == Element::f16 ? from_half(h) : number(static_cast<uint32_t>(h) << 16);
}

inline void store(void* data, size_t i, float value, Element element) {
  if (element == Element::f32) {
    static_cast<float*>(data)[i] = value;
  } else {
    static_cast<uint16_t*>(data)[i] = element == Element::f16 ? to_half(value) : to_bfloat(value);
  }
}

}  // namespace softcudnn
