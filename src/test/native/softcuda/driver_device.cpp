// Devices and their primary contexts.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "driver.hpp"

namespace softcuda::front {
namespace {

Device& device_of(CUdevice device) {
  auto& devices = driver().devices;
  require(device >= 0 && device < static_cast<int>(devices.size()), CUDA_ERROR_INVALID_DEVICE, "no such device");
  return devices[device];
}

void copy_text(const std::string& text, char* to, int length) {
  require(to != nullptr && length > 0, CUDA_ERROR_INVALID_VALUE, "no room for the text");
  std::snprintf(to, length, "%s", text.c_str());
}

void tell_uuid(CUuuid* uuid, const Device& device) {
  require(uuid != nullptr, CUDA_ERROR_INVALID_VALUE, "uuid is null");
  std::memcpy(uuid->bytes, "softcuda device", 16);
  uuid->bytes[15] = static_cast<char>(device.ordinal);
}

int attribute(CUdevice_attribute attribute, const Device& device) {
  const Architecture& a = architecture();
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: return 64;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: return 0x7fffffff;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: return 65535;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: return 48 << 10;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: return 64 << 10;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: return 32;
    case CU_DEVICE_ATTRIBUTE_MAX_PITCH: return 0x7fffffff;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: return 64 << 10;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: return a.clock;
    case CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT: return 512;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: return a.multiprocessors;
    case CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: return device.ordinal + 1;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: return a.memory_clock;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: return a.bus;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: return static_cast<int>(a.l2);
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: return a.threads;
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: return 2;
    case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP:
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
    case CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: return 1;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: return a.cc / 10;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: return a.cc % 10;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return static_cast<int>(a.shared);
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return static_cast<int>(a.optin);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: return a.blocks;
    case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: return static_cast<int>(a.reserved);
    case CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH: return a.cc >= 90;
    default:
      require(attribute > 0 && attribute < CU_DEVICE_ATTRIBUTE_MAX, CUDA_ERROR_INVALID_VALUE, "no such attribute");
      return 0;  // what the faked device does not have
  }
}

// Ends a context with all that lives in it; what the client should have released is remembered.
void destroy(Device& device) {
  Driver& d = driver();
  Context* context = device.primary;
  settle(*context);
  std::string left = live(context);
  if (!left.empty()) {
    d.left += "left in the context of device " + std::to_string(device.ordinal) + " when it ended:\n" + left;
  }
  for (auto& capture : d.captures) {
    auto alive = capture.lock();
    if (alive && alive->origin->context == context) alive->ended = true;
  }
  release_memory(*context);
  for (auto it = d.objects.begin(); it != d.objects.end();) {
    it = it->second->context == context ? d.objects.erase(it) : std::next(it);
  }
  forget(*context);
  device.primary = nullptr;
}

}  // namespace
}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuDeviceGetCount(int* count) {
  return outside(__func__, [&] {
    require(count != nullptr, CUDA_ERROR_INVALID_VALUE, "count is null");
    *count = static_cast<int>(driver().devices.size());
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return outside(__func__, [&] {
    require(device != nullptr, CUDA_ERROR_INVALID_VALUE, "device is null");
    *device = device_of(ordinal).ordinal;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return outside(__func__, [&] {
    device_of(device);
    copy_text(driver().options.name, name, length);
  });
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return outside(__func__, [&] { tell_uuid(uuid, device_of(device)); });
}

CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  return outside(__func__, [&] { tell_uuid(uuid, device_of(device)); });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return outside(__func__, [&] {
    device_of(device);
    require(bytes != nullptr, CUDA_ERROR_INVALID_VALUE, "bytes is null");
    *bytes = driver().options.memory;
  });
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute which, CUdevice device) {
  return outside(__func__, [&] {
    require(value != nullptr, CUDA_ERROR_INVALID_VALUE, "value is null");
    *value = attribute(which, device_of(device));
  });
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  return outside(__func__, [&] {
    char text[16];
    std::snprintf(text, sizeof text, "0000:%02x:00.0", device_of(device).ordinal + 1);
    copy_text(text, id, length);
  });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return outside(__func__, [&] {
    require(can != nullptr, CUDA_ERROR_INVALID_VALUE, "the answer's place is null");
    *can = device_of(device).ordinal != device_of(peer).ordinal;
  });
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice ordinal) {
  return outside(__func__, [&] {
    require(context != nullptr, CUDA_ERROR_INVALID_VALUE, "context is null");
    Device& device = device_of(ordinal);
    if (device.primary == nullptr) {
      auto made = std::make_unique<Context>();
      made->device = &device;
      device.primary = &adopt(std::move(made), nullptr);
      Stream& legacy = adopt(std::make_unique<Stream>(), device.primary);
      device.primary->legacy = &legacy;
      device.primary->streams.push_back(&legacy);
    }
    device.primary->retained++;
    *context = device.primary->as<CUcontext>();
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice ordinal) {
  return call<Needs::initialised, true>(__func__, [&] {
    Device& device = device_of(ordinal);
    require(device.primary != nullptr, CUDA_ERROR_INVALID_CONTEXT, "the context is not retained");
    if (--device.primary->retained == 0) destroy(device);
  });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice ordinal) {
  return call<Needs::initialised, true>(__func__, [&] {
    Device& device = device_of(ordinal);
    if (device.primary != nullptr) destroy(device);
  });
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice ordinal, unsigned flags) {
  return outside(__func__, [&] {
    require((flags & ~CU_CTX_FLAGS_MASK) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
    device_of(ordinal).flags = flags;
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned* flags, int* active) {
  return outside(__func__, [&] {
    Device& device = device_of(ordinal);
    if (flags) *flags = device.flags;
    if (active) *active = device.primary != nullptr;
  });
}

CUresult cuCtxSetCurrent(CUcontext context) {
  return outside(__func__, [&] {
    if (context) resolve<Context>(context, CUDA_ERROR_INVALID_CONTEXT);
    auto stack = current_stack();
    if (!stack.empty()) stack.pop_back();
    if (context) stack.push_back(reinterpret_cast<uint64_t>(context));
    set_current(stack);
  });
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  return outside(__func__, [&] {
    require(context != nullptr, CUDA_ERROR_INVALID_VALUE, "context is null");
    Context* now = current();
    *context = now ? now->as<CUcontext>() : nullptr;
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  return outside(__func__, [&] {
    resolve<Context>(context, CUDA_ERROR_INVALID_CONTEXT);
    auto stack = current_stack();
    stack.push_back(reinterpret_cast<uint64_t>(context));
    set_current(stack);
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  return call<Needs::initialised, true>(__func__, [&] {
    auto stack = current_stack();
    require(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT, "the thread has no current context");
    if (context) *context = reinterpret_cast<CUcontext>(stack.back());
    stack.pop_back();
    set_current(stack);
  });
}

CUresult cuCtxSynchronize() {
  return inside(__func__, [&](Context& context) {
    refuse_captured(context);
    drain(context);
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return inside(__func__, [&](Context&) {
    if (least) *least = 0;
    if (greatest) *greatest = -5;
  });
}

CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
  return inside(__func__, [&](Context& context) {
    require(flags == 0, CUDA_ERROR_INVALID_VALUE, "flags must be 0");
    Context& other = resolve<Context>(peer, CUDA_ERROR_INVALID_CONTEXT);
    require(&other != &context, CUDA_ERROR_INVALID_DEVICE, "a context is not its own peer");
    auto& peers = context.peers;
    require(std::find(peers.begin(), peers.end(), &other) == peers.end(), CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED,
            "peer access is enabled already");
    peers.push_back(&other);
  });
}
