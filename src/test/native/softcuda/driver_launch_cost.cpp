// The least that a driver does for a launch, and its time without a binding: what is subtracted when bindings
// are compared.
#include <chrono>
#include <cstring>

#include "driver.hpp"
#include "softcuda.h"

namespace softcuda::front {

CUresult accept(CUfunction function, void** parameters) {
  static CUfunction known = nullptr;
  static const Function* code = nullptr;
  static uint8_t block[4096];
  if (function != known) {
    std::lock_guard guard(driver().lock);
    try {
      code = resolve<FunctionObject>(function).code;
      known = function;
    } catch (const Refusal& refusal) {
      return refused("cuLaunchKernel", refusal);
    }
  }
  for (size_t i = 0; i < code->parameters.size(); i++) {
    std::memcpy(block + code->parameters[i].offset, parameters[i], code->parameters[i].size);
  }
  asm volatile("" : : "r"(block) : "memory");  // read, though nothing looks at it
  return CUDA_SUCCESS;
}

}  // namespace softcuda::front

int64_t softcuda_time_launches(void* function, void* stream, void** parameters, int64_t times) {
  decltype(&cuLaunchKernel) volatile launch = &cuLaunchKernel;  // volatile: a call through a pointer each time
  auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < times; i++) {
    CUresult result = launch(static_cast<CUfunction>(function), 1, 1, 1, 1, 1, 1, 0, static_cast<CUstream>(stream),
                             parameters, nullptr);
    if (result != CUDA_SUCCESS) return -1;
  }
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count();
}
