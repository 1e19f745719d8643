// targets: 75
//
// Functions of one element: y = f(x), in f32 arithmetic on f32, bf16 or f16.
//
// A thread takes 16 bytes (elementwise.cuh). Roofline: memory, 2 x the element's size per element
// against fewer than 20 flops (x cos x: 30).
#include "activation.cuh"
#include "elementwise.cuh"

// entry_f32, entry_bf16 and entry_f16 with these further parameters
#define FOR_TYPES(name, expression, ...)                                                       \
  FOR_TYPE(name##_f32, F32, expression, ##__VA_ARGS__)                                         \
  FOR_TYPE(name##_bf16, BF16, expression, ##__VA_ARGS__)                                       \
  FOR_TYPE(name##_f16, F16, expression, ##__VA_ARGS__)

#define FOR_TYPE(name, T, expression, ...)                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      name(const T::Stored* in, T::Stored* out, u64 n, ##__VA_ARGS__) {                        \
    each<T>(in, out, n, [=](float x) -> float { return expression; });                         \
  }

FOR_TYPES(leaky_relu_forward, leaky_relu(x, slope), float slope)
FOR_TYPES(x_cos_x_forward, x_cos_x(x))
FOR_TYPES(sigmoid_forward, sigmoid(x))
FOR_TYPES(affine_forward, scale * x + shift, float scale, float shift)
FOR_TYPES(square_forward, x * x)
FOR_TYPES(sqrt_forward, sqrtf(x))
FOR_TYPES(abs_forward, fabsf(x))
FOR_TYPES(sign_forward, x > 0 ? 1 : x < 0 ? -1 : x)
FOR_TYPES(zero_to_one_forward, x == 0 ? 1 : x)
FOR_TYPES(clip_forward, x < low ? low : x > high ? high : x, float low, float high)
