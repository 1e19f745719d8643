// Integer arithmetic and bits (spec softcuda.md 5): shifts clamp, mul.wide doubles the width, division by
// zero is reported since PTX leaves it open.
#include <algorithm>
#include <limits>

#include "decoder.hpp"
#include "lanes.hpp"

namespace softcuda {

namespace {

using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;

template <class T>
using Unsigned = std::make_unsigned_t<T>;
template <class T>
using Double = std::conditional_t<
    sizeof(T) == 2, std::conditional_t<std::is_signed_v<T>, i32, u32>,
    std::conditional_t<sizeof(T) == 4, std::conditional_t<std::is_signed_v<T>, i64, u64>,
                       std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>>>;
template <class T>
constexpr u32 width = 8 * sizeof(T);

// Unsigned arithmetic wraps; of 16 bits it would be promoted to int, hence the casts to 32 bits.
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, u64, u32>;

struct Add {
  template <class T> static T f(T a, T b) { return T(Wrapping<T>(a) + Wrapping<T>(b)); }
};
struct Sub {
  template <class T> static T f(T a, T b) { return T(Wrapping<T>(a) - Wrapping<T>(b)); }
};
struct MulLo {
  template <class T> static T f(T a, T b) { return T(Wrapping<T>(a) * Wrapping<T>(b)); }
};
struct MulHi {
  template <class T> static T f(T a, T b) { return T((Double<T>(a) * Double<T>(b)) >> width<T>); }
};
struct MadLo {
  template <class T> static T f(T a, T b, T c) { return Add::f(MulLo::f(a, b), c); }
};
struct MadHi {
  template <class T> static T f(T a, T b, T c) { return Add::f(MulHi::f(a, b), c); }
};
struct Min {
  template <class T> static T f(T a, T b) { return a < b ? a : b; }
};
struct Max {
  template <class T> static T f(T a, T b) { return a > b ? a : b; }
};
struct Neg {
  template <class T> static T f(T a) { return T(Wrapping<T>(0) - Wrapping<T>(a)); }
};
struct Abs {
  template <class T> static T f(T a) { return a < 0 ? Neg::f(a) : a; }
};
struct Sad {
  template <class T> static T f(T a, T b, T c) { return Add::f(c, a < b ? Sub::f(b, a) : Sub::f(a, b)); }
};
template <class Op>
Handler unary(Type type) {
  switch (type) {
    case Type::b16: case Type::u16: return run_unary<Op, u16>;
    case Type::s16: return run_unary<Op, i16>;
    case Type::b32: case Type::u32: return run_unary<Op, u32>;
    case Type::s32: return run_unary<Op, i32>;
    case Type::b64: case Type::u64: return run_unary<Op, u64>;
    case Type::s64: return run_unary<Op, i64>;
    default: return nullptr;
  }
}
template <class Op>
Handler binary(Type type) {
  switch (type) {
    case Type::b16: case Type::u16: return run_binary<Op, u16>;
    case Type::s16: return run_binary<Op, i16>;
    case Type::b32: case Type::u32: return run_binary<Op, u32>;
    case Type::s32: return run_binary<Op, i32>;
    case Type::b64: case Type::u64: return run_binary<Op, u64>;
    case Type::s64: return run_binary<Op, i64>;
    default: return nullptr;
  }
}
template <class Op>
Handler ternary(Type type) {
  switch (type) {
    case Type::u16: return run_ternary<Op, u16>;
    case Type::s16: return run_ternary<Op, i16>;
    case Type::u32: return run_ternary<Op, u32>;
    case Type::s32: return run_ternary<Op, i32>;
    case Type::u64: return run_ternary<Op, u64>;
    case Type::s64: return run_ternary<Op, i64>;
    default: return nullptr;
  }
}

template <class T>
const Instruction* run_mul_wide(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<Stored<T>>(i->r[2]);
  write<Double<T>>(w, i->r[0], [=](int l) { return Double<T>(load<T>(a[l])) * Double<T>(load<T>(b[l])); });
  return i + 1;
}
template <class T>
const Instruction* run_mad_wide(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<Stored<T>>(i->r[2]);
  auto c = w.reg<Unsigned<Double<T>>>(i->r[3]);
  write<Unsigned<Double<T>>>(w, i->r[0], [=](int l) {
    return Unsigned<Double<T>>(Double<T>(load<T>(a[l])) * Double<T>(load<T>(b[l]))) + c[l].v;
  });
  return i + 1;
}

template <class T, bool remainder>
T divide(T a, T b) {
  if (b == 0) return T(0);
  if constexpr (std::is_signed_v<T>) {
    if (b == T(-1)) return remainder ? T(0) : Neg::f(a);
  }
  return remainder ? T(a % b) : T(a / b);
}
template <class T, bool remainder>
const Instruction* run_divide(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<Stored<T>>(i->r[2]);
  u32 zero = 0;
  for (int l = 0; l < 32; l++) zero |= u32(load<T>(b[l]) == 0) << l;
  if ((zero & w.active) != 0) w.fault(i, first_lane(zero & w.active), 719, "integer division by zero");
  if constexpr (sizeof(T) == 4) {
    // The quotient of 32-bit integers in f64, truncated, is exact.
    write<T>(w, i->r[0], [=](int l) {
      T y = b[l].v, x = a[l].v;
      double divisor = double(y);
      i64 q = i64(double(x) / (divisor == 0 ? 1.0 : divisor));
      return remainder ? T(u32(x) - u32(q) * u32(y)) : T(q);
    });
  } else {
    write<Stored<T>>(w, i->r[0], [=](int l) { return stored<T>(divide<T, remainder>(load<T>(a[l]), load<T>(b[l]))); });
  }
  return i + 1;
}
template <bool remainder>
Handler division(Type type) {
  switch (type) {
    case Type::u16: return run_divide<u16, remainder>;
    case Type::s16: return run_divide<i16, remainder>;
    case Type::u32: return run_divide<u32, remainder>;
    case Type::s32: return run_divide<i32, remainder>;
    case Type::u64: return run_divide<u64, remainder>;
    case Type::s64: return run_divide<i64, remainder>;
    default: return nullptr;
  }
}

// Carries live in a predicate that only these four opcodes name.
template <class T, bool subtract, bool with_carry>
const Instruction* run_carrying(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  auto b = w.reg<T>(i->r[2]);
  T sum[32];
  u32 carry = 0, in = with_carry ? w.predicates[i->p[0]] : 0;
  for (int l = 0; l < 32; l++) {
    T x = a[l].v, y = b[l].v, c = in >> l & 1;
    sum[l] = subtract ? T(x - y - c) : T(x + y + c);
    bool over = subtract ? x < y || (c && x == y) : sum[l] < x || (c && sum[l] == x);
    carry |= u32(over) << l;
  }
  write<T>(w, i->r[0], [&](int l) { return sum[l]; });
  if (i->mode) write_predicate(w, i->p[0], carry);
  return i + 1;
}

void same_type(Decoder& d, const Statement& s, Handler run, Type type, size_t sources) {
  if (run == nullptr) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  d.expect(s.operands.size() == sources + 1, "wrong number of operands");
  d.emit(run);
  d.destination(0, s.operands[0], type);
  for (size_t k = 1; k <= sources; k++) d.source(int(k), s.operands[k], type);
}

bool is_integer(Type t) {
  return t == Type::b16 || t == Type::u16 || t == Type::s16 || t == Type::b32 || t == Type::u32 ||
         t == Type::s32 || t == Type::b64 || t == Type::u64 || t == Type::s64;
}

bool decode_carrying(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  bool cc = op.take("cc");
  bool in = name == "addc" || name == "subc";
  if (!cc && !in) return false;
  Type t = op.take_type();
  bool wide = size_of(t) == 8, minus = name[0] == 's';
  Handler run = wide ? (minus ? (in ? run_carrying<u64, true, true> : run_carrying<u64, true, false>)
                              : (in ? run_carrying<u64, false, true> : run_carrying<u64, false, false>))
                     : (minus ? (in ? run_carrying<u32, true, true> : run_carrying<u32, true, false>)
                              : (in ? run_carrying<u32, false, true> : run_carrying<u32, false, false>));
  same_type(d, s, run, t, 2);
  d.last().p[0] = 1;
  d.last().mode = cc;
  return true;
}

void decode_multiply(Decoder& d, const Statement& s, Opcode& op) {
  bool mad = op.name() == "mad";
  std::string_view part = op.take_one("lo hi wide");
  Type t = op.take_type();
  if (part != "wide") {
    Handler run = mad ? (part == "hi" ? ternary<MadHi>(t) : ternary<MadLo>(t))
                      : (part == "hi" ? binary<MulHi>(t) : binary<MulLo>(t));
    return same_type(d, s, run, t, mad ? 3 : 2);
  }
  Handler run = nullptr;
  Type wide = Type::none;
  switch (t) {
    case Type::u16: run = mad ? run_mad_wide<u16> : run_mul_wide<u16>, wide = Type::u32; break;
    case Type::s16: run = mad ? run_mad_wide<i16> : run_mul_wide<i16>, wide = Type::s32; break;
    case Type::u32: run = mad ? run_mad_wide<u32> : run_mul_wide<u32>, wide = Type::u64; break;
    case Type::s32: run = mad ? run_mad_wide<i32> : run_mul_wide<i32>, wide = Type::s64; break;
    default: d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  }
  d.expect(s.operands.size() == (mad ? 4u : 3u), "wrong number of operands");
  d.emit(run);
  d.destination(0, s.operands[0], wide);
  d.source(1, s.operands[1], t);
  d.source(2, s.operands[2], t);
  if (mad) d.source(3, s.operands[3], wide);
}

}  // namespace

bool decode_integer(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (decode_bits(d, s, op)) return true;
  static const char* const arithmetic[] = {"add", "sub", "mul", "mad", "div", "rem", "neg", "abs", "min", "max",
                                           "sad", "addc", "subc"};
  if (std::find(std::begin(arithmetic), std::end(arithmetic), name) == std::end(arithmetic)) return false;
  Opcode trial = op;  // an integer's type? f32 and its kin are decoded elsewhere
  Type t = trial.take_type();
  if (!is_integer(t)) return false;
  if (decode_carrying(d, s, op)) return true;
  if (name == "mul" || name == "mad") {
    decode_multiply(d, s, op);
    return true;
  }
  op.take_type();
  if (name == "add") same_type(d, s, binary<Add>(t), t, 2);
  else if (name == "sub") same_type(d, s, binary<Sub>(t), t, 2);
  else if (name == "min") same_type(d, s, binary<Min>(t), t, 2);
  else if (name == "max") same_type(d, s, binary<Max>(t), t, 2);
  else if (name == "neg") same_type(d, s, unary<Neg>(t), t, 1);
  else if (name == "abs") same_type(d, s, unary<Abs>(t), t, 1);
  else if (name == "sad") same_type(d, s, ternary<Sad>(t), t, 3);
  else if (name == "div") same_type(d, s, division<false>(t), t, 2);
  else if (name == "rem") same_type(d, s, division<true>(t), t, 2);
  else return false;
  return true;
}

}  // namespace softcuda
