// One thread for 16 bytes of each operand: loads all of them, computes, then stores. An output may
// therefore be the buffer of an input, and no pointer is __restrict__. The last thread of a tensor
// whose size is no multiple of 16 bytes goes element by element.
#pragma once

#include "types.cuh"

enum { BLOCK = 256 };

// Index of the first element of this thread's 16 bytes.
template <class T>
__device__ __forceinline__ u64 first_element() {
  return ((u64)blockIdx.x * BLOCK + threadIdx.x) * T::LANES;
}

// y[i] = f(a[i])
template <class T, class Function>
__device__ __forceinline__ void each(const typename T::Stored* a, typename T::Stored* y, u64 n,
                                     Function f) {
  u64 at = first_element<T>();
  if (at + T::LANES <= n) {
    float v[T::LANES];
    T::load(a + at, v);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] = f(v[i]);
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++) y[at] = T::narrow(f(T::widen(a[at])));
  }
}

// y[i] = f(a[i], b[i])
template <class T, class Function>
__device__ __forceinline__ void each(const typename T::Stored* a, const typename T::Stored* b,
                                     typename T::Stored* y, u64 n, Function f) {
  u64 at = first_element<T>();
  if (at + T::LANES <= n) {
    float v[T::LANES], w[T::LANES];
    T::load(a + at, v);
    T::load(b + at, w);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] = f(v[i], w[i]);
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++) y[at] = T::narrow(f(T::widen(a[at]), T::widen(b[at])));
  }
}

// y[i] = f(a[i], b[i], c[i])
template <class T, class Function>
__device__ __forceinline__ void each(const typename T::Stored* a, const typename T::Stored* b,
                                     const typename T::Stored* c, typename T::Stored* y, u64 n,
                                     Function f) {
  u64 at = first_element<T>();
  if (at + T::LANES <= n) {
    float v[T::LANES], w[T::LANES], u[T::LANES];
    T::load(a + at, v);
    T::load(b + at, w);
    T::load(c + at, u);
#pragma unroll
    for (int i = 0; i < T::LANES; i++) v[i] = f(v[i], w[i], u[i]);
    T::store(y + at, v);
  } else {
#pragma unroll 1
    for (; at < n; at++) {
      y[at] = T::narrow(f(T::widen(a[at]), T::widen(b[at]), T::widen(c[at])));
    }
  }
}
