// Copies and fills. Host memory is touched when the copy runs. What a copy brings to the host must have
// been written; between device buffers the record of what was written is copied along.
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "driver.hpp"

namespace softcuda::front {
namespace {

[[noreturn]] void fault(int code, const char* format, const char* call, size_t place, size_t bytes, uint64_t address) {
  char text[300];
  std::snprintf(text, sizeof text, format, call, place, bytes, address);
  throw Fault{code, text};
}

// Copies between ourselves by way of the kernel, which answers where memory is gone instead of trapping.
void move_pageable(const Copy& copy, void* to, const void* from) {
  bool reads = copy.from_host != nullptr;
  iovec here{reads ? to : const_cast<void*>(from), copy.bytes};
  iovec there{reads ? const_cast<void*>(from) : to, copy.bytes};
  size_t done = 0;
  while (done < copy.bytes) {  // one call moves at most 2 GiB
    ssize_t moved = reads ? process_vm_readv(getpid(), &here, 1, &there, 1, 0)
                          : process_vm_writev(getpid(), &here, 1, &there, 1, 0);
    if (moved < 0 && errno != EFAULT) {  // forbidden here
      std::memcpy(reads ? here.iov_base : there.iov_base, reads ? there.iov_base : here.iov_base, copy.bytes - done);
      return;
    }
    if (moved <= 0) {
      fault(CUDA_ERROR_ILLEGAL_ADDRESS,
            "%s: the host memory at byte %zu of %zu was unmapped before the copy with device address 0x%" PRIx64 " ran",
            copy.call, done, copy.bytes, reads ? copy.to : copy.from);
    }
    done += moved;
    for (iovec* each : {&here, &there}) {
      each->iov_base = static_cast<char*>(each->iov_base) + moved;
      each->iov_len -= moved;
    }
  }
}

void copy_written(uint64_t to, uint64_t from, size_t bytes) {
  Memory& memory = *driver().memory;
  for (size_t at = 0; at < bytes;) {
    int64_t written = memory.first_unwritten(from + at, bytes - at);
    size_t run = written < 0 ? bytes - at : static_cast<size_t>(written);
    if (run > 0) memory.mark_written(to + at, run, true);
    at += run;
    size_t start = at;
    while (at < bytes && memory.first_unwritten(from + at, 1) == 0) at++;
    if (at > start) memory.mark_written(to + start, at - start, false);
  }
}

void check_host(const void* host, size_t bytes) {
  require(host != nullptr || bytes == 0, CUDA_ERROR_INVALID_VALUE, "the host pointer is null");
  uint64_t base;
  size_t size;
  require(!driver().memory->find(reinterpret_cast<uint64_t>(host), 1, &base, &size), CUDA_ERROR_INVALID_VALUE,
          "a device address stands where a host pointer belongs");
}

void check(const Copy& copy) {
  if (copy.to) bytes_at(copy.to, copy.bytes);
  if (copy.from) bytes_at(copy.from, copy.bytes);
  if (!copy.to) check_host(copy.to_host, copy.bytes);
  if (!copy.from) check_host(copy.from_host, copy.bytes);
  if (copy.to && copy.from) {
    require(copy.to + copy.bytes <= copy.from || copy.from + copy.bytes <= copy.to, CUDA_ERROR_INVALID_VALUE,
            "the buffers overlap");
  }
}

void queue(Context& context, CUstream stream, const Copy& copy) {
  Stream& where = stream_of(context, stream);
  if (copy.bytes == 0) return;
  check(copy);
  submit(where, copy);
}

void wait_for(Context& context, const Copy& copy) {
  refuse_implicit(context);
  refuse_while_capturing("a copy waits for its end");
  if (copy.bytes == 0) return;
  check(copy);
  submit(*context.legacy, copy);
  drain(*context.legacy);
  require(context.sticky == CUDA_SUCCESS, context.sticky, "the copy or work before it failed");
}

void queue(Context& context, CUstream stream, const Fill& fill) {
  Stream& where = stream_of(context, stream);
  require(fill.address % fill.width == 0, CUDA_ERROR_INVALID_VALUE, "the address is not aligned to the value");
  if (fill.count == 0) return;
  bytes_at(fill.address, fill.count * fill.width);
  submit(where, fill);
}

}  // namespace

void run_copy(const Copy& copy) {
  Memory& memory = *driver().memory;
  bool checked = driver().options.engine.checks.initialised;
  uint8_t* to = copy.to ? memory.host(copy.to, copy.bytes) : static_cast<uint8_t*>(copy.to_host);
  const uint8_t* from = copy.from ? memory.host(copy.from, copy.bytes) : static_cast<const uint8_t*>(copy.from_host);
  if ((copy.to && !to) || (copy.from && !from)) {
    fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%s: byte %zu of %zu bytes at 0x%" PRIx64 " was freed before the copy ran",
          copy.call, 0, copy.bytes, to ? copy.from : copy.to);
  }
  if (copy.to_host && checked) {
    int64_t unwritten = memory.first_unwritten(copy.from, copy.bytes);
    if (unwritten >= 0) {
      fault(CUDA_ERROR_LAUNCH_FAILED, "%s: byte %zu of %zu bytes copied to the host from 0x%" PRIx64 " was never written",
            copy.call, static_cast<size_t>(unwritten), copy.bytes, copy.from);
    }
  }
  const void* host = copy.to_host ? copy.to_host : copy.from_host;
  if (host && !pinned_at(host, copy.bytes)) {
    move_pageable(copy, to, from);
  } else {
    std::memcpy(to, from, copy.bytes);
  }
  if (copy.to && copy.from) {
    copy_written(copy.to, copy.from, copy.bytes);
  } else if (copy.to) {
    memory.mark_written(copy.to, copy.bytes, true);
  }
}

void run_fill(const Fill& fill) {
  Memory& memory = *driver().memory;
  size_t bytes = fill.count * fill.width;
  uint8_t* to = memory.host(fill.address, bytes);
  if (to == nullptr) {
    fault(CUDA_ERROR_ILLEGAL_ADDRESS, "%s: byte %zu of %zu bytes at 0x%" PRIx64 " was freed before the fill ran",
          "cuMemset", 0, bytes, fill.address);
  }
  if (fill.width == 1) {
    std::memset(to, static_cast<int>(fill.value), bytes);
  } else {
    for (size_t i = 0; i < fill.count; i++) std::memcpy(to + 4 * i, &fill.value, 4);
  }
  memory.mark_written(fill.address, bytes, true);
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return inside(__func__, [&](Context& context) {
    queue(context, stream, Copy{"cuMemcpyHtoDAsync_v2", to, 0, nullptr, from, bytes});
  });
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return inside(__func__, [&](Context& context) {
    queue(context, stream, Copy{"cuMemcpyDtoHAsync_v2", 0, from, to, nullptr, bytes});
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return inside(__func__, [&](Context& context) {
    queue(context, stream, Copy{"cuMemcpyDtoDAsync_v2", to, from, nullptr, nullptr, bytes});
  });
}

CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context,
                           size_t bytes, CUstream stream) {
  return inside(__func__, [&](Context& context) {
    resolve<Context>(to_context, CUDA_ERROR_INVALID_CONTEXT);
    resolve<Context>(from_context, CUDA_ERROR_INVALID_CONTEXT);
    queue(context, stream, Copy{"cuMemcpyPeerAsync", to, from, nullptr, nullptr, bytes});
  });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return inside(__func__, [&](Context& context) {
    wait_for(context, Copy{"cuMemcpyHtoD_v2", to, 0, nullptr, from, bytes});
  });
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return inside(__func__, [&](Context& context) {
    wait_for(context, Copy{"cuMemcpyDtoH_v2", 0, from, to, nullptr, bytes});
  });
}

CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, size_t count, CUstream stream) {
  return inside(__func__, [&](Context& context) { queue(context, stream, Fill{address, value, 1, count}); });
}

CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, size_t count, CUstream stream) {
  return inside(__func__, [&](Context& context) { queue(context, stream, Fill{address, value, 4, count}); });
}
