// Tensor-core instructions and cp.async against plain sums of the same rounded inputs.
#include <cmath>

#include "engine_test.hpp"
#include "half.hpp"

namespace softcuda {
namespace {

std::vector<uint16_t> halves(size_t n, uint32_t seed, bool bfloat) {
  std::vector<uint16_t> v(n);
  for (size_t k = 0; k < n; k++) v[k] = uint16_t(bfloat ? float_to_bfloat(uniform(uint32_t(k) + seed)) : float_to_half(uniform(uint32_t(k) + seed)));
  return v;
}

// model 0: one rounding per mma; else truncations, within the bound of spec softcuda.md 5.
void bf16_product(int model) {
  for (int k : {16, 32, 160}) {
    Bench t("tensor.ptx");
    t.settings.mma = model;
    auto a = halves(size_t(16 * k), 1, true), b = halves(size_t(8 * k), 5000, true);
    uint64_t c = t.room<float>(128);
    t.launch("product_bf16", {1, 1, 1}, {32, 1, 1}, 0, t.put(a), t.put(b), c, k);
    for (int m = 0; m < 16; m++) {
      for (int n = 0; n < 8; n++) {
        float chain = 0;
        double exact = 0, largest = 0;
        for (int q = 0; q < k; q += 16) {
          double s = double(chain);
          for (int e = q; e < q + 16; e++) s += double(bfloat_to_float(a[size_t(m * k + e)])) * double(bfloat_to_float(b[size_t(n * k + e)]));
          for (int e = q; e < q + 16; e++) exact += double(bfloat_to_float(a[size_t(m * k + e)])) * double(bfloat_to_float(b[size_t(n * k + e)])), largest = std::max(largest, std::fabs(exact));
          chain = float(s);
        }
        float got = t.get<float>(c, 128)[m * 8 + n];
        if (model == 0) CHECK(got == chain, "k %d, (%d,%d): %.9g, wanted %.9g", k, m, n, double(got), double(chain));
        double bound = std::ldexp(1, -22) * (k / 16 + 2) * largest;
        CHECK(std::fabs(double(got) - exact) <= bound, "k %d, (%d,%d): %.9g, wanted %.9g +- %g", k, m, n, double(got), exact, bound);
      }
    }
  }
}

void f16_products() {
  Bench t("tensor.ptx");
  auto a = halves(256, 9, false), b = halves(128, 600, false);
  uint64_t c = t.room<float>(128), c8 = t.room<float>(128), c16 = t.room<uint32_t>(64);
  t.launch("product_f16", {1, 1, 1}, {32, 1, 1}, 0, t.put(a), t.put(b), c, c8, c16);
  for (int m = 0; m < 16; m++) {
    for (int n = 0; n < 8; n++) {
      double s = 0, first = 0;
      for (int k = 0; k < 16; k++) {
        s += double(half_to_float(a[size_t(m * 16 + k)])) * double(half_to_float(b[size_t(k * 8 + n)]));
        if (k == 7) first = double(float(s));
      }
      double two = first;
      for (int k = 8; k < 16; k++) two += double(half_to_float(a[size_t(m * 16 + k)])) * double(half_to_float(b[size_t(k * 8 + n)]));
      CHECK(t.get<float>(c, 128)[m * 8 + n] == float(s), "(%d,%d)", m, n);
      CHECK(t.get<float>(c8, 128)[m * 8 + n] == float(two), "(%d,%d) in two", m, n);
      uint32_t half = t.get<uint32_t>(c16, 64)[m * 4 + n / 2] >> (16 * (n & 1)) & 0xffff;
      CHECK(half == float_to_half(round_to_odd(s)), "(%d,%d) in f16: %x", m, n, half);
    }
  }
}

void tf32_products() {
  Bench t("tensor.ptx");
  std::vector<float> a(128), b(64);
  for (uint32_t k = 0; k < 128; k++) a[k] = uniform(k);
  for (uint32_t k = 0; k < 64; k++) b[k] = uniform(k + 999);
  uint64_t c = t.room<float>(128), c4 = t.room<float>(128);
  t.launch("product_tf32", {1, 1, 1}, {32, 1, 1}, 0, t.put(a), t.put(b), c, c4);
  auto rounded = [](float x) { return double(bits_of<float>((bits_of<uint32_t>(x) + 0x1000) & 0xffffe000)); };
  for (int m = 0; m < 16; m++) {
    for (int n = 0; n < 8; n++) {
      double s = 0, two = 0;
      for (int k = 0; k < 8; k++) s += rounded(a[size_t(m * 8 + k)]) * rounded(b[size_t(k * 8 + n)]);
      for (int k = 0; k < 4; k++) two += rounded(a[size_t(m * 8 + k)]) * rounded(b[size_t(k * 8 + n)]);
      two = double(float(two));
      for (int k = 4; k < 8; k++) two += rounded(a[size_t(m * 8 + k)]) * rounded(b[size_t(k * 8 + n)]);
      CHECK(t.get<float>(c, 128)[m * 8 + n] == float(s), "(%d,%d)", m, n);
      CHECK(t.get<float>(c4, 128)[m * 8 + n] == float(two), "(%d,%d) in two", m, n);
    }
  }
}

void partial_copies() {
  for (int bytes : {0, 4, 12, 16}) {
    Bench t("tensor.ptx");
    std::vector<float> x(128);
    for (uint32_t k = 0; k < 128; k++) x[k] = uniform(k);
    uint64_t y = t.room<float>(128);
    t.launch("partial_copy", {1, 1, 1}, {32, 1, 1}, 0, t.put(x), y, bytes);
    for (int k = 0; k < 128; k++) CHECK(t.get<float>(y, 128)[k] == (k % 4 < bytes / 4 ? x[size_t(k)] : 0), "%d of %d bytes", k, bytes);
  }
}

// Every f16 and many f32: conversions there and back, ties and subnormals included.
void half_conversions() {
  for (uint32_t h = 0; h < 0x10000; h++) {
    float f = half_to_float(h);
    bool nan = (h & 0x7fff) > 0x7c00;
    CHECK(nan ? f != f : float_to_half(f) == h, "%x", h);
    if (nan || (h & 0x7fff) >= 0x7bff) continue;
    float next = half_to_float(h + 1), middle = (f + next) / 2;
    CHECK(float_to_half(middle) == (h & 1 ? h + 1 : h), "tie above %x", h);
    CHECK(float_to_half(std::nextafter(middle, next)) == h + 1, "above the tie of %x", h);
  }
  CHECK(float_to_half(65519.f) == 0x7bff && float_to_half(65520.f) == 0x7c00, "overflow");
}

}  // namespace

void add_tensor_tests(Tests& tests) {
  tests.push_back({"bf16 mma, ldmatrix, cp.async", [] { bf16_product(0); }});
  tests.push_back({"bf16 mma as sm_80 truncates", [] { bf16_product(80); }});
  tests.push_back({"bf16 mma as sm_90 truncates", [] { bf16_product(90); }});
  tests.push_back({"f16 mma", f16_products});
  tests.push_back({"tf32 mma", tf32_products});
  tests.push_back({"partial cp.async", partial_copies});
  tests.push_back({"f16 conversions", half_conversions});
}

}  // namespace softcuda
