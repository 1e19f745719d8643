// Tensors: 4 dimensions of packed f32, f16 or bf16, in any order; what cuDNN computes beyond that,
// softcudnn does not.
#include <algorithm>
#include <numeric>

#include "descriptor.hpp"

namespace softcudnn {
namespace {

Element element_of(int type) {
  switch (type) {
    case CUDNN_DATA_FLOAT: return Element::f32;
    case CUDNN_DATA_HALF: return Element::f16;
    case CUDNN_DATA_BFLOAT16: return Element::bf16;
    default: refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "softcudnn has no data type " + std::to_string(type));
  }
}

// Whether the strides put every element at a place of its own, without gaps.
bool packed(const Tensor& t) {
  std::vector<size_t> order(t.dims.size());
  std::iota(order.begin(), order.end(), 0);
  order.erase(std::remove_if(order.begin(), order.end(), [&](size_t d) { return t.dims[d] == 1; }), order.end());
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return t.strides[a] < t.strides[b]; });
  int64_t step = 1;
  for (size_t d : order) {
    if (t.strides[d] != step) return false;
    step *= t.dims[d];
  }
  return true;
}

}  // namespace

void finalize_tensor(Descriptor& d) {
  Tensor t{element_of(d.get<int>(CUDNN_ATTR_TENSOR_DATA_TYPE)),
           d.integers(CUDNN_ATTR_TENSOR_DIMENSIONS),
           d.integers(CUDNN_ATTR_TENSOR_STRIDES),
           d.get<int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID),
           d.get<int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT),
           d.get<uint8_t>(CUDNN_ATTR_TENSOR_IS_VIRTUAL) != 0,
           d.get<uint8_t>(CUDNN_ATTR_TENSOR_IS_BY_VALUE) != 0};
  require(t.dims.size() == t.strides.size(), CUDNN_STATUS_BAD_PARAM,
          t.text() + " has " + std::to_string(t.strides.size()) + " strides");
  for (size_t i = 0; i < t.dims.size(); i++) {
    require(t.dims[i] > 0 && t.strides[i] > 0, CUDNN_STATUS_BAD_PARAM,
            t.text() + " has a dimension or stride that is not positive");
  }
  int64_t size = static_cast<int64_t>(size_of(t.element));
  require(t.alignment > 0 && t.alignment % size == 0, CUDNN_STATUS_BAD_PARAM,
          t.text() + ": its alignment of " + std::to_string(t.alignment) + " bytes is no multiple of its elements' " +
              std::to_string(size));
  require(d.get<int64_t>(CUDNN_ATTR_TENSOR_VECTOR_COUNT, 1) == 1, CUDNN_STATUS_NOT_SUPPORTED,
          "softcudnn has no vectorized tensors");
  require(d.get<int>(CUDNN_ATTR_TENSOR_REORDERING_MODE) == 0, CUDNN_STATUS_NOT_SUPPORTED,
          "softcudnn has no reordered tensors");
  require(!t.is_virtual || !t.by_value, CUDNN_STATUS_BAD_PARAM, t.text() + " is virtual and by value");
  require(!t.by_value || t.elements() == 1, CUDNN_STATUS_BAD_PARAM, t.text() + " is by value and not one element");
  require(t.dims.size() == 4, CUDNN_STATUS_NOT_SUPPORTED_SHAPE,
          t.text() + ": softcudnn has tensors of 4 dimensions only");
  require(packed(t), CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, t.text() + ": its strides leave gaps or overlap");
  d.made = std::make_shared<const Tensor>(std::move(t));
}

}  // namespace softcudnn
