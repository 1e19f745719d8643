// Pointwise operations and sums.
#include <cmath>

#include "compute.hpp"

namespace softcudnn {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Mode {
  int mode;
  double (*value)(const Pointwise&, double x, double b);
};

// A gradient's x is the forward operation's input, its b the output's gradient.
const Mode modes[] = {
    {CUDNN_POINTWISE_ADD, [](const Pointwise&, double x, double b) { return x + b; }},
    {CUDNN_POINTWISE_MUL, [](const Pointwise&, double x, double b) { return x * b; }},
    {CUDNN_POINTWISE_MIN, [](const Pointwise&, double x, double b) { return std::fmin(x, b); }},
    {CUDNN_POINTWISE_MAX, [](const Pointwise&, double x, double b) { return std::fmax(x, b); }},
    {CUDNN_POINTWISE_DIV, [](const Pointwise&, double x, double b) { return x / b; }},
    {CUDNN_POINTWISE_SUB, [](const Pointwise&, double x, double b) { return x - b; }},
    {CUDNN_POINTWISE_SQRT, [](const Pointwise&, double x, double) { return std::sqrt(x); }},
    {CUDNN_POINTWISE_ABS, [](const Pointwise&, double x, double) { return std::fabs(x); }},
    {CUDNN_POINTWISE_EXP, [](const Pointwise&, double x, double) { return std::exp(x); }},
    {CUDNN_POINTWISE_LOG, [](const Pointwise&, double x, double) { return std::log(x); }},
    {CUDNN_POINTWISE_NEG, [](const Pointwise&, double x, double) { return -x; }},
    {CUDNN_POINTWISE_RSQRT, [](const Pointwise&, double x, double) { return 1 / std::sqrt(x); }},
    {CUDNN_POINTWISE_IDENTITY, [](const Pointwise&, double x, double) { return x; }},
    {CUDNN_POINTWISE_RECIPROCAL, [](const Pointwise&, double x, double) { return 1 / x; }},
    {CUDNN_POINTWISE_RELU_FWD,
     [](const Pointwise& p, double x, double) {
       return x < p.lower ? p.lower + p.slope * (x - p.lower) : std::fmin(x, p.upper);
     }},
    {CUDNN_POINTWISE_TANH_FWD, [](const Pointwise&, double x, double) { return std::tanh(x); }},
    {CUDNN_POINTWISE_SIGMOID_FWD, [](const Pointwise&, double x, double) { return sigmoid(x); }},
    {CUDNN_POINTWISE_SWISH_FWD, [](const Pointwise& p, double x, double) { return x * sigmoid(p.beta * x); }},
    {CUDNN_POINTWISE_RELU_BWD,
     [](const Pointwise& p, double x, double b) { return x < p.lower   ? p.slope * b
                                                         : x > p.upper ? 0
                                                                       : b; }},
    {CUDNN_POINTWISE_TANH_BWD,
     [](const Pointwise&, double x, double b) { return b * (1 - std::tanh(x) * std::tanh(x)); }},
    {CUDNN_POINTWISE_SIGMOID_BWD,
     [](const Pointwise&, double x, double b) { return b * sigmoid(x) * (1 - sigmoid(x)); }},
};

const Mode* find(int mode) {
  for (const Mode& each : modes) {
    if (each.mode == mode) return &each;
  }
  return nullptr;
}

// The place in a tensor of what a place in another, at least as large in every dimension, is spread from.
struct Spread {
  int64_t steps[4], sizes[4];  // of n, h, w, c

  Spread(const Tensor& small, const Tensor& large) {
    const int order[] = {0, 2, 3, 1};
    int64_t step = 1;
    for (int i = 3; i >= 0; i--) {
      int d = order[i];
      sizes[i] = large.dims[d];
      steps[i] = small.dims[d] == 1 ? 0 : step;
      step *= small.dims[d];
    }
  }
  int64_t operator()(int64_t place) const {
    int64_t at = 0;
    for (int i = 3; i >= 0; i--) {
      at += place % sizes[i] * steps[i];
      place /= sizes[i];
    }
    return at;
  }
};

}  // namespace

bool computes(int mode) { return find(mode) != nullptr; }

std::vector<double> pointwise(const Operation& o, const Array& x, const Array* b) {
  auto value = find(o.pointwise.mode)->value;
  Spread from_x(*o.x, *o.y), from_b(o.b ? *o.b : *o.x, *o.y);
  std::vector<double> y(o.y->elements());
  for (size_t i = 0; i < y.size(); i++) {
    y[i] = value(o.pointwise, o.alpha * x[from_x(i)], b ? o.beta * (*b)[from_b(i)] : 0);
  }
  return y;
}

std::vector<double> reduce(const Operation& o, const Array& x) {
  Spread to(*o.y, *o.x);
  std::vector<double> y(o.y->elements());
  for (size_t i = 0; i < x.size(); i++) y[to(i)] += x[i];
  return y;
}

}  // namespace softcudnn
