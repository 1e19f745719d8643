// The operations on dense arrays of floats in the order (n,h,w,c), filters (k,r,s,c). Products of floats
// are exact in f64, sums are in f64, and what is stored is rounded once.
#pragma once

#include <vector>

#include "descriptor.hpp"

namespace softcudnn {

using Array = std::vector<float>;

// The sizes of a convolution.
struct Shape {
  int64_t n, h, w, c, k, r, s, p, q;
  explicit Shape(const Operation& o);
};

std::vector<double> convolve_forward(const Operation& o, const Array& x, const Array& w);          // (n,p,q,k)
std::vector<double> convolve_backward_data(const Operation& o, const Array& w, const Array& y);    // (n,h,w,c)
std::vector<double> convolve_backward_filter(const Operation& o, const Array& x, const Array& y);  // (k,r,s,c)

// Whether softcudnn computes a mode.
bool computes(int pointwise_mode);

// The whole operation: inputs with dimensions of 1 are spread over the output.
std::vector<double> pointwise(const Operation& o, const Array& x, const Array* b);

// Sums over the dimensions that are 1 in the output.
std::vector<double> reduce(const Operation& o, const Array& x);

}  // namespace softcudnn
