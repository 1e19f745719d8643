// Device memory, pinned host memory and the virtual memory API. Bytes are counted as they are asked for.
#include <algorithm>

#include "driver.hpp"

namespace softcuda::front {
namespace {

constexpr size_t granularity = size_t{2} << 20;
constexpr size_t alignment = 512;

size_t held() {
  size_t sum = 0;
  for (const Device& device : driver().devices) sum += device.allocated;
  return sum;
}

void take(Device& device, size_t bytes) {
  const Options& options = driver().options;
  size_t taken = options.used + device.allocated;
  require(taken <= options.memory && bytes <= options.memory - taken, CUDA_ERROR_OUT_OF_MEMORY,
          "the device has less memory left");
  device.allocated += bytes;
  driver().peak = std::max(driver().peak, held());
}

// The stretch of `all` that holds the address, or its end.
template <class Map>
auto holding(Map& all, uint64_t address) {
  auto after = all.upper_bound(address);
  if (after == all.begin()) return all.end();
  --after;
  return address - after->first < after->second.bytes ? after : all.end();
}

uint64_t number(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

// What a call that releases asks first, unless it fails anyway and releases all the same.
void refuse_release_while_capturing() {
  if (!driver().failing) refuse_while_capturing("memory is released");
}

void check(const CUmemAllocationProp* prop) {
  require(prop != nullptr, CUDA_ERROR_INVALID_VALUE, "prop is null");
  require(prop->type == CU_MEM_ALLOCATION_TYPE_PINNED, CUDA_ERROR_INVALID_VALUE, "the type must be PINNED");
  require(prop->location.type == CU_MEM_LOCATION_TYPE_DEVICE, CUDA_ERROR_INVALID_VALUE, "the location is no device");
  require(prop->location.id >= 0 && prop->location.id < static_cast<int>(driver().devices.size()),
          CUDA_ERROR_INVALID_DEVICE, "the location is no device that exists");
  require(prop->requestedHandleTypes == CU_MEM_HANDLE_TYPE_NONE, CUDA_ERROR_NOT_SUPPORTED, "no handles are exported");
}

void free_physical(Physical& physical) {
  if (!physical.released || physical.mapped != 0) return;
  driver().devices[physical.device].allocated -= physical.bytes;
  forget(physical);
}

void unmap(std::map<uint64_t, Mapping>::iterator mapping) {
  Physical& physical = *mapping->second.physical;
  driver().memory->mark_written(mapping->first, mapping->second.bytes, false);
  physical.mapped = 0;
  driver().mappings.erase(mapping);
  free_physical(physical);
}

// The mappings that fill [address, address + bytes) exactly.
std::vector<std::map<uint64_t, Mapping>::iterator> mappings_of(uint64_t address, size_t bytes) {
  auto& all = driver().mappings;
  std::vector<std::map<uint64_t, Mapping>::iterator> found;
  uint64_t at = address;
  for (auto it = all.find(at); it != all.end() && it->first == at && at < address + bytes; ++it) {
    found.push_back(it);
    at += it->second.bytes;
  }
  require(bytes > 0 && at == address + bytes, CUDA_ERROR_INVALID_VALUE, "the range is not one of whole mappings");
  return found;
}

}  // namespace

uint8_t* bytes_at(uint64_t address, size_t bytes) {
  Driver& d = driver();
  uint8_t* host = d.memory->host(address, bytes);
  require(host != nullptr, CUDA_ERROR_INVALID_VALUE, "the device addresses lie outside of an allocation");
  auto held = holding(d.held, address);
  if (held == d.held.end() || held->second.kind != Holding::Kind::reserved) return host;
  for (uint64_t at = address; at < address + bytes;) {
    auto mapping = holding(d.mappings, at);
    require(mapping != d.mappings.end() && mapping->second.accessible, CUDA_ERROR_INVALID_VALUE,
            "the device addresses are reserved, but not mapped or without access");
    at = mapping->first + mapping->second.bytes;
  }
  return host;
}

const Holding* pinned_at(const void* host, size_t bytes) {
  auto& pinned = driver().pinned;
  auto found = holding(pinned, number(host));
  return found != pinned.end() && bytes <= found->first + found->second.bytes - number(host) ? &found->second
                                                                                              : nullptr;
}

void release_memory(const Context& context) {
  Driver& d = driver();
  for (auto it = d.mappings.begin(); it != d.mappings.end();) {
    auto next = std::next(it);
    if (it->second.physical->context == &context) unmap(it);
    it = next;
  }
  for (auto& [handle, object] : d.objects) {
    auto* physical = dynamic_cast<Physical*>(object.get());
    if (physical && physical->context == &context) d.devices[physical->device].allocated -= physical->bytes;
  }
  for (auto* map : {&d.held, &d.pinned}) {
    for (auto it = map->begin(); it != map->end();) {
      const Holding& each = it->second;
      if (each.context != &context) {
        ++it;
        continue;
      }
      if (each.kind == Holding::Kind::device) context.device->allocated -= each.bytes;
      if (each.device != 0) d.memory->release(each.device);
      it = map->erase(it);
    }
  }
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return inside(__func__, [&](Context& context) {
    require(free && total, CUDA_ERROR_INVALID_VALUE, "free or total is null");
    const Options& options = driver().options;
    *total = options.memory;
    *free = options.memory - std::min(options.memory, options.used + context.device->allocated);
  });
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return inside(__func__, [&](Context& context) {
    require(address && bytes > 0, CUDA_ERROR_INVALID_VALUE, "the address's place is null or there are no bytes");
    refuse_while_capturing("memory is allocated");
    take(*context.device, bytes);
    *address = driver().memory->allocate(bytes, alignment);
    driver().held.emplace(*address, Holding{Holding::Kind::device, bytes, &context, driver().now, *address});
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return releasing(__func__, [&](Context& context) {
    if (address == 0) return;
    refuse_release_while_capturing();
    auto& held = driver().held;
    auto found = held.find(address);
    require(found != held.end() && found->second.kind == Holding::Kind::device, CUDA_ERROR_INVALID_VALUE,
            "the address is not the start of an allocation");
    settle(context);
    found->second.context->device->allocated -= found->second.bytes;
    driver().memory->release(address);
    held.erase(found);
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  return inside(__func__, [&](Context&) {
    auto found = holding(driver().held, address);
    require(found != driver().held.end(), CUDA_ERROR_NOT_FOUND, "the address lies in no allocation");
    if (base) *base = found->first;
    if (bytes) *bytes = found->second.bytes;
  });
}

CUresult cuMemHostAlloc(void** host, size_t bytes, unsigned flags) {
  return inside(__func__, [&](Context& context) {
    constexpr unsigned known =
        CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
    require(host && bytes > 0, CUDA_ERROR_INVALID_VALUE, "the pointer's place is null or there are no bytes");
    require((flags & ~known) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
    refuse_while_capturing("host memory is allocated");
    auto& memory = *driver().memory;
    uint64_t device = memory.allocate(bytes, alignment);
    memory.mark_written(device, bytes, true);  // the host writes unseen
    *host = memory.host(device, bytes);
    driver().pinned.emplace(number(*host), Holding{Holding::Kind::pinned, bytes, &context, driver().now, device});
  });
}

CUresult cuMemFreeHost(void* host) {
  return releasing(__func__, [&](Context& context) {
    if (host == nullptr) return;
    refuse_release_while_capturing();
    auto& pinned = driver().pinned;
    auto found = pinned.find(number(host));
    require(found != pinned.end() && found->second.device != 0, CUDA_ERROR_INVALID_VALUE,
            "the pointer is not the start of pinned memory");
    settle(context);
    driver().memory->release(found->second.device);
    pinned.erase(found);
  });
}

CUresult cuMemHostRegister_v2(void* host, size_t bytes, unsigned flags) {
  return inside(__func__, [&](Context& context) {
    constexpr unsigned known =
        CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP | CU_MEMHOSTREGISTER_READ_ONLY;
    require(host && bytes > 0, CUDA_ERROR_INVALID_VALUE, "there is no memory");
    require((flags & ~known) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
    refuse_while_capturing("host memory is registered");
    auto& pinned = driver().pinned;
    auto next = pinned.lower_bound(number(host));
    bool overlaps = holding(pinned, number(host)) != pinned.end() ||
                    (next != pinned.end() && next->first < number(host) + bytes);
    require(!overlaps, CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "the memory is registered already");
    pinned.emplace(number(host), Holding{Holding::Kind::pinned, bytes, &context, driver().now, 0});
  });
}

CUresult cuMemHostUnregister(void* host) {
  return releasing(__func__, [&](Context& context) {
    refuse_release_while_capturing();
    auto& pinned = driver().pinned;
    auto found = pinned.find(number(host));
    require(found != pinned.end() && found->second.device == 0, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED,
            "the memory is not registered");
    settle(context);
    pinned.erase(found);
  });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* host, unsigned flags) {
  return inside(__func__, [&](Context&) {
    require(address && flags == 0, CUDA_ERROR_INVALID_VALUE, "the address's place is null or flags are not 0");
    auto found = holding(driver().pinned, number(host));
    require(found != driver().pinned.end(), CUDA_ERROR_INVALID_VALUE, "the memory is not pinned");
    require(found->second.device != 0, CUDA_ERROR_NOT_SUPPORTED, "softcuda does not map registered memory");
    *address = found->second.device + (number(host) - found->first);
  });
}

CUresult cuMemGetAllocationGranularity(size_t* bytes, const CUmemAllocationProp* prop,
                                       CUmemAllocationGranularity_flags option) {
  return inside(__func__, [&](Context&) {
    require(bytes != nullptr, CUDA_ERROR_INVALID_VALUE, "the answer's place is null");
    require(option == CU_MEM_ALLOC_GRANULARITY_MINIMUM || option == CU_MEM_ALLOC_GRANULARITY_RECOMMENDED,
            CUDA_ERROR_INVALID_VALUE, "no such option");
    check(prop);
    *bytes = granularity;
  });
}

CUresult cuMemAddressReserve(CUdeviceptr* address, size_t bytes, size_t align, CUdeviceptr, unsigned long long flags) {
  return inside(__func__, [&](Context& context) {
    require(address && flags == 0, CUDA_ERROR_INVALID_VALUE, "the address's place is null or flags are not 0");
    require(bytes > 0 && bytes % granularity == 0, CUDA_ERROR_INVALID_VALUE, "the size is no multiple of 2 MiB");
    require((align & (align - 1)) == 0, CUDA_ERROR_INVALID_VALUE, "the alignment is no power of two");
    *address = driver().memory->allocate(bytes, std::max(align, granularity));
    driver().held.emplace(*address, Holding{Holding::Kind::reserved, bytes, &context, driver().now, *address});
  });
}

CUresult cuMemAddressFree(CUdeviceptr address, size_t bytes) {
  return releasing(__func__, [&](Context&) {
    auto& held = driver().held;
    auto found = held.find(address);
    require(found != held.end() && found->second.kind == Holding::Kind::reserved && found->second.bytes == bytes,
            CUDA_ERROR_INVALID_VALUE, "the range was not reserved so");
    auto mapped = driver().mappings.lower_bound(address);
    require(mapped == driver().mappings.end() || mapped->first >= address + bytes, CUDA_ERROR_INVALID_VALUE,
            "memory is still mapped into the range");
    driver().memory->release(address);
    held.erase(found);
  });
}

CUresult cuMemCreate(CUmemGenericAllocationHandle* handle, size_t bytes, const CUmemAllocationProp* prop,
                     unsigned long long flags) {
  return inside(__func__, [&](Context& context) {
    require(handle && flags == 0, CUDA_ERROR_INVALID_VALUE, "the handle's place is null or flags are not 0");
    check(prop);
    require(bytes > 0 && bytes % granularity == 0, CUDA_ERROR_INVALID_VALUE, "the size is no multiple of 2 MiB");
    refuse_while_capturing("memory is allocated");
    take(driver().devices[prop->location.id], bytes);
    auto made = std::make_unique<Physical>();
    made->device = prop->location.id;
    made->bytes = bytes;
    *handle = adopt(std::move(made), &context).handle;
  });
}

CUresult cuMemMap(CUdeviceptr address, size_t bytes, size_t offset, CUmemGenericAllocationHandle handle,
                  unsigned long long flags) {
  return inside(__func__, [&](Context&) {
    Physical& physical = resolve<Physical>(handle, CUDA_ERROR_INVALID_VALUE);
    require(offset == 0 && flags == 0, CUDA_ERROR_INVALID_VALUE, "offset and flags must be 0");
    require(bytes == physical.bytes, CUDA_ERROR_INVALID_VALUE, "the size is not that of the memory");
    require(!physical.released, CUDA_ERROR_INVALID_VALUE, "the memory is released");
    require(physical.mapped == 0, CUDA_ERROR_NOT_SUPPORTED, "softcuda maps memory only once");
    auto range = holding(driver().held, address);
    require(range != driver().held.end() && range->second.kind == Holding::Kind::reserved &&
                address - range->first + bytes <= range->second.bytes && address % granularity == 0,
            CUDA_ERROR_INVALID_VALUE, "the addresses are not reserved");
    auto next = driver().mappings.lower_bound(address);
    bool overlaps = holding(driver().mappings, address) != driver().mappings.end() ||
                    (next != driver().mappings.end() && next->first < address + bytes);
    require(!overlaps, CUDA_ERROR_ALREADY_MAPPED, "memory is mapped there already");
    physical.mapped = address;
    driver().mappings.emplace(address, Mapping{bytes, &physical, false});
  });
}

CUresult cuMemSetAccess(CUdeviceptr address, size_t bytes, const CUmemAccessDesc* access, size_t count) {
  return inside(__func__, [&](Context&) {
    require(access && count > 0, CUDA_ERROR_INVALID_VALUE, "no access is described");
    for (size_t i = 0; i < count; i++) {
      require(access[i].location.type == CU_MEM_LOCATION_TYPE_DEVICE, CUDA_ERROR_INVALID_VALUE, "no device");
      require(access[i].location.id >= 0 && access[i].location.id < static_cast<int>(driver().devices.size()),
              CUDA_ERROR_INVALID_DEVICE, "no device that exists");
      bool known = access[i].flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE ||
                   access[i].flags == CU_MEM_ACCESS_FLAGS_PROT_READ || access[i].flags == 0;
      require(known, CUDA_ERROR_INVALID_VALUE, "no such access");
    }
    for (auto mapping : mappings_of(address, bytes)) {
      for (size_t i = 0; i < count; i++) mapping->second.accessible = access[i].flags != 0;
    }
  });
}

CUresult cuMemUnmap(CUdeviceptr address, size_t bytes) {
  return releasing(__func__, [&](Context& context) {
    auto mappings = mappings_of(address, bytes);
    settle(context);
    for (auto mapping : mappings) unmap(mapping);
  });
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle) {
  return call<Needs::initialised, true>(__func__, [&] {
    Physical& physical = resolve<Physical>(handle, CUDA_ERROR_INVALID_VALUE);
    require(!physical.released, CUDA_ERROR_INVALID_VALUE, "the memory is released already");
    physical.released = true;
    free_physical(physical);
  });
}
