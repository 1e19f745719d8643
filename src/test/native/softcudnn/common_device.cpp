// The link to softcuda's libcuda.so.1 in the folder beside ours. It is opened by path: the name alone
// would find a card's driver where there is one.
#include "common_device.hpp"

#include <cuda.h>
#include <dlfcn.h>

#include <cstring>

#include "../softcuda/softcuda.h"
#include "common_library.hpp"

namespace softcudnn {
namespace {

struct Driver {
  void* library;

  template <class Function>
  Function* symbol(const char* name) const {
    void* found = library ? dlsym(library, name) : nullptr;
    require(found != nullptr, 1001, std::string("softcuda has no ") + name);
    return reinterpret_cast<Function*>(found);
  }
};

const Driver& driver() {
  static const Driver found = [] {
    Dl_info self;
    dladdr(reinterpret_cast<void*>(&current_context), &self);
    std::string file = self.dli_fname;
    file = file.substr(0, file.find_last_of('/') + 1) + "../softcuda/libcuda.so.1";
    return Driver{dlopen(file.c_str(), RTLD_NOW)};
  }();
  return found;
}

#define SOFTCUDA(name) driver().symbol<decltype(name)>(#name)

}  // namespace

void* current_context() {
  static const auto get = SOFTCUDA(cuCtxGetCurrent);
  CUcontext context = nullptr;
  return get(&context) == CUDA_SUCCESS ? context : nullptr;
}

bool is_stream(void* stream) {
  static const auto info =
      driver().symbol<CUresult(CUstream, int*, uint64_t*, void*, void*, void*)>("cuStreamGetCaptureInfo_v2");
  int status;
  return info(static_cast<CUstream>(stream), &status, nullptr, nullptr, nullptr, nullptr) == CUDA_SUCCESS;
}

bool captures(void* stream) {
  static const auto ask = SOFTCUDA(cuStreamIsCapturing);
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
  ask(static_cast<CUstream>(stream), &status);
  return status != CU_STREAM_CAPTURE_STATUS_NONE;
}

void synchronize() {
  static const auto wait = SOFTCUDA(cuCtxSynchronize);
  wait();
}

int compute_capability() {
  static const auto attribute = SOFTCUDA(cuDeviceGetAttribute);
  int major = 0, minor = 0;
  attribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 0);
  attribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0);
  return 10 * major + minor;
}

bool allocation(uint64_t address, uint64_t* base, uint64_t* bytes) {
  static const auto range = driver().symbol<CUresult(CUdeviceptr*, size_t*, CUdeviceptr)>("cuMemGetAddressRange_v2");
  CUdeviceptr start = 0;
  size_t size = 0;
  if (range(&start, &size, address) != CUDA_SUCCESS) return false;
  *base = start;
  *bytes = size;
  return true;
}

int enqueue(void* stream, std::unique_ptr<Work> work) {
  static const auto queue = SOFTCUDA(softcuda_enqueue);
  std::string name = work->name;
  return queue(
      stream, name.c_str(), [](void* data) { static_cast<Work*>(data)->run(); }, work.release(),
      [](void* data) { delete static_cast<Work*>(data); });
}

const void* device_read(uint64_t address, uint64_t bytes, const char* what) {
  static const auto read = SOFTCUDA(softcuda_read);
  return read(address, bytes, what);
}

void* device_write(uint64_t address, uint64_t bytes, const char* what) {
  static const auto write = SOFTCUDA(softcuda_write);
  return write(address, bytes, what);
}

void scribble(uint64_t address, uint64_t bytes, const char* what) {
  static const auto forget = SOFTCUDA(softcuda_forget);
  if (void* host = device_write(address, bytes, what)) {
    std::memset(host, 0xff, bytes);
    forget(address, bytes);
  }
}

}  // namespace softcudnn
