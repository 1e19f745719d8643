// The driver's state: settings, handles, counting of calls and failures on demand; and the calls that
// stand before any context.
#include "driver.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

namespace softcuda::front {

// What clients that do not read cuda.h must lay out by hand (spec softcuda.md 6).
static_assert(sizeof(CUdevice) == 4 && sizeof(CUdeviceptr) == 8 && sizeof(CUstream) == 8);
static_assert(sizeof(CUlaunchConfig) == 56 && offsetof(CUlaunchConfig, blockDimX) == 12);
static_assert(offsetof(CUlaunchConfig, sharedMemBytes) == 24 && offsetof(CUlaunchConfig, hStream) == 32);
static_assert(offsetof(CUlaunchConfig, attrs) == 40 && offsetof(CUlaunchConfig, numAttrs) == 48);
static_assert(sizeof(CUlaunchAttribute) == 72 && offsetof(CUlaunchAttribute, value) == 8);
static_assert(sizeof(CUlaunchAttributeValue) == 64);
static_assert(sizeof(CUDA_KERNEL_NODE_PARAMS) == 72 && offsetof(CUDA_KERNEL_NODE_PARAMS, gridDimX) == 8);
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS, sharedMemBytes) == 32);
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS, kernelParams) == 40);
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS, extra) == 48 && offsetof(CUDA_KERNEL_NODE_PARAMS, kern) == 56);
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS, ctx) == 64);
static_assert(sizeof(CUDA_GRAPH_INSTANTIATE_PARAMS) == 32);
static_assert(offsetof(CUDA_GRAPH_INSTANTIATE_PARAMS, hUploadStream) == 8);
static_assert(offsetof(CUDA_GRAPH_INSTANTIATE_PARAMS, hErrNode_out) == 16);
static_assert(offsetof(CUDA_GRAPH_INSTANTIATE_PARAMS, result_out) == 24);
static_assert(sizeof(CUgraphExecUpdateResultInfo) == 24);
static_assert(sizeof(CUmemAllocationProp) == 32 && offsetof(CUmemAllocationProp, requestedHandleTypes) == 4);
static_assert(offsetof(CUmemAllocationProp, location) == 8 && sizeof(CUmemLocation) == 8);
static_assert(offsetof(CUmemAllocationProp, win32HandleMetaData) == 16);
static_assert(offsetof(CUmemAllocationProp, allocFlags) == 24);
static_assert(sizeof(CUmemAccessDesc) == 12 && offsetof(CUmemAccessDesc, flags) == 8);
static_assert(sizeof(CUuuid) == 16 && sizeof(CUmemPoolProps) == 88 && sizeof(CUtensorMap) == 128);
static_assert(sizeof(CUDA_MEMCPY2D) == 128 && sizeof(CUDA_MEMCPY3D) == 200);

namespace {

thread_local std::vector<uint64_t> context_stack;

std::map<std::string, int64_t>& counters() {
  static std::map<std::string, int64_t> all;
  return all;
}

// "2GiB", "512MiB" or plain bytes.
size_t bytes_of(const std::string& key, const std::string& value) {
  char* end = nullptr;
  unsigned long long number = std::strtoull(value.c_str(), &end, 10);
  std::string unit = end;
  int shift = unit.empty() ? 0 : unit == "KiB" ? 10 : unit == "MiB" ? 20 : unit == "GiB" ? 30 : -1;
  if (shift < 0 || end == value.c_str()) {
    refuse(CUDA_ERROR_INVALID_VALUE, key + "=" + value + " is no number of bytes, KiB, MiB or GiB");
  }
  return static_cast<size_t>(number) << shift;
}

double number_of(const std::string& key, const std::string& value) {
  char* end = nullptr;
  double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end) refuse(CUDA_ERROR_INVALID_VALUE, key + "=" + value + " is no number");
  return number;
}

Checks checks_of(const std::string& value) {
  Checks checks{false, false, false};
  std::stringstream words(value);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == "memory") {
      checks.memory = true;
    } else if (word == "init") {
      checks.initialised = true;
    } else if (word == "race") {
      checks.races = true;
    } else if (word != "none") {
      refuse(CUDA_ERROR_INVALID_VALUE, "checks=" + value + " names other things than memory, init, race, none");
    }
  }
  return checks;
}

void set(Options& options, const std::string& key, const std::string& value) {
  const auto number = [&] { return number_of(key, value); };
  if (key == "devices") {
    options.devices = number();
  } else if (key == "cc") {
    options.cc = number();
  } else if (key == "name") {
    options.name = value;
  } else if (key == "memory") {
    options.memory = bytes_of(key, value);
  } else if (key == "used") {
    options.used = bytes_of(key, value);
  } else if (key == "driver") {
    options.driver = number();
  } else if (key == "init") {
    options.init = number();
  } else if (key == "checks") {
    options.engine.checks = checks_of(value);
  } else if (key == "seed") {
    options.engine.seed = static_cast<uint64_t>(number());
  } else if (key == "threads") {
    options.engine.threads = number();
  } else if (key == "eager") {
    options.eager = number() != 0;
  } else if (key == "mma") {
    options.engine.mma = number();
  } else if (key == "perturb") {
    options.engine.perturb = number();
  } else if (key == "registers") {
    options.registers = value;
  } else if (key == "fail") {
    options.fail = number();
  } else if (key == "failcode") {
    options.failcode = number();
  } else if (key == "trace") {
    options.trace = number() != 0;
  } else if (key == "accept") {
    options.accept = number() != 0;
  } else {
    refuse(CUDA_ERROR_INVALID_VALUE, "softcuda has no setting '" + key + "'; softcuda.h lists them");
  }
}

void parse(Options& options, std::string text) {
  std::replace(text.begin(), text.end(), ';', '\n');
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    size_t start = line.find_first_not_of(" \t\r"), end = line.find_last_not_of(" \t\r");
    if (start == std::string::npos) continue;
    line = line.substr(start, end - start + 1);
    size_t sign = line.find('=');
    if (sign == std::string::npos) refuse(CUDA_ERROR_INVALID_VALUE, "'" + line + "' is no key=value");
    set(options, line.substr(0, sign), line.substr(sign + 1));
  }
}

// The faked cards: NVIDIA V100 (too old for our kernels), T4, A100, RTX 3090, RTX 4090, H100, B200 and RTX 5090.
const Architecture architectures[] = {
    {70, 80, 2048, 32, 96 << 10, 96 << 10, 1 << 10, 1380000, 877000, 4096, 6 << 20},
    {75, 40, 1024, 16, 64 << 10, 64 << 10, 0, 1590000, 5001000, 256, 4 << 20},
    {80, 108, 2048, 32, 164 << 10, 163 << 10, 1 << 10, 1410000, 1215000, 5120, 40 << 20},
    {86, 82, 1536, 16, 100 << 10, 99 << 10, 1 << 10, 1695000, 9751000, 384, 6 << 20},
    {89, 128, 1536, 24, 100 << 10, 99 << 10, 1 << 10, 2520000, 10501000, 384, 72 << 20},
    {90, 132, 2048, 32, 228 << 10, 227 << 10, 1 << 10, 1980000, 2619000, 5120, 50 << 20},
    {100, 148, 2048, 32, 228 << 10, 227 << 10, 1 << 10, 1965000, 3996000, 8192, 126 << 20},
    {120, 170, 1536, 24, 100 << 10, 99 << 10, 1 << 10, 2407000, 14001000, 512, 96 << 20},
};

}  // namespace

Driver& driver() {
  static Driver* all = new Driver;  // outlives every thread that may still call
  return *all;
}

void refuse(CUresult code, std::string why) { throw Refusal{code, std::move(why)}; }

const Architecture& architecture() {
  for (const Architecture& known : architectures) {
    if (known.cc == driver().options.cc) return known;
  }
  refuse(CUDA_ERROR_INVALID_VALUE, "unreachable: the compute capability was checked");
}

void configure(const std::string& settings) {
  Options options;
  const char* environment = std::getenv("SOFTCUDA");
  parse(options, environment ? environment : "");
  parse(options, settings);
  bool known = false;
  for (const Architecture& each : architectures) known |= each.cc == options.cc;
  if (!known) {
    refuse(CUDA_ERROR_INVALID_VALUE, "cc=" + std::to_string(options.cc) + " is none of 70 75 80 86 89 90 100 120");
  }
  Driver& d = driver();
  bool initialised = d.initialised;
  uint64_t handle = d.next_handle;  // goes on, so that what a client still holds is seen to be stale
  d.objects.clear();
  d.memory = std::make_unique<Memory>();
  d.devices.clear();
  d.devices.resize(options.devices);
  for (int i = 0; i < options.devices; i++) d.devices[i].ordinal = i;
  d.held.clear();
  d.pinned.clear();
  d.mappings.clear();
  d.captures.clear();
  d.calls = d.kernels = 0;
  d.peak = 0;
  d.left.clear();
  d.fault.clear();
  d.refusal.clear();
  for (auto& each : counters()) each.second = 0;
  d.options = options;
  d.initialised = initialised;
  d.configured = true;
  d.next_handle = handle;
}

const std::vector<uint64_t>& current_stack() { return context_stack; }

void set_current(std::vector<uint64_t> stack) { context_stack = std::move(stack); }

Context* current() {
  if (context_stack.empty() || context_stack.back() == 0) return nullptr;
  auto found = driver().objects.find(context_stack.back());
  return found == driver().objects.end() ? nullptr : static_cast<Context*>(found->second.get());
}

void adopt_object(std::unique_ptr<Object> object, Context* context) {
  Driver& d = driver();
  d.next_handle += 16;
  object->handle = d.next_handle;
  object->context = context;
  object->made = d.now;
  d.objects.emplace(object->handle, std::move(object));
}

void forget(Object& object) { driver().objects.erase(object.handle); }

int64_t& counter(const char* function) {
  std::lock_guard guard(driver().lock);
  return counters()[function];
}

CUresult begin(const char* function, int64_t& count) {
  Driver& d = driver();
  if (!d.configured) configure("");
  require(!d.in_callback, CUDA_ERROR_NOT_PERMITTED, "a host function may not call the driver");
  count++;
  d.calls++;
  d.now = function;
  bool counts = d.options.failin.empty() || d.options.failin == function;
  if (d.options.fail == 0 || !counts || --d.options.fail > 0) return CUDA_SUCCESS;
  CUresult code = static_cast<CUresult>(d.options.failcode);
  return refused(function, {code, "softcuda_fail named this call"});
}

CUresult refused(const char* function, const Refusal& refusal) {
  Driver& d = driver();
  d.refusal = std::string(function) + ": " + refusal.why;
  if (d.options.trace && refusal.code != CUDA_ERROR_NOT_READY) {
    std::fprintf(stderr, "softcuda: %s (%d)\n", d.refusal.c_str(), refusal.code);
  }
  return refusal.code;
}

void stick(Context* context, CUresult code) {
  bool stays = code == CUDA_ERROR_ECC_UNCORRECTABLE || code == CUDA_ERROR_ILLEGAL_ADDRESS ||
               code == CUDA_ERROR_LAUNCH_TIMEOUT || code == CUDA_ERROR_ASSERT ||
               (code >= CUDA_ERROR_HARDWARE_STACK_ERROR && code <= CUDA_ERROR_LAUNCH_FAILED);
  if (stays && context->sticky == CUDA_SUCCESS) context->sticky = code;
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuInit(unsigned flags) {
  return call<Needs::nothing, false>(__func__, [&] {
    require(flags == 0, CUDA_ERROR_INVALID_VALUE, "flags must be 0");
    Driver& d = driver();
    if (d.options.init != 0) refuse(static_cast<CUresult>(d.options.init), "the setting init says so");
    require(!d.devices.empty(), CUDA_ERROR_NO_DEVICE, "there is no device");
    d.initialised = true;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return call<Needs::nothing, false>(__func__, [&] {
    require(version != nullptr, CUDA_ERROR_INVALID_VALUE, "version is null");
    *version = driver().options.driver;
  });
}
