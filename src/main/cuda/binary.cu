// targets: 75
//
// y = a op b with b of the same shape or repeated to it, in f32 arithmetic on f32, bf16 or f16.
//
// A thread takes 16 bytes of a and y (elementwise.cuh). A repeated b is found by at most three 32-bit
// divisions a thread, then by counting (repeat.cuh); it is small and stays in the cache. Roofline:
// memory, 2 x the element's size per element, 3 x with b of the same shape.
#include "elementwise.cuh"
#include "repeat.cuh"

template <class T, class Function>
__device__ __forceinline__ void repeated(const typename T::Stored* a, const typename T::Stored* b,
                                         typename T::Stored* y, u64 n, const Repeat& r,
                                         Function f) {
  u64 at = first_element<T>();
  RepeatWalk walk(r, at);
  if (at + T::LANES <= n) {
    float v[T::LANES], w[T::LANES];
    T::load(a + at, v);
    load_repeated<T>(b, r, walk, w);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] = f(v[i], w[i]);
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++, walk.next(r)) {
      y[at] = T::narrow(f(T::widen(a[at]), T::widen(b[walk.index(r)])));
    }
  }
}

#define FOR_TYPES(name, expression)                                                            \
  FOR_TYPE(name##_f32, F32, expression)                                                        \
  FOR_TYPE(name##_bf16, BF16, expression)                                                      \
  FOR_TYPE(name##_f16, F16, expression)

#define FOR_TYPE(name, T, expression)                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      name(const T::Stored* p, const T::Stored* q, T::Stored* y, u64 n) {                      \
    each<T>(p, q, y, n, [](float a, float b) { return expression; });                          \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      name##_repeat(const T::Stored* p, const T::Stored* q, T::Stored* y, u64 n, Repeat r) {   \
    repeated<T>(p, q, y, n, r, [](float a, float b) { return expression; });                   \
  }

FOR_TYPES(add_forward, a + b)
FOR_TYPES(sub_forward, a - b)
FOR_TYPES(mul_forward, a * b)
FOR_TYPES(div_forward, a / b)
