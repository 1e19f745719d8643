// softcuda's own controls (softcuda.h).
#include <cstring>

#include "driver.hpp"
#include "softcuda.h"

namespace softcuda::front {
namespace {

// A text that lives until the thread's next call.
const char* keep(std::string text) {
  static thread_local std::string kept;
  kept = std::move(text);
  return kept.c_str();
}

const char* kind(const Object& object) {
  if (dynamic_cast<const Stream*>(&object)) return "stream";
  if (dynamic_cast<const Event*>(&object)) return "event";
  if (dynamic_cast<const ModuleObject*>(&object)) return "module";
  if (dynamic_cast<const Graph*>(&object)) return "graph";
  if (dynamic_cast<const Executable*>(&object)) return "executable graph";
  if (dynamic_cast<const Physical*>(&object)) return "physical memory";
  return nullptr;  // belongs to one of these
}

const char* kind(const Holding& holding) {
  switch (holding.kind) {
    case Holding::Kind::device: return " bytes of device memory";
    case Holding::Kind::pinned: return " bytes of pinned host memory";
    case Holding::Kind::reserved: return " bytes of reserved addresses";
  }
  return "";
}

}  // namespace

std::string live(const Context* context) {
  Driver& d = driver();
  std::map<uint64_t, std::string> lines;  // in the order in which the objects were made
  for (auto& [handle, object] : d.objects) {
    const char* name = kind(*object);
    bool legacy = object->context && object->context->legacy == object.get();
    if (!name || legacy || (context && object->context != context)) continue;
    auto* physical = dynamic_cast<Physical*>(object.get());
    if (physical && physical->released) continue;
    lines[handle] = std::string(name) + ", made by " + object->made + "\n";
  }
  std::string text;
  for (auto& [handle, line] : lines) text += line;
  for (auto* map : {&d.held, &d.pinned}) {
    for (auto& [address, holding] : *map) {
      if (context && holding.context != context) continue;
      text += std::to_string(holding.bytes) + kind(holding) + ", made by " + holding.made + "\n";
    }
  }
  return text;
}

}  // namespace softcuda::front

using namespace softcuda::front;

const char* softcuda_reset(const char* settings) {
  std::lock_guard guard(driver().lock);
  try {
    configure(settings ? settings : "");
    return nullptr;
  } catch (const Refusal& refusal) {
    return keep(refusal.why);
  }
}

void softcuda_fail_in(const char* function, int64_t nth, int code) {
  std::lock_guard guard(driver().lock);
  driver().options.failin = function;
  driver().options.fail = nth;
  driver().options.failcode = code;
}

void softcuda_fail(int64_t nth, int code) {
  std::lock_guard guard(driver().lock);
  driver().options.failin.clear();
  driver().options.fail = nth;
  driver().options.failcode = code;
}

int64_t softcuda_calls() {
  std::lock_guard guard(driver().lock);
  return driver().calls;
}

int64_t softcuda_count(const char* function) {
  std::lock_guard guard(driver().lock);
  return std::strcmp(function, "kernels") == 0 ? driver().kernels : counter(function);
}

int64_t softcuda_allocated() {
  std::lock_guard guard(driver().lock);
  int64_t sum = 0;
  for (const Device& device : driver().devices) sum += device.allocated;
  return sum;
}

int64_t softcuda_peak() {
  std::lock_guard guard(driver().lock);
  return driver().peak;
}

const char* softcuda_live_objects() {
  std::lock_guard guard(driver().lock);
  std::string text = driver().left;
  for (const Device& device : driver().devices) {
    if (device.primary == nullptr) continue;
    text += "primary context of device " + std::to_string(device.ordinal) + ", retained " +
            std::to_string(device.primary->retained) + " times\n";
  }
  return keep(text + live(nullptr));
}

const char* softcuda_last_fault() {
  std::lock_guard guard(driver().lock);
  return keep(driver().fault);
}

const char* softcuda_last_refusal() {
  std::lock_guard guard(driver().lock);
  return keep(driver().refusal);
}

int softcuda_forget(uint64_t address, uint64_t bytes) {
  std::lock_guard guard(driver().lock);
  Driver& d = driver();
  if (!d.memory || d.memory->host(address, bytes) == nullptr) return 1;
  d.memory->mark_written(address, bytes, false);
  return 0;
}

int softcuda_device_count() {
  std::lock_guard guard(driver().lock);
  if (!driver().configured) configure("");
  return static_cast<int>(driver().devices.size());
}

const char* softcuda_device_name() {
  std::lock_guard guard(driver().lock);
  return keep(driver().options.name);
}

int softcuda_driver_version() {
  std::lock_guard guard(driver().lock);
  return driver().options.driver;
}

uint64_t softcuda_device_memory(int device, uint64_t* used) {
  std::lock_guard guard(driver().lock);
  *used = driver().options.used + driver().devices.at(device).allocated;
  return driver().options.memory;
}
