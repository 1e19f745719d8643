// What the parts of a descriptor say of themselves.
#include "descriptor.hpp"

#include <algorithm>
#include <numeric>

namespace softcudnn {

const Value* Descriptor::find(int attribute) const {
  auto found = values.find(attribute);
  return found == values.end() ? nullptr : &found->second;
}

std::vector<int64_t> Descriptor::integers(int attribute) const {
  std::vector<int64_t> all;
  const Value* value = find(attribute);
  for (int64_t i = 0; value && i < value->count; i++) all.push_back(value->at<int64_t>(i));
  return all;
}

double Descriptor::real(int attribute, double otherwise) const {
  const Value* value = find(attribute);
  if (!value) return otherwise;
  return value->type == CUDNN_TYPE_FLOAT ? value->at<float>(0) : value->at<double>(0);
}

int64_t Tensor::elements() const {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<int64_t>());
}

bool Tensor::nhwc() const {
  if (dims.size() != 4) return false;
  const int order[] = {1, 3, 2, 0};  // channels, width, height, samples
  int64_t step = 1;
  for (int d : order) {
    if (dims[d] != 1 && strides[d] != step) return false;
    step *= dims[d];
  }
  return true;
}

std::string Tensor::text() const {
  std::string text = "tensor " + std::to_string(id) + " (";
  for (size_t i = 0; i < dims.size(); i++) text += (i ? "," : "") + std::to_string(dims[i]);
  return text + ")";
}

std::vector<const Tensor*> Operation::inputs() const {
  switch (kind) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR: return {x.get(), w.get()};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR: return {w.get(), y.get()};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR: return {x.get(), y.get()};
    default: return b ? std::vector<const Tensor*>{x.get(), b.get()} : std::vector<const Tensor*>{x.get()};
  }
}

const Tensor& Operation::output() const {
  switch (kind) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR: return *x;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR: return *w;
    default: return *y;
  }
}

const char* Operation::name() const { return name_of(kind); }

}  // namespace softcudnn
