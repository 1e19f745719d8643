// Runs a plan: tensors to arrays, operations on these, arrays to tensors, every access checked by softcuda.
#include "job.hpp"

#include <atomic>

namespace softcudnn {
namespace {

// The offset of each element, in the order (n,h,w,c), in a tensor.
template <class Body>
void each_element(const Tensor& t, Body body) {
  size_t i = 0;
  for (int64_t n = 0; n < t.dims[0]; n++) {
    for (int64_t h = 0; h < t.dims[2]; h++) {
      for (int64_t w = 0; w < t.dims[3]; w++) {
        int64_t pixel = n * t.strides[0] + h * t.strides[2] + w * t.strides[3];
        for (int64_t c = 0; c < t.dims[1]; c++) body(i++, static_cast<size_t>(pixel + c * t.strides[1]));
      }
    }
  }
}

float rounded(float value, Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::tf32: return to_tf32(value);
    case Arithmetic::bf16: return number(static_cast<uint32_t>(to_bfloat(value)) << 16);
    default: return value;
  }
}

// A last bit that depends on the run, as sums by atomics do.
double unordered(double value, size_t i, uint64_t run) {
  uint64_t hash = (i + 1) * 0x9e3779b97f4a7c15u ^ run * 0xd1342543de82ef95u;
  return value * (1 + static_cast<double>(hash >> 40 & 3) * 0x1p-24);
}

}  // namespace

bool Job::load(const Tensor& t, Array& array, bool operand) {
  if (auto found = virtuals.find(t.id); found != virtuals.end()) {
    array = found->second;
  } else if (t.by_value) {
    array = {scalars.at(t.id)};
  } else {
    const void* data = device_read(addresses.at(t.id), t.bytes(), t.text().c_str());
    if (!data) return false;
    array.resize(t.elements());
    each_element(t, [&](size_t i, size_t at) { array[i] = softcudnn::load(data, at, t.element); });
  }
  bool rounds = operand && t.element == Element::f32 && arithmetic != Arithmetic::exact;
  for (size_t i = 0; rounds && i < array.size(); i++) array[i] = rounded(array[i], arithmetic);
  return true;
}

bool Job::store(const Tensor& t, const std::vector<double>& values) {
  if (t.is_virtual) {
    Array& array = virtuals[t.id];
    array.resize(values.size());
    for (size_t i = 0; i < values.size(); i++) {
      softcudnn::store(&array[i], 0, static_cast<float>(values[i]), t.element);
      array[i] = softcudnn::load(&array[i], 0, t.element);
    }
    return true;
  }
  void* data = device_write(addresses.at(t.id), t.bytes(), t.text().c_str());
  if (!data) return false;
  each_element(t, [&](size_t i, size_t at) { softcudnn::store(data, at, static_cast<float>(values[i]), t.element); });
  return true;
}

bool Job::run(const Operation& o) {
  static std::atomic<uint64_t> runs{0};
  std::vector<Array> inputs;
  for (const Tensor* t : o.inputs()) {
    inputs.emplace_back();
    if (!load(*t, inputs.back(), o.convolves())) return false;
  }
  if (o.kind == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR) {
    return store(*o.y, pointwise(o, inputs[0], o.b ? &inputs[1] : nullptr));
  }
  if (o.kind == CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR) return store(*o.y, reduce(o, inputs[0]));
  auto convolve = o.kind == CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR         ? convolve_forward
                  : o.kind == CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR ? convolve_backward_data
                                                                                           : convolve_backward_filter;
  std::vector<double> values = convolve(o, inputs[0], inputs[1]);
  Array old;
  if (o.beta != 0 && !load(o.output(), old, false)) return false;
  uint64_t now = arithmetic == Arithmetic::unordered ? ++runs : 0;
  for (size_t i = 0; i < values.size(); i++) {
    values[i] = o.alpha * values[i] + (old.empty() ? 0 : o.beta * old[i]);
    if (now) values[i] = unordered(values[i], i, now);
  }
  return store(o.output(), values);
}

void Job::run() {
  virtuals.clear();
  if (workspace_bytes) scribble(workspace, workspace_bytes, "workspace");
  for (const auto& operation : graph->operations) {
    if (!run(*operation)) return;
  }
}

}  // namespace softcudnn
