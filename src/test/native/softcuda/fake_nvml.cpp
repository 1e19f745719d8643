// A fake of NVML that tells of the devices that the libcuda.so.1 beside it claims to have. The prototypes
// and numbers are NVML's; no header of it is at hand.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "softcuda.h"

namespace {

enum Status { success = 0, uninitialized = 1, invalid_argument = 2, not_supported = 3, not_found = 6, insufficient_size = 7 };

constexpr unsigned memory_v2 = 40 | 2u << 24;  // the size of nvmlMemory_v2_t and its version

struct Controls {
  decltype(&softcuda_device_count) count;
  decltype(&softcuda_device_name) name;
  decltype(&softcuda_driver_version) version;
  decltype(&softcuda_device_memory) memory;
};

int users = 0;

// The softcuda that the process has loaded from this library's folder. It is opened by path: the name
// alone would find a card's driver where there is one.
const Controls* controls() {
  static const Controls* found = []() -> const Controls* {
    Dl_info self;
    if (!dladdr(reinterpret_cast<void*>(&controls), &self)) return nullptr;
    std::string file = self.dli_fname;
    file = file.substr(0, file.find_last_of('/') + 1) + "libcuda.so.1";
    void* library = dlopen(file.c_str(), RTLD_NOW);
    if (!library) return nullptr;
    const auto symbol = [&](const char* name) { return dlsym(library, name); };
    return new Controls{reinterpret_cast<decltype(Controls::count)>(symbol("softcuda_device_count")),
                        reinterpret_cast<decltype(Controls::name)>(symbol("softcuda_device_name")),
                        reinterpret_cast<decltype(Controls::version)>(symbol("softcuda_driver_version")),
                        reinterpret_cast<decltype(Controls::memory)>(symbol("softcuda_device_memory"))};
  }();
  return found;
}

// A device's handle is its number + 1.
int number(const void* device) { return static_cast<int>(reinterpret_cast<uintptr_t>(device)) - 1; }

Status check(const void* device, const void* answer) {
  if (users == 0) return uninitialized;
  bool known = number(device) >= 0 && number(device) < controls()->count();
  return known && answer ? success : invalid_argument;
}

Status text(const std::string& from, char* to, unsigned length) {
  if (to == nullptr) return invalid_argument;
  if (from.size() >= length) return insufficient_size;
  std::memcpy(to, from.c_str(), from.size() + 1);
  return success;
}

Status answer(const void* device, unsigned* to, unsigned value) {
  Status status = check(device, to);
  if (status == success) *to = value;
  return status;
}

// "GPU-…" of the bytes that cuDeviceGetUuid tells.
std::string uuid(int device) {
  const char* bytes = "softcuda device";
  std::string text = "GPU-";
  for (int i = 0; i < 16; i++) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", i < 15 ? bytes[i] : device);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex;
  }
  return text;
}

}  // namespace

extern "C" {

typedef void* nvmlDevice_t;
typedef struct {
  unsigned long long total, free, used;
} nvmlMemory_t;
typedef struct {
  unsigned version;
  unsigned long long total, reserved, free, used;
} nvmlMemory_v2_t;
typedef struct {
  unsigned gpu, memory;
} nvmlUtilization_t;
static_assert(sizeof(nvmlMemory_t) == 24 && sizeof(nvmlMemory_v2_t) == 40);

int nvmlInit_v2() {
  if (!controls()) return not_supported;
  users++;
  return success;
}

int nvmlShutdown() {
  if (users == 0) return uninitialized;
  users--;
  return success;
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  if (users == 0) return uninitialized;
  if (!count) return invalid_argument;
  *count = controls()->count();
  return success;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  auto handle = reinterpret_cast<nvmlDevice_t>(static_cast<uintptr_t>(index) + 1);
  Status status = check(handle, device);
  if (status == success) *device = handle;
  return status;
}

int nvmlDeviceGetHandleByUUID(const char* wanted, nvmlDevice_t* device) {
  if (users == 0) return uninitialized;
  if (!wanted || !device) return invalid_argument;
  for (int i = 0; i < controls()->count(); i++) {
    if (uuid(i) == wanted) return nvmlDeviceGetHandleByIndex_v2(i, device);
  }
  return not_found;
}

int nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned length) {
  Status status = check(device, name);
  return status == success ? text(controls()->name(), name, length) : status;
}

int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  Status status = check(device, memory);
  if (status != success) return status;
  uint64_t used, total = controls()->memory(number(device), &used);
  *memory = {total, total - used, used};
  return success;
}

int nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  Status status = check(device, memory);
  if (status != success) return status;
  if (memory->version != memory_v2) return invalid_argument;
  uint64_t used, total = controls()->memory(number(device), &used);
  *memory = {memory_v2, total, 0, total - used, used};
  return success;
}

// Clocks in MHz: graphics 0, SM 1, memory 2, video 3.
int nvmlDeviceGetClockInfo(nvmlDevice_t device, int clock, unsigned* mhz) {
  if (clock < 0 || clock > 3) return invalid_argument;
  return answer(device, mhz, clock == 2 ? 1215 : 1410);
}

int nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned* celsius) {
  return sensor == 0 ? answer(device, celsius, 41) : invalid_argument;
}

int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* milliwatts) { return answer(device, milliwatts, 97000); }

int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* rates) {
  Status status = check(device, rates);
  if (status == success) *rates = {0, 0};
  return status;
}

// The driver packages that brought the CUDA versions, as R550 brought 12.4.
int nvmlSystemGetDriverVersion(char* version, unsigned length) {
  if (users == 0) return uninitialized;
  int cuda = controls()->version();
  const char* package = cuda >= 13000   ? "580.65.06"
                        : cuda >= 12080 ? "570.86.10"
                        : cuda >= 12060 ? "560.28.03"
                        : cuda >= 12050 ? "555.42.02"
                        : cuda >= 12040 ? "550.54.15"
                        : cuda >= 12030 ? "545.23.08"
                        : cuda >= 12020 ? "535.104.05"
                                        : "525.60.13";
  return text(package, version, length);
}

const char* nvmlErrorString(int status) {
  switch (status) {
    case success: return "Success";
    case uninitialized: return "Uninitialized";
    case invalid_argument: return "Invalid Argument";
    case not_supported: return "Not Supported";
    case not_found: return "Not Found";
    case insufficient_size: return "Insufficient Size";
    default: return "Unknown Error";
  }
}

}  // extern "C"
