// The exported functions of libcudnn.so.9.
#include <algorithm>
#include <cstring>

#include "common_device.hpp"
#include "execute.hpp"

namespace softcudnn {
namespace {

template <class Body>
int inside(const char* function, Body body) {
  return call(function, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, body);
}

// What finalizes each kind; null for those that only the library makes.
void (*finalizer(int kind))(Descriptor&) {
  switch (kind) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR: return finalize_tensor;
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR: return finalize_convolution;
    case CUDNN_BACKEND_POINTWISE_DESCRIPTOR: return finalize_pointwise;
    case CUDNN_BACKEND_REDUCTION_DESCRIPTOR: return finalize_reduction;
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR: return finalize_graph;
    case CUDNN_BACKEND_ENGINE_DESCRIPTOR: return finalize_engine;
    case CUDNN_BACKEND_ENGINECFG_DESCRIPTOR: return finalize_config;
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR: return finalize_heuristics;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR: return finalize_plan;
    case CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR: return finalize_knob;
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR: return finalize_pack;
    case CUDNN_BACKEND_KNOB_INFO_DESCRIPTOR: return nullptr;
    default: return finalize_operation;
  }
}

void check_type(const Rule& rule, int type) {
  require(
      type == rule.type || type == rule.other_type, CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE,
      std::string(rule.name) + " has attribute type " + std::to_string(rule.type) + ", not " + std::to_string(type));
}

void set(Descriptor& d, int attribute, int type, int64_t count, const void* elements) {
  require(!d.finalized, CUDNN_STATUS_BAD_PARAM,
          std::string("the ") + name_of(d.kind) + " is finalized and cannot be set");
  const Rule& rule = rule_of(d.kind, attribute);
  require(rule.use != Rule::answer, CUDNN_STATUS_BAD_PARAM, std::string(rule.name) + " can only be asked for");
  check_type(rule, type);
  require(count >= rule.fewest && count <= rule.most, CUDNN_STATUS_BAD_PARAM,
          std::string(rule.name) + " cannot have " + std::to_string(count) + " elements");
  require(elements != nullptr || count == 0, CUDNN_STATUS_BAD_PARAM_NULL_POINTER,
          std::string("the elements of ") + rule.name + " are null");
  Value value{type, count};
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    for (int64_t i = 0; i < count; i++) {
      const Part& part = descriptor_of(static_cast<void* const*>(elements)[i]);
      bool operation = finalizer(part->kind) == finalize_operation;
      require(rule.part_kind < 0 ? operation : part->kind == rule.part_kind, CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE,
              std::string(rule.name) + " cannot be a " + name_of(part->kind));
      require(part->finalized || rule.part_kind >= 0, CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED,
              std::string("an operation of ") + rule.name + " is not finalized");
      value.finished = value.finished && part->finalized;
      value.parts.push_back(part);
    }
  } else {
    const auto* bytes = static_cast<const uint8_t*>(elements);
    value.bytes.assign(bytes, bytes + count * size_of_type(type));
  }
  if (type == CUDNN_TYPE_HANDLE) handle_of(value.at<uint64_t>(0));
  d.values[attribute] = std::move(value);
}

void finalize(Descriptor& d) {
  require(!d.finalized, CUDNN_STATUS_BAD_PARAM, std::string("the ") + name_of(d.kind) + " is finalized already");
  auto finish = finalizer(d.kind);
  require(finish != nullptr, CUDNN_STATUS_NOT_SUPPORTED, std::string("the library alone makes ") + name_of(d.kind));
  for (const Rule* rule : rules_of(d.kind)) {
    require(rule->use != Rule::required || d.find(rule->attribute), CUDNN_STATUS_BAD_PARAM,
            std::string(rule->name) + " is not set");
  }
  finish(d);
  d.finalized = true;
}

void copy_parts(const Value& value, const Rule& rule, int64_t requested, void* elements) {
  for (int64_t i = 0; i < std::min(requested, value.count); i++) {
    Descriptor& to = *descriptor_of(static_cast<void**>(elements)[i]);
    require(to.kind == value.parts[i]->kind, CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE,
            std::string(rule.name) + " cannot be put into a " + name_of(to.kind));
    require(!to.finalized, CUDNN_STATUS_BAD_PARAM,
            std::string(rule.name) + " cannot be put into a finalized descriptor");
    to = *value.parts[i];
  }
}

void get(const Descriptor& d, int attribute, int type, int64_t requested, int64_t* count, void* elements) {
  require(d.finalized, CUDNN_STATUS_NOT_INITIALIZED, std::string("the ") + name_of(d.kind) + " is not finalized");
  const Rule& rule = rule_of(d.kind, attribute);
  check_type(rule, type);
  require(requested >= 0, CUDNN_STATUS_BAD_PARAM, "the requested count is negative");
  require(count != nullptr || requested == 1, CUDNN_STATUS_BAD_PARAM_NULL_POINTER,
          "the place of the element count is null");
  require(elements != nullptr || requested == 0, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the array of elements is null");
  const Value* known = d.find(attribute);
  require(known || rule.use == Rule::answer, CUDNN_STATUS_BAD_PARAM, std::string(rule.name) + " was not set");
  Value value = rule.use == Rule::answer ? answer(d, rule) : *known;
  require(value.type == type, CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE,
          std::string(rule.name) + " was set with attribute type " + std::to_string(value.type));
  // cuDNN 9.28 counts knob choices only by filling descriptors
  bool counted = attribute != CUDNN_ATTR_ENGINECFG_KNOB_CHOICES;
  if (count) *count = counted ? value.count : std::min(requested, value.count);
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) return copy_parts(value, rule, requested, elements);
  if (requested > 0 && value.count > 0)
    std::memcpy(elements, value.bytes.data(), std::min(requested, value.count) * size_of_type(type));
}

template <class T>
const T& finished(const void* descriptor, const char* what) {
  const Part& part = descriptor_of(descriptor);
  const T* made = std::get_if<T>(&part->made);
  require(made != nullptr && part->finalized, CUDNN_STATUS_BAD_PARAM,
          std::string("the ") + what + " is another descriptor or not finalized");
  return *made;
}

}  // namespace
}  // namespace softcudnn

using namespace softcudnn;

extern "C" {

size_t cudnnGetVersion() { return library().settings.version; }

size_t cudnnGetCudartVersion() { return library().settings.cudart; }

size_t cudnnGetMaxDeviceVersion() { return 1210; }

int cudnnGetProperty(int type, int* value) {
  return inside(__func__, [&] {
    require(value != nullptr, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the value's place is null");
    int version = library().settings.version;
    require(type >= 0 && type <= 2, CUDNN_STATUS_BAD_PARAM, "there is no property " + std::to_string(type));
    *value = type == 0 ? version / 10000 : type == 1 ? version / 100 % 100 : version % 100;
  });
}

void cudnnGetLastErrorString(char* message, size_t size) {
  if (!message || size == 0) return;
  std::strncpy(message, last_refusal().c_str(), size - 1);
  message[size - 1] = 0;
}

int cudnnCreate(void** handle) {
  return inside(__func__, [&] {
    require(handle != nullptr, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the handle's place is null");
    void* context = current_context();
    require(context != nullptr, CUDNN_STATUS_NOT_INITIALIZED, "the thread has no current context");
    *handle = reinterpret_cast<void*>(add_handle({context}));
  });
}

int cudnnDestroy(void* handle) {
  return inside(__func__, [&] {
    remove_handle(reinterpret_cast<uint64_t>(handle));
    synchronize();
  });
}

int cudnnSetStream(void* handle, void* stream) {
  return inside(__func__, [&] {
    Handle& found = handle_of(reinterpret_cast<uint64_t>(handle));
    require(is_stream(stream), CUDNN_STATUS_BAD_PARAM, "the stream is none of the thread's context");
    found.stream = stream;
  });
}

int cudnnGetStream(void* handle, void** stream) {
  return inside(__func__, [&] {
    require(stream != nullptr, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the stream's place is null");
    *stream = handle_of(reinterpret_cast<uint64_t>(handle)).stream;
  });
}

int cudnnBackendCreateDescriptor(int kind, void** descriptor) {
  return inside(__func__, [&] {
    require(descriptor != nullptr, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the descriptor's place is null");
    require(name_of(kind) != nullptr, CUDNN_STATUS_NOT_SUPPORTED,
            "softcudnn has no descriptor type " + std::to_string(kind));
    *descriptor = add_descriptor(std::make_shared<Descriptor>(Descriptor{kind}));
  });
}

int cudnnBackendDestroyDescriptor(void* descriptor) {
  return inside(__func__, [&] { remove_descriptor(descriptor); });
}

// Deprecated: a descriptor is ready when it is created.
int cudnnBackendInitialize(void* descriptor) {
  return inside(__func__, [&] {
    require(!descriptor_of(descriptor)->finalized, CUDNN_STATUS_BAD_PARAM, "the descriptor is finalized");
  });
}

int cudnnBackendFinalize(void* descriptor) {
  return inside(__func__, [&] { finalize(*descriptor_of(descriptor)); });
}

int cudnnBackendSetAttribute(void* descriptor, int attribute, int type, int64_t count, const void* elements) {
  return inside(__func__, [&] { set(*descriptor_of(descriptor), attribute, type, count, elements); });
}

int cudnnBackendGetAttribute(void* descriptor, int attribute, int type, int64_t requested, int64_t* count,
                             void* elements) {
  return inside(__func__, [&] { get(*descriptor_of(descriptor), attribute, type, requested, count, elements); });
}

int cudnnBackendExecute(void* handle, void* plan, void* pack) {
  return inside(__func__, [&] {
    execute(handle_of(reinterpret_cast<uint64_t>(handle)), finished<Plan>(plan, "execution plan"),
            finished<Pack>(pack, "variant pack"));
  });
}

}  // extern "C"
