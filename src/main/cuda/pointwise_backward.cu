// targets: 75
//
// Gradients of functions of one element: dx = dy f'(saved), in f32 arithmetic on f32, bf16 or f16.
//
// `saved` is the function's output for leakyRelu and the sigmoid, its input otherwise. A thread takes
// 16 bytes of each (elementwise.cuh). Roofline: memory, 3 x the element's size per element.
#include "activation.cuh"
#include "elementwise.cuh"

#define FOR_TYPES(name, expression, ...)                                                       \
  FOR_TYPE(name##_f32, F32, expression, ##__VA_ARGS__)                                         \
  FOR_TYPE(name##_bf16, BF16, expression, ##__VA_ARGS__)                                       \
  FOR_TYPE(name##_f16, F16, expression, ##__VA_ARGS__)

#define FOR_TYPE(name, T, expression, ...)                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK) name(                                    \
      const T::Stored* saved, const T::Stored* dout, T::Stored* din, u64 n, ##__VA_ARGS__) {   \
    each<T>(saved, dout, din, n, [=](float x, float dy) -> float { return expression; });      \
  }

FOR_TYPES(leaky_relu_backward, dy * leaky_relu_slope(x, slope), float slope)
FOR_TYPES(x_cos_x_backward, dy * x_cos_x_slope(x))
FOR_TYPES(sigmoid_backward, dy * sigmoid_slope(x))
FOR_TYPES(clip_backward, x >= low && x <= high ? dy : 0, float low, float high)
