// Descriptors: what a caller has set, and what finalizing made of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common_library.hpp"
#include "common_numbers.hpp"
#include "cudnn_api.hpp"

namespace softcudnn {

struct Descriptor;
using Part = std::shared_ptr<Descriptor>;

// An attribute's value. Descriptors are held, so the caller may destroy his: the library does the same.
struct Value {
  int type = 0;
  int64_t count = 0;
  std::vector<uint8_t> bytes;
  std::vector<Part> parts;
  bool finished = true;  // whether all parts were finalized when they were set

  template <class T>
  T at(size_t i) const {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    return value;
  }
};

struct Tensor {
  Element element;
  std::vector<int64_t> dims, strides;
  int64_t id, alignment;
  bool is_virtual, by_value;
  int64_t elements() const;
  int64_t bytes() const { return elements() * static_cast<int64_t>(size_of(element)); }
  // Whether channels, dimension 1 of 4, are innermost and the others follow in order without gaps.
  bool nhwc() const;
  std::string text() const;  // "tensor 3 (2,8,16,16)"
};

struct Convolution {
  std::vector<int64_t> before, after, stride, dilation;
  bool flipped;  // CUDNN_CONVOLUTION; cross-correlation otherwise
};

struct Pointwise {
  int mode;
  double lower = 0, upper = std::numeric_limits<double>::infinity(), slope = 0, beta = 1;
};

struct Reduction {
  int operation;
};

// A node of an operation graph. The convolutions have x, w, y (or their gradients in the same places);
// a pointwise operation has x, perhaps b, and y; its gradient x, dy in b, and dx in y.
struct Operation {
  int kind;
  Convolution convolution;
  Pointwise pointwise;
  std::shared_ptr<const Tensor> x, w, b, y;
  double alpha = 1, beta = 0;

  std::vector<const Tensor*> inputs() const;
  const Tensor& output() const;
  bool convolves() const { return kind >= 10 && kind <= 12; }
  const char* name() const;
};

struct Graph {
  uint64_t handle;
  std::vector<std::shared_ptr<const Operation>> operations;  // in an order in which they can run
  std::map<int64_t, const Tensor*> tensors;                  // of memory, by unique id
};

struct Knob {
  int type;
  int64_t value;
};

struct EngineChoice {
  std::shared_ptr<const Graph> graph;
  int engine;
};

struct Config {
  EngineChoice choice;
  std::vector<Knob> knobs;
};

struct Heuristics {
  std::vector<Part> results;  // finalized engine configurations
};

struct Plan {
  uint64_t handle;
  Config config;
  int64_t workspace;
  std::shared_ptr<bool> compiled;  // whether its code has been made, where that is at its first execution
};

struct Pack {
  std::map<int64_t, uint64_t> pointers;
  uint64_t workspace;
};

struct Descriptor {
  int kind;
  bool finalized = false;
  std::map<int, Value> values;
  std::variant<std::monostate, std::shared_ptr<const Tensor>, Convolution, Pointwise, Reduction,
               std::shared_ptr<const Operation>, std::shared_ptr<const Graph>, EngineChoice, Config, Heuristics, Plan,
               Pack>
      made;

  const Value* find(int attribute) const;

  // The single value of an attribute, or another where it was not set.
  template <class T>
  T get(int attribute, T otherwise = {}) const {
    const Value* value = find(attribute);
    return value ? value->at<T>(0) : otherwise;
  }
  std::vector<int64_t> integers(int attribute) const;
  double real(int attribute, double otherwise) const;  // of FLOAT or DOUBLE

  // What the descriptor in an attribute was finalized to; refused where it was not, naming it.
  template <class T>
  const T& part(int attribute) const;
};

// What a descriptor may be asked for and told (schema.cpp).
struct Rule {
  int kind, attribute;
  const char* name;
  int type, other_type;  // other_type: one more that it may have, or -1
  int64_t fewest, most;
  enum Use { required, optional, answer } use;
  int since;  // the version that brought it
  int part_kind = -1;
};

const Rule& rule_of(int kind, int attribute);
const char* name_of(int kind);
std::vector<const Rule*> rules_of(int kind);
size_t size_of_type(int type);

// Turns what was set into what it means; refused where that is nothing (tensor.cpp, operation.cpp, graph.cpp,
// plan.cpp).
void finalize_tensor(Descriptor&);
void finalize_convolution(Descriptor&);
void finalize_pointwise(Descriptor&);
void finalize_reduction(Descriptor&);
void finalize_operation(Descriptor&);
void finalize_graph(Descriptor&);
void finalize_engine(Descriptor&);
void finalize_config(Descriptor&);
void finalize_heuristics(Descriptor&);
void finalize_plan(Descriptor&);
void finalize_knob(Descriptor&);
void finalize_pack(Descriptor&);

// The value of an attribute that is answered and not set (answers.cpp).
Value answer(const Descriptor&, const Rule&);

// Handles (registry.cpp). Numbers that are never used twice, so a stale one is seen.
struct Handle {
  void* context;
  void* stream = nullptr;
};
Handle& handle_of(uint64_t handle);
uint64_t add_handle(Handle handle);
void remove_handle(uint64_t handle);
const Part& descriptor_of(const void* descriptor);
void* add_descriptor(Part descriptor);
void remove_descriptor(void* descriptor);

template <class T>
const T& Descriptor::part(int attribute) const {
  const Value* value = find(attribute);
  const Rule& rule = rule_of(kind, attribute);
  require(value != nullptr && !value->parts.empty(), CUDNN_STATUS_BAD_PARAM, std::string(rule.name) + " is not set");
  require(value->finished, CUDNN_STATUS_BAD_PARAM, std::string(rule.name) + " was set before it was finalized");
  const T* made_of = std::get_if<T>(&value->parts[0]->made);
  require(made_of != nullptr, CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE,
          std::string(rule.name) + " cannot be a " + name_of(value->parts[0]->kind));
  return *made_of;
}

}  // namespace softcudnn
