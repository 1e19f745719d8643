// What the engine's tests share: a module with its memory and launches, checks, noise.
#pragma once

#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "engine.hpp"

namespace softcuda {

extern std::string folder;  // of the test PTX
extern int failures;
using Tests = std::vector<std::pair<const char*, void (*)()>>;
void add_tensor_tests(Tests& tests);
void add_fault_tests(Tests& tests);

#define CHECK(condition, ...)                                        \
  do {                                                               \
    if (!(condition)) {                                              \
      failures++;                                                    \
      printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);         \
      printf(__VA_ARGS__);                                           \
      printf("\n");                                                  \
      return;                                                        \
    }                                                                \
  } while (0)

std::string read(const std::string& path);

// A module, its memory, and launches with parameters given in order.
struct Bench {
  Memory memory;
  std::unique_ptr<Module> module;
  Settings settings;

  explicit Bench(const std::string& file) : module(load(read(folder + "/" + file).c_str(), memory)) {}

  template <class T>
  uint64_t put(const std::vector<T>& values) {
    uint64_t at = memory.allocate(values.size() * sizeof(T), 256);
    memcpy(memory.host(at, values.size() * sizeof(T)), values.data(), values.size() * sizeof(T));
    memory.mark_written(at, values.size() * sizeof(T), true);
    return at;
  }
  template <class T>
  uint64_t room(size_t n) {
    return memory.allocate(n * sizeof(T), 256);
  }
  template <class T>
  const T* get(uint64_t at, size_t n) {
    return reinterpret_cast<const T*>(memory.host(at, n * sizeof(T)));
  }
  template <class... P>
  void launch(const std::string& name, Dim3 grid, Dim3 block, size_t shared, P... parameters) {
    const Function* f = module->functions.at(name).get();
    Launch l{f, grid, block, shared, std::vector<uint8_t>(f->parameter_bytes)};
    size_t k = 0;
    auto one = [&](const void* p, size_t n) {
      if (k >= f->parameters.size() || f->parameters[k].size != n) {
        printf("%s: parameter %zu has not %zu bytes\n", name.c_str(), k, n);
        exit(1);
      }
      memcpy(l.parameters.data() + f->parameters[k++].offset, p, n);
    };
    (one(&parameters, sizeof parameters), ...);
    run(l, memory, settings);
  }
};

inline uint32_t noise(uint32_t k) {
  k = (k ^ 61) ^ (k >> 16);
  k *= 9;
  k ^= k >> 4;
  k *= 0x27d4eb2d;
  return k ^ k >> 15;
}
inline float uniform(uint32_t k) { return float(noise(k) >> 8) / float(1 << 24) - 0.5f; }

}  // namespace softcuda
