// Tests of the engine alone: small kernels, compiled to ptx/ from the .cu files beside them, against
// plain C++. Usage: engine_test <folder of test PTX> [<folder of kernels that must load>]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine_test.hpp"

namespace softcuda {

std::string folder;
int failures = 0;

std::string read(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    printf("cannot read %s\n", path.c_str());
    exit(1);
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

namespace {

struct Gemm {
  uint64_t a, b, c;
  int m, n, k;
  float scale[3];
};

// An f32 product is bit for bit a chain of fmaf in the order of k.
void gemm_is_exact(int m, int n, int k) {
  Bench t("basics.ptx");
  std::vector<float> a(size_t(m) * k), b(size_t(k) * n);
  for (size_t e = 0; e < a.size(); e++) a[e] = uniform(uint32_t(e));
  for (size_t e = 0; e < b.size(); e++) b[e] = uniform(uint32_t(e + 777777));
  Gemm p{t.put(a), t.put(b), t.room<float>(size_t(m) * n), m, n, k, {1, 2, 0.5f}};
  t.launch("gemm_f32", {uint32_t(n + 63) / 64, uint32_t(m + 63) / 64, 1}, {256, 1, 1}, 0, p);
  const float* c = t.get<float>(p.c, size_t(m) * n);
  CHECK(t.memory.first_unwritten(p.c, size_t(m) * n * 4) == -1, "unwritten");
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      float s = 0;
      for (int q = 0; q < k; q++) s = std::fma(a[size_t(i) * k + q], b[size_t(q) * n + j], s);
      CHECK(c[size_t(i) * n + j] == s * 0.5f, "(%d,%d) is %g, wanted %g", i, j, c[size_t(i) * n + j], s * 0.5f);
    }
  }
}

void sum_is_exact() {
  for (int n : {1, 31, 1000, 5001}) {
    Bench t("basics.ptx");
    std::vector<float> x(static_cast<size_t>(n));
    double want = 0;
    for (int k = 0; k < n; k++) want += x[size_t(k)] = float(noise(uint32_t(k)) % 1000);
    uint64_t out = t.room<double>(1);
    t.launch("sum_f32", {1, 1, 1}, {256, 1, 1}, 0, t.put(x), out, (long long)n);
    CHECK(*t.get<double>(out, 1) == want, "%g, wanted %g", *t.get<double>(out, 1), want);
  }
}

void diverging_loops_meet_again() {
  Bench t("basics.ptx");
  int n = 300;
  std::vector<uint32_t> x(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) x[size_t(k)] = 1 + noise(uint32_t(k)) % 500;
  uint64_t out = t.room<uint32_t>(size_t(n));
  t.launch("collatz_u32", {3, 1, 1}, {128, 1, 1}, 0, t.put(x), out, n);
  for (int k = 0; k < n; k++) {
    uint32_t v = x[size_t(k)], want = 0;
    for (; v != 1; want++) v = v & 1 ? 3 * v + 1 : v / 2;
    CHECK(t.get<uint32_t>(out, size_t(n))[k] == want, "%d: %u, wanted %u", k, t.get<uint32_t>(out, size_t(n))[k], want);
  }
}

void local_arrays_constants_and_globals() {
  Bench t("basics.ptx");
  int n = 70, table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
  std::vector<int> index(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) index[size_t(k)] = k * 5 % 13;
  uint64_t out = t.room<int>(size_t(n));
  t.launch("local_i32", {3, 1, 1}, {32, 1, 1}, 0, t.put(index), out, n);
  for (int i = 0; i < n; i++) {
    int a[8];
    for (int k = 0; k < 8; k++) a[(k + i) & 7] = table[k] * (i + 1);
    int want = a[index[size_t(i)] & 7] / (index[size_t(i)] + 1) + a[3] % 5;
    CHECK(t.get<int>(out, size_t(n))[i] == want, "%d: %d, wanted %d", i, t.get<int>(out, size_t(n))[i], want);
  }
  uint32_t counter = *t.get<uint32_t>(t.module->globals.at("counter").first, 1);
  CHECK(counter == 7u + 2u * uint32_t(n), "counter %u", counter);
}

void wide_integers() {
  Bench t("basics.ptx");
  int n = 200;
  std::vector<uint64_t> x(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) x[size_t(k)] = (uint64_t(noise(uint32_t(2 * k))) << 32 | noise(uint32_t(2 * k + 1))) >> (k % 60);
  uint64_t out = t.room<uint64_t>(size_t(n));
  t.launch("wide_u64", {7, 1, 1}, {32, 1, 1}, 0, t.put(x), out, n);
  for (int k = 0; k < n; k++) {
    uint64_t v = x[size_t(k)], reversed = 0;
    int64_t s = int64_t(v);
    for (int b = 0; b < 64; b++) reversed |= (v >> b & 1) << (63 - b);
    uint64_t r = uint64_t((unsigned __int128)v * 0x9e3779b97f4a7c15u >> 64) + v / 1000003 + uint64_t(s % 77) +
                 uint64_t(__builtin_popcountll(v)) + uint64_t(v == 0 ? 64 : __builtin_clzll(v));
    r ^= uint64_t(s >> (v & 63)) + (v << 5) + reversed;
    r += uint32_t(v << 7 >> 32);
    uint64_t both = v << 32 >> 32 | 0x12345678ull << 32;
    r += (both >> 8 & 255) | (both >> 24 & 255) << 8 | (both >> 40 & 255) << 16 | (both >> 56 & 255) << 24;
    CHECK(t.get<uint64_t>(out, size_t(n))[k] == r, "%d: %llx", k, (unsigned long long)v);
  }
}

void dynamic_shared_memory() {
  Bench t("basics.ptx");
  int n = 70;
  std::vector<float> x(size_t(n) * n);
  for (size_t e = 0; e < x.size(); e++) x[e] = float(e);
  uint64_t y = t.room<float>(x.size());
  t.launch("transpose_f32", {3, 3, 1}, {32, 8, 1}, 33 * 32 * 4, t.put(x), y, n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) CHECK(t.get<float>(y, x.size())[i * n + j] == float(j * n + i), "(%d,%d)", i, j);
}

void votes() {
  Bench t("basics.ptx");
  std::vector<uint32_t> x(64);
  for (uint32_t k = 0; k < 64; k++) x[k] = k * 7 % 90;
  uint64_t out = t.room<uint32_t>(64);
  t.launch("votes_u32", {1, 1, 1}, {64, 1, 1}, 0, t.put(x), out);
  for (uint32_t k = 0; k < 64; k++) {
    uint32_t odd = 0, same = 0, five = 0, above = 0, found = 0;
    for (uint32_t l = k / 32 * 32; l < k / 32 * 32 + 32; l++) odd += x[l] & 1, same += x[l] % 3 == x[k] % 3, five |= x[l] == 5;
    for (uint32_t l = 0; l < 64; l++) above += x[l] > 10, found |= x[l] == 77;
    uint32_t want = odd + 100 * same + 10000 + 20000 * five + 100000 * above + 40000 * found + 50000;
    CHECK(t.get<uint32_t>(out, 64)[k] == want, "%u: %u, wanted %u", k, t.get<uint32_t>(out, 64)[k], want);
  }
}

void last_block_sums() {
  Bench t("basics.ptx");
  uint64_t part = t.room<uint32_t>(50), out = t.room<uint32_t>(1), ticket = t.put(std::vector<uint32_t>{0});
  t.launch("ticket_u32", {50, 1, 1}, {64, 1, 1}, 0, part, ticket, out);
  CHECK(*t.get<uint32_t>(out, 1) == 3 * 49 * 25 + 50, "%u", *t.get<uint32_t>(out, 1));
}

// NVRTC's math library is sequences of PTX; the host's is right to an ulp or two.
void math_library() {
  Bench t("math.ptx");
  int n = 400;
  std::vector<float> x(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) x[size_t(k)] = uniform(uint32_t(k)) * (k % 7 == 0 ? 3e5f : 20.0f);
  uint64_t out = t.room<float>(size_t(n) * 8);
  t.launch("math_f32", {4, 1, 1}, {128, 1, 1}, 0, t.put(x), out, n);
  for (int k = 0; k < n; k++) {
    double v = double(x[size_t(k)]);
    double want[8] = {std::exp(v), std::cos(v), std::tanh(v), std::pow(std::fabs(v), double(1.7f)), std::log(std::fabs(v)),
                      std::sqrt(std::fabs(v)) / (v + 3), std::exp(v), 1 / std::sqrt(std::fabs(v))};
    double bound[8] = {3e-7, 3e-7, 3e-7, 1e-6, 3e-7, 3e-6, 1e-5 * (1 + std::fabs(v)), 3e-7};
    for (int f = 0; f < 8; f++) {
      double got = double(t.get<float>(out, size_t(n) * 8)[k * 8 + f]);
      double scale = f == 1 || f == 4 ? std::max(std::fabs(want[f]), 0.3) : std::fabs(want[f]);
      bool overflow = std::fabs(want[f]) > 3e38 && std::isinf(got);
      CHECK(overflow || std::fabs(got - want[f]) <= bound[f] * scale + 1e-37, "function %d of %.9g: %.9g, wanted %.9g", f, v, got, want[f]);
    }
  }
}

// Shifted by the promised bound, approximations differ, and by little.
void perturbed_approximations() {
  Bench plain("math.ptx"), shifted("math.ptx");
  shifted.settings.perturb = 1;
  int n = 64, differ = 0;
  std::vector<float> x(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) x[size_t(k)] = uniform(uint32_t(k)) * 4;
  uint64_t a = plain.room<float>(512), b = shifted.room<float>(512);
  plain.launch("math_f32", {1, 1, 1}, {64, 1, 1}, 0, plain.put(x), a, n);
  shifted.launch("math_f32", {1, 1, 1}, {64, 1, 1}, 0, shifted.put(x), b, n);
  for (int k = 0; k < 512; k++) {
    float p = plain.get<float>(a, 512)[k], s = shifted.get<float>(b, 512)[k];
    differ += p != s;
    CHECK(std::fabs(p - s) <= 2e-6f * std::fabs(p) + 1e-6f, "%d: %.9g and %.9g", k, double(p), double(s));
  }
  CHECK(differ > 100, "%d differ", differ);
}

void math_library_f64() {
  Bench t("math.ptx");
  int n = 100;
  std::vector<double> x(static_cast<size_t>(n));
  for (int k = 0; k < n; k++) x[size_t(k)] = double(uniform(uint32_t(k))) * 9;
  uint64_t out = t.room<double>(size_t(n) * 4);
  t.launch("math_f64", {1, 1, 1}, {128, 1, 1}, 0, t.put(x), out, n);
  for (int k = 0; k < n; k++) {
    double v = x[size_t(k)];
    double want[4] = {std::pow(std::fabs(v), 0.999), k > 3 ? v * 2 : std::pow(v, k - 3), std::exp(v), 1 / std::sqrt(std::fabs(v) + 1e-12)};
    for (int f = 0; f < 4; f++) {
      double got = t.get<double>(out, size_t(n) * 4)[k * 4 + f];
      CHECK(std::fabs(got - want[f]) <= 1e-15 * 2 * std::fabs(want[f]), "function %d of %.17g: %.17g, wanted %.17g", f, v, got, want[f]);
    }
  }
}

void all_load(const std::string& kernels) {
  for (const auto& entry : std::filesystem::directory_iterator(kernels)) {
    if (entry.path().extension() != ".ptx") continue;
    Memory memory;
    auto start = std::chrono::steady_clock::now();
    try {
      std::string text = read(entry.path().string());
      auto module = load(text.c_str(), memory);
      double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      printf("%s: %zu KB, %zu entries, %.1f ms\n", entry.path().filename().c_str(), text.size() / 1000, module->functions.size(), ms);
    } catch (const PtxError& error) {
      failures++;
      printf("%s: %s\n", entry.path().filename().c_str(), error.message.c_str());
    }
  }
}

}  // namespace
}  // namespace softcuda

using namespace softcuda;

int main(int count, char** arguments) {
  if (count < 2) {
    printf("usage: engine_test <folder of test PTX> [<folder of kernels>]\n");
    return 2;
  }
  folder = arguments[1];
  Tests tests = {
      {"gemm 64", [] { gemm_is_exact(64, 64, 64); }},
      {"gemm awkward", [] { gemm_is_exact(100, 37, 29); }},
      {"sum", sum_is_exact},
      {"divergence", diverging_loops_meet_again},
      {"local memory", local_arrays_constants_and_globals},
      {"64-bit integers", wide_integers},
      {"dynamic shared memory", dynamic_shared_memory},
      {"votes", votes},
      {"last block", last_block_sums},
      {"math library", math_library},
      {"perturbed approximations", perturbed_approximations},
      {"math library f64", math_library_f64},
  };
  add_tensor_tests(tests);
  add_fault_tests(tests);
  for (const auto& test : tests) {
    int before = failures;
    try {
      test.second();
    } catch (const Fault& fault) {
      failures++;
      printf("fault %d: %s\n", fault.code, fault.message.c_str());
    } catch (const PtxError& error) {
      failures++;
      printf("PTX error %d: %s\n", error.code, error.message.c_str());
    }
    printf("%s: %s\n", failures == before ? "ok" : "FAILED", test.first);
  }
  if (count > 2) all_load(arguments[2]);
  return failures == 0 ? 0 : 1;
}
