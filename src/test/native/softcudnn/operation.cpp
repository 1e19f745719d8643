// Operators and operations: attributes that belong together, and shapes that make a convolution or a
// pointwise operation.
#include <algorithm>

#include "descriptor.hpp"

namespace softcudnn {
namespace {

using TensorPart = std::shared_ptr<const Tensor>;

void require_float(const Descriptor& d, int attribute, const char* name) {
  require(d.get<int>(attribute) == CUDNN_DATA_FLOAT, CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
          std::string(name) + " is not CUDNN_DATA_FLOAT");
}

TensorPart optional_tensor(const Descriptor& d, int attribute) {
  return d.find(attribute) ? d.part<TensorPart>(attribute) : nullptr;
}

// Where the attributes of each convolution operation are.
struct Places {
  int alpha, beta, convolution, x, w, y;
};

Places places(int kind) {
  switch (kind) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    default:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
  }
}

// x (n,c,h,w), w (k,c,r,s), y (n,k,p,q), as cuDNN orders dimensions whatever the layout.
void check_shapes(const Operation& o) {
  const auto &x = o.x->dims, &w = o.w->dims, &y = o.y->dims;
  require(x[1] % w[1] == 0, CUDNN_STATUS_BAD_PARAM,
          o.x->text() + " has channels that are no multiple of the filter's, " + o.w->text());
  require(x[1] == w[1], CUDNN_STATUS_NOT_SUPPORTED_SHAPE,
          "softcudnn has no grouped convolution: " + o.x->text() + ", " + o.w->text());
  require(y[1] == w[0], CUDNN_STATUS_BAD_PARAM,
          o.y->text() + " has not the filter's " + std::to_string(w[0]) + " output channels");
  require(y[0] == x[0], CUDNN_STATUS_BAD_PARAM, o.y->text() + " and " + o.x->text() + " differ in samples");
  for (size_t i = 0; i < 2; i++) {
    const Convolution& c = o.convolution;
    int64_t reach = (w[2 + i] - 1) * c.dilation[i] + 1, padded = x[2 + i] + c.before[i] + c.after[i];
    require(padded >= reach, CUDNN_STATUS_BAD_PARAM, o.w->text() + " is larger than the padded " + o.x->text());
    int64_t size = (padded - reach) / c.stride[i] + 1;
    require(y[2 + i] == size, CUDNN_STATUS_BAD_PARAM,
            o.y->text() + ": the convolution gives " + std::to_string(size) + " in dimension " + std::to_string(2 + i));
  }
}

void finalize_convolution_operation(Descriptor& d) {
  Places at = places(d.kind);
  Operation o{d.kind, d.part<Convolution>(at.convolution)};
  o.x = d.part<TensorPart>(at.x);
  o.w = d.part<TensorPart>(at.w);
  o.y = d.part<TensorPart>(at.y);
  o.alpha = d.real(at.alpha, 1);
  o.beta = d.real(at.beta, 0);
  check_shapes(o);
  const Tensor *first = o.inputs()[0], *second = o.inputs()[1];
  require(first->element == second->element, CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
          first->text() + " and " + second->text() + " differ in type");
  require(o.output().element == first->element || o.output().element == Element::f32,
          CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, o.output().text() + " is neither of its inputs' type nor f32");
  require(o.beta == 0 || !o.output().is_virtual, CUDNN_STATUS_BAD_PARAM, "beta is not 0 and the output is virtual");
  d.made = std::make_shared<const Operation>(std::move(o));
}

bool is_backward(int mode) { return mode >= 200 && mode < 300; }

bool has_two(int mode) {
  switch (mode) {
    case CUDNN_POINTWISE_ADD:
    case CUDNN_POINTWISE_MUL:
    case CUDNN_POINTWISE_MIN:
    case CUDNN_POINTWISE_MAX:
    case CUDNN_POINTWISE_DIV:
    case CUDNN_POINTWISE_SUB: return true;
    default: return is_backward(mode);
  }
}

// Broadcast: each dimension of an input is the output's or 1.
void check_broadcast(const Tensor& in, const Tensor& out) {
  for (size_t i = 0; i < 4; i++) {
    require(in.dims[i] == out.dims[i] || in.dims[i] == 1, CUDNN_STATUS_BAD_PARAM,
            in.text() + " cannot be spread over " + out.text());
  }
}

void finalize_pointwise_operation(Descriptor& d) {
  Operation o{d.kind, {}, d.part<Pointwise>(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR)};
  bool backward = is_backward(o.pointwise.mode);
  o.x = d.part<TensorPart>(CUDNN_ATTR_OPERATION_POINTWISE_XDESC);
  o.b = optional_tensor(d, backward ? CUDNN_ATTR_OPERATION_POINTWISE_DYDESC : CUDNN_ATTR_OPERATION_POINTWISE_BDESC);
  o.y = d.part<TensorPart>(backward ? CUDNN_ATTR_OPERATION_POINTWISE_DXDESC : CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
  o.alpha = d.real(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA1, 1);
  o.beta = d.real(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2, 1);
  std::string mode = "pointwise mode " + std::to_string(o.pointwise.mode);
  require((o.b != nullptr) == has_two(o.pointwise.mode), CUDNN_STATUS_BAD_PARAM,
          mode + (o.b ? " has no second input" : " has a second input"));
  require(o.b || !d.find(CUDNN_ATTR_OPERATION_POINTWISE_ALPHA2), CUDNN_STATUS_BAD_PARAM,
          mode + " has no second input to scale by ALPHA2");
  require(o.y->dims != std::vector<int64_t>() && !o.y->by_value, CUDNN_STATUS_BAD_PARAM,
          o.y->text() + " is by value and an output");
  check_broadcast(*o.x, *o.y);
  if (o.b) check_broadcast(*o.b, *o.y);
  d.made = std::make_shared<const Operation>(std::move(o));
}

void finalize_reduction_operation(Descriptor& d) {
  Operation o{d.kind};
  d.part<Reduction>(CUDNN_ATTR_OPERATION_REDUCTION_DESC);
  o.x = d.part<TensorPart>(CUDNN_ATTR_OPERATION_REDUCTION_XDESC);
  o.y = d.part<TensorPart>(CUDNN_ATTR_OPERATION_REDUCTION_YDESC);
  check_broadcast(*o.y, *o.x);
  d.made = std::make_shared<const Operation>(std::move(o));
}

}  // namespace

void finalize_convolution(Descriptor& d) {
  require_float(d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, "CUDNN_ATTR_CONVOLUTION_COMP_TYPE");
  int64_t spatial = d.get<int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS);
  int mode = d.get<int>(CUDNN_ATTR_CONVOLUTION_CONV_MODE);
  require(mode == CUDNN_CONVOLUTION || mode == CUDNN_CROSS_CORRELATION, CUDNN_STATUS_BAD_PARAM,
          "there is no convolution mode " + std::to_string(mode));
  Convolution c{d.integers(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS), d.integers(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS),
                d.integers(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES), d.integers(CUDNN_ATTR_CONVOLUTION_DILATIONS),
                mode == CUDNN_CONVOLUTION};
  for (auto* each : {&c.before, &c.after, &c.stride, &c.dilation}) {
    require(
        static_cast<int64_t>(each->size()) == spatial, CUDNN_STATUS_BAD_PARAM,
        "paddings, strides or dilations have not the convolution's " + std::to_string(spatial) + " spatial dimensions");
    int64_t least = each == &c.stride || each == &c.dilation ? 1 : 0;
    require(*std::min_element(each->begin(), each->end()) >= least, CUDNN_STATUS_BAD_PARAM,
            least ? "a stride or dilation is less than 1" : "a padding is negative");
  }
  require(spatial == 2, CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "softcudnn has 2 spatial dimensions only");
  d.made = std::move(c);
}

void finalize_pointwise(Descriptor& d) {
  require_float(d, CUDNN_ATTR_POINTWISE_MATH_PREC, "CUDNN_ATTR_POINTWISE_MATH_PREC");
  Pointwise p{d.get<int>(CUDNN_ATTR_POINTWISE_MODE)};
  p.lower = d.real(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP, p.lower);
  p.upper = d.real(CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, p.upper);
  p.slope = d.real(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, p.slope);
  p.beta = d.real(CUDNN_ATTR_POINTWISE_SWISH_BETA, p.beta);
  d.made = p;
}

void finalize_reduction(Descriptor& d) {
  require_float(d, CUDNN_ATTR_REDUCTION_COMP_TYPE, "CUDNN_ATTR_REDUCTION_COMP_TYPE");
  Reduction r{d.get<int>(CUDNN_ATTR_REDUCTION_OPERATOR)};
  require(r.operation == CUDNN_REDUCE_TENSOR_ADD, CUDNN_STATUS_NOT_SUPPORTED, "softcudnn has sums only");
  d.made = r;
}

void finalize_operation(Descriptor& d) {
  if (d.kind == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR) return finalize_pointwise_operation(d);
  if (d.kind == CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR) return finalize_reduction_operation(d);
  finalize_convolution_operation(d);
}

}  // namespace softcudnn
