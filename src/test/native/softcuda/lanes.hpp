// How a value of a type lies in a lane: registers are 32 or 64 bits wide, narrower values are
// zero-extended bits.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "warp.hpp"

namespace softcuda {

template <class T>
using Stored = std::conditional_t<(sizeof(T) < 4), uint32_t, T>;

template <class T>
inline T load(Cell<Stored<T>> cell) {
  return T(cell.v);
}
template <class T>
inline Stored<T> stored(T value) {
  if constexpr (sizeof(T) < 4) return Stored<T>(std::make_unsigned_t<T>(value));
  else return value;
}

template <class To, class From>
inline To bits_of(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

// d = Op(a), Op(a, b), Op(a, b, c), lane by lane, all of one type.
template <class Op, class T>
const Instruction* run_unary(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  write<Stored<T>>(w, i->r[0], [=](int l) { return stored<T>(Op::f(load<T>(a[l]))); });
  return i + 1;
}
template <class Op, class T>
const Instruction* run_binary(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<Stored<T>>(i->r[2]);
  write<Stored<T>>(w, i->r[0], [=](int l) { return stored<T>(Op::f(load<T>(a[l]), load<T>(b[l]))); });
  return i + 1;
}
template <class Op, class T>
const Instruction* run_ternary(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<Stored<T>>(i->r[2]);
  auto c = w.reg<Stored<T>>(i->r[3]);
  write<Stored<T>>(w, i->r[0],
                   [=](int l) { return stored<T>(Op::f(load<T>(a[l]), load<T>(b[l]), load<T>(c[l]))); });
  return i + 1;
}

}  // namespace softcuda
