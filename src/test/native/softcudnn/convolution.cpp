// The three convolutions as plain loops. The innermost runs over channels, which lie together, so that it
// vectorises: goldens of whole training steps run through here.
#include "compute.hpp"

namespace softcudnn {
namespace {

// The place in the input that filter tap `tap` reads for output `out`, or -1 in the padding.
struct Axis {
  int64_t size, before, stride, dilation, taps;
  bool flipped;

  int64_t input(int64_t out, int64_t tap) const {
    int64_t at = out * stride - before + (flipped ? taps - 1 - tap : tap) * dilation;
    return at >= 0 && at < size ? at : -1;
  }
  // The output whose tap `tap` reads `in`, or -1 where none does.
  int64_t output(int64_t in, int64_t tap, int64_t outputs) const {
    int64_t at = in + before - (flipped ? taps - 1 - tap : tap) * dilation;
    return at >= 0 && at % stride == 0 && at / stride < outputs ? at / stride : -1;
  }
};

Axis rows(const Operation& o, const Shape& z) {
  const Convolution& c = o.convolution;
  return {z.h, c.before[0], c.stride[0], c.dilation[0], z.r, c.flipped};
}

Axis columns(const Operation& o, const Shape& z) {
  const Convolution& c = o.convolution;
  return {z.w, c.before[1], c.stride[1], c.dilation[1], z.s, c.flipped};
}

// sums[i] += factor * row[i]
template <class T>
void add_scaled(double* __restrict__ sums, const T* __restrict__ row, double factor, int64_t count) {
  for (int64_t i = 0; i < count; i++) sums[i] += factor * static_cast<double>(row[i]);
}

}  // namespace

Shape::Shape(const Operation& o)
    : n(o.x->dims[0]),
      h(o.x->dims[2]),
      w(o.x->dims[3]),
      c(o.x->dims[1]),
      k(o.w->dims[0]),
      r(o.w->dims[2]),
      s(o.w->dims[3]),
      p(o.y->dims[2]),
      q(o.y->dims[3]) {}

std::vector<double> convolve_forward(const Operation& o, const Array& x, const Array& w) {
  Shape z(o);
  Axis down = rows(o, z), across = columns(o, z);
  std::vector<double> turned(w.size());  // (r,s,c,k)
  for (int64_t k = 0; k < z.k; k++) {
    for (int64_t i = 0; i < z.r * z.s * z.c; i++) turned[i * z.k + k] = w[k * z.r * z.s * z.c + i];
  }
  std::vector<double> y(z.n * z.p * z.q * z.k);
  for (int64_t out = 0; out < z.n * z.p * z.q; out++) {
    int64_t n = out / (z.p * z.q), p = out / z.q % z.p, q = out % z.q;
    for (int64_t tap = 0; tap < z.r * z.s; tap++) {
      int64_t row = down.input(p, tap / z.s), column = across.input(q, tap % z.s);
      if (row < 0 || column < 0) continue;
      const float* pixel = &x[((n * z.h + row) * z.w + column) * z.c];
      for (int64_t c = 0; c < z.c; c++) add_scaled(&y[out * z.k], &turned[(tap * z.c + c) * z.k], pixel[c], z.k);
    }
  }
  return y;
}

std::vector<double> convolve_backward_data(const Operation& o, const Array& w, const Array& y) {
  Shape z(o);
  Axis down = rows(o, z), across = columns(o, z);
  std::vector<double> x(z.n * z.h * z.w * z.c);
  for (int64_t in = 0; in < z.n * z.h * z.w; in++) {
    int64_t n = in / (z.h * z.w), row = in / z.w % z.h, column = in % z.w;
    for (int64_t tap = 0; tap < z.r * z.s; tap++) {
      int64_t p = down.output(row, tap / z.s, z.p), q = across.output(column, tap % z.s, z.q);
      if (p < 0 || q < 0) continue;
      const float* pixel = &y[((n * z.p + p) * z.q + q) * z.k];
      for (int64_t k = 0; k < z.k; k++) add_scaled(&x[in * z.c], &w[(k * z.r * z.s + tap) * z.c], pixel[k], z.c);
    }
  }
  return x;
}

std::vector<double> convolve_backward_filter(const Operation& o, const Array& x, const Array& y) {
  Shape z(o);
  Axis down = rows(o, z), across = columns(o, z);
  std::vector<double> w(z.k * z.r * z.s * z.c);
  for (int64_t tap = 0; tap < z.r * z.s; tap++) {
    for (int64_t out = 0; out < z.n * z.p * z.q; out++) {
      int64_t n = out / (z.p * z.q), p = out / z.q % z.p, q = out % z.q;
      int64_t row = down.input(p, tap / z.s), column = across.input(q, tap % z.s);
      if (row < 0 || column < 0) continue;
      const float* pixel = &x[((n * z.h + row) * z.w + column) * z.c];
      for (int64_t k = 0; k < z.k; k++) add_scaled(&w[(k * z.r * z.s + tap) * z.c], pixel, y[out * z.k + k], z.c);
    }
  }
  return w;
}

}  // namespace softcudnn
