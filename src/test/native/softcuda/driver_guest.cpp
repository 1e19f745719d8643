// Work of other libraries in our streams (softcuda.h): it runs on the host, and its accesses to device
// memory are checked as a kernel's are.
#include <cinttypes>
#include <cstdio>
#include <optional>

#include "driver.hpp"
#include "softcuda.h"

namespace softcuda::front {
namespace {

// Under the driver's lock, which is held while work runs: the work that runs, and its first fault.
const Guest* running = nullptr;
std::optional<Fault> first;

void* refused(int code, const char* format, uint64_t bytes, uint64_t address, const char* what) {
  char text[300];
  std::snprintf(text, sizeof text, format, bytes, address, what);
  if (!first) first = Fault{code, (running ? running->name : "no work") + ": " + text};
  return nullptr;
}

void* at(uint64_t address, uint64_t bytes, const char* what, const char* format) {
  void* host = driver().memory->host(address, bytes);
  return host ? host : refused(CUDA_ERROR_ILLEGAL_ADDRESS, format, bytes, address, what);
}

}  // namespace

void run_guest(const Guest& guest) {
  running = &guest;
  first.reset();
  guest.run(guest.data.get());
  running = nullptr;
  if (first) throw *first;
}

}  // namespace softcuda::front

using namespace softcuda::front;

int softcuda_enqueue(void* stream, const char* name, void (*run)(void*), void* data, void (*drop)(void*)) {
  Guest guest{name, run, std::shared_ptr<void>(data, drop)};
  return inside(__func__, [&](Context& context) {
    submit(stream_of(context, static_cast<CUstream>(stream)), std::move(guest));
  });
}

const void* softcuda_read(uint64_t address, uint64_t bytes, const char* what) {
  void* host = at(address, bytes, what, "reads %" PRIu64 " bytes at 0x%" PRIx64 " (%s), outside of every allocation");
  if (!host || !driver().options.engine.checks.initialised) return host;
  int64_t unwritten = driver().memory->first_unwritten(address, bytes);
  if (unwritten < 0) return host;
  return refused(CUDA_ERROR_LAUNCH_FAILED,
                 "uninitialised read: byte %" PRIu64 " of those at 0x%" PRIx64 " (%s) was never written",
                 static_cast<uint64_t>(unwritten), address, what);
}

void* softcuda_write(uint64_t address, uint64_t bytes, const char* what) {
  void* host = at(address, bytes, what, "writes %" PRIu64 " bytes at 0x%" PRIx64 " (%s), outside of every allocation");
  if (host) driver().memory->mark_written(address, bytes, true);
  return host;
}
