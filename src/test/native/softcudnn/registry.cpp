// Handles and descriptors by number. A number is never used twice, so a stale or foreign one is seen.
#include <map>

#include "descriptor.hpp"

namespace softcudnn {
namespace {

struct Registry {
  uint64_t next = 0x5d0000000000;
  std::map<uint64_t, Handle> handles;
  std::map<uint64_t, Part> descriptors;
};

Registry& registry() {
  static Registry* the = new Registry;
  return *the;
}

uint64_t number() { return registry().next += 16; }

}  // namespace

Handle& handle_of(uint64_t handle) {
  require(handle != 0, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the handle is null");
  auto found = registry().handles.find(handle);
  require(found != registry().handles.end(), CUDNN_STATUS_BAD_PARAM, "the handle is none, or was destroyed");
  return found->second;
}

uint64_t add_handle(Handle handle) {
  uint64_t made = number();
  registry().handles.emplace(made, handle);
  return made;
}

void remove_handle(uint64_t handle) {
  handle_of(handle);
  registry().handles.erase(handle);
}

const Part& descriptor_of(const void* descriptor) {
  require(descriptor != nullptr, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the descriptor is null");
  auto found = registry().descriptors.find(reinterpret_cast<uint64_t>(descriptor));
  require(found != registry().descriptors.end(), CUDNN_STATUS_BAD_PARAM, "the descriptor is none, or was destroyed");
  return found->second;
}

void* add_descriptor(Part descriptor) {
  uint64_t made = number();
  registry().descriptors.emplace(made, std::move(descriptor));
  return reinterpret_cast<void*>(made);
}

void remove_descriptor(void* descriptor) {
  descriptor_of(descriptor);
  registry().descriptors.erase(reinterpret_cast<uint64_t>(descriptor));
}

void forget_objects() {
  registry().handles.clear();
  registry().descriptors.clear();
}

std::string live_objects() {
  std::string text;
  for (size_t i = 0; i < registry().handles.size(); i++) text += "handle\n";
  for (auto& [number, descriptor] : registry().descriptors) text += std::string(name_of(descriptor->kind)) + "\n";
  return text;
}

}  // namespace softcudnn
