// A plan with its addresses: work that a stream or a graph runs.
#pragma once

#include "common_device.hpp"
#include "compute.hpp"
#include "engine.hpp"

namespace softcudnn {

struct Job final : Work {
  std::shared_ptr<const Graph> graph;
  Arithmetic arithmetic;
  std::map<int64_t, uint64_t> addresses;
  std::map<int64_t, float> scalars;  // tensors by value
  uint64_t workspace = 0;
  int64_t workspace_bytes = 0;

  void run() override;

 private:
  std::map<int64_t, Array> virtuals;

  bool load(const Tensor& tensor, Array& array, bool operand);
  bool store(const Tensor& tensor, const std::vector<double>& values);
  bool run(const Operation& operation);
};

}  // namespace softcudnn
