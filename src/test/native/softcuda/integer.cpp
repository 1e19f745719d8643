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
struct And {
  template <class T> static T f(T a, T b) { return T(a & b); }
};
struct Or {
  template <class T> static T f(T a, T b) { return T(a | b); }
};
struct Xor {
  template <class T> static T f(T a, T b) { return T(a ^ b); }
};
struct Not {
  template <class T> static T f(T a) { return T(~a); }
};
struct Cnot {
  template <class T> static T f(T a) { return T(a == 0); }
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

// Amounts are u32 whatever the type.
template <class T, bool left>
const Instruction* run_shift(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<T>>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  write<Stored<T>>(w, i->r[0], [=](int l) {
    u32 n = b[l].v;
    T x = load<T>(a[l]);
    if constexpr (left) return stored<T>(n >= width<T> ? T(0) : T(Wrapping<T>(x) << (n & (width<Wrapping<T>> - 1))));
    else return stored<T>(T(x >> (n >= width<T> ? (std::is_signed_v<T> ? width<T> - 1 : 0) : n)) &
                          (n >= width<T> && !std::is_signed_v<T> ? T(0) : T(-1)));
  });
  return i + 1;
}
template <bool left>
Handler shift(Type type) {
  switch (type) {
    case Type::b16: case Type::u16: return run_shift<u16, left>;
    case Type::b32: case Type::u32: return run_shift<u32, left>;
    case Type::b64: case Type::u64: return run_shift<u64, left>;
    case Type::s16: return run_shift<i16, left>;
    case Type::s32: return run_shift<i32, left>;
    case Type::s64: return run_shift<i64, left>;
    default: return nullptr;
  }
}

template <class T>
const Instruction* run_bfi(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  auto b = w.reg<T>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  auto d = w.reg<u32>(i->r[4]);
  write<T>(w, i->r[0], [=](int l) {
    u32 position = c[l].v & 0xff, length = d[l].v & 0xff;
    if (position >= width<T> || length == 0) return b[l].v;
    T mask = (length >= width<T> ? T(-1) : (T(1) << length) - 1) << position;
    return T((b[l].v & ~mask) | ((a[l].v << position) & mask));
  });
  return i + 1;
}
template <class T>
const Instruction* run_bfe(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  write<T>(w, i->r[0], [=](int l) {
    u32 position = b[l].v & 0xff, length = c[l].v & 0xff, top = width<T> - 1;
    if (length == 0) return T(0);
    u32 sign_at = std::min(position + length - 1, top);
    bool sign = std::is_signed_v<T> && (Unsigned<T>(a[l].v) >> sign_at & 1);
    Unsigned<T> value = position > top ? 0 : Unsigned<T>(a[l].v) >> position;
    u32 kept = position > top ? 0 : std::min(length, top + 1 - position);
    Unsigned<T> mask = kept >= width<T> ? Unsigned<T>(-1) : (Unsigned<T>(1) << kept) - 1;
    return T((value & mask) | (sign ? ~mask : 0));
  });
  return i + 1;
}

template <class T, class F>
const Instruction* count_bits(Warp& w, const Instruction* i, F f) {
  auto a = w.reg<T>(i->r[1]);
  write<u32>(w, i->r[0], [=](int l) { return u32(f(a[l].v)); });
  return i + 1;
}
template <class T>
const Instruction* run_popc(Warp& w, const Instruction* i) {
  return count_bits<T>(w, i, [](T a) { return __builtin_popcountll(a); });
}
template <class T>
int leading_zeros(T a) {
  return a == 0 ? int(width<T>) : __builtin_clzll(u64(a)) - int(64 - width<T>);
}
template <class T>
const Instruction* run_clz(Warp& w, const Instruction* i) {
  return count_bits<T>(w, i, [](T a) { return leading_zeros(a); });
}
// Index of the most significant bit (that is no sign bit); with .shiftamt the shift that brings it on top.
template <class T, bool shift_amount>
const Instruction* run_bfind(Warp& w, const Instruction* i) {
  return count_bits<T>(w, i, [](T a) {
    Unsigned<T> x = std::is_signed_v<T> && a < 0 ? Unsigned<T>(~a) : Unsigned<T>(a);
    if (x == 0) return u32(-1);
    u32 zeros = u32(leading_zeros(x));
    return shift_amount ? zeros : width<T> - 1 - zeros;
  });
}
struct Brev {
  template <class T> static T f(T a) {
    T r = 0;
    for (u32 k = 0; k < width<T>; k++) r = T(r | ((a >> k & 1) << (width<T> - 1 - k)));
    return r;
  }
};

template <bool left, bool wrap>
const Instruction* run_funnel(Warp& w, const Instruction* i) {
  auto a = w.reg<u32>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  write<u32>(w, i->r[0], [=](int l) {
    u32 n = wrap ? c[l].v & 31 : std::min(c[l].v, 32u);
    u64 both = u64(b[l].v) << 32 | a[l].v;
    return left ? u32(both << n >> 32) : u32(both >> n);
  });
  return i + 1;
}

const Instruction* run_prmt(Warp& w, const Instruction* i) {
  auto a = w.reg<u32>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  write<u32>(w, i->r[0], [=](int l) {
    u64 both = u64(b[l].v) << 32 | a[l].v;
    u32 selector = c[l].v, r = 0;
    for (int k = 0; k < 4; k++) {
      u32 nibble = selector >> (4 * k) & 15;
      u32 byte = u32(both >> (8 * (nibble & 7))) & 0xff;
      if (nibble & 8) byte = byte & 0x80 ? 0xff : 0;
      r |= byte << (8 * k);
    }
    return r;
  });
  return i + 1;
}

const Instruction* run_lop3(Warp& w, const Instruction* i) {
  auto a = w.reg<u32>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  u32 table = u32(i->imm);
  write<u32>(w, i->r[0], [=](int l) {
    u32 r = 0;
    for (u32 k = 0; k < 8; k++) {
      u32 term = (k & 4 ? a[l].v : ~a[l].v) & (k & 2 ? b[l].v : ~b[l].v) & (k & 1 ? c[l].v : ~c[l].v);
      r |= table >> k & 1 ? term : 0;
    }
    return r;
  });
  return i + 1;
}

template <class A, class B>
const Instruction* run_dp4a(Warp& w, const Instruction* i) {
  auto a = w.reg<u32>(i->r[1]);
  auto b = w.reg<u32>(i->r[2]);
  auto c = w.reg<u32>(i->r[3]);
  write<u32>(w, i->r[0], [=](int l) {
    u32 sum = c[l].v;
    for (int k = 0; k < 32; k += 8) sum += u32(int(A(a[l].v >> k)) * int(B(b[l].v >> k)));
    return sum;
  });
  return i + 1;
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

// and, or, xor, not of predicates; immediates for them do not occur.
enum : uint8_t { pred_and, pred_or, pred_xor, pred_not };
const Instruction* run_predicates(Warp& w, const Instruction* i) {
  u32 a = w.predicates[i->p[1]], b = w.predicates[i->p[2]];
  if (i->imm & 1) a = ~a;
  if (i->imm & 2) b = ~b;
  u32 r = i->mode == pred_and ? a & b : i->mode == pred_or ? a | b : i->mode == pred_xor ? a ^ b : ~a;
  write_predicate(w, i->p[0], r);
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

void decode_fields(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  bool amount = op.take("shiftamt");
  Type t = op.take_type();
  bool wide = size_of(t) == 8, sign = t == Type::s32 || t == Type::s64;
  if (name == "bfi" || name == "bfe") {
    bool insert = name == "bfi";
    d.expect(s.operands.size() == (insert ? 5u : 4u), "wrong number of operands");
    d.emit(insert ? (wide ? run_bfi<u64> : run_bfi<u32>)
                  : (wide ? (sign ? run_bfe<i64> : run_bfe<u64>) : (sign ? run_bfe<i32> : run_bfe<u32>)));
    d.destination(0, s.operands[0], t);
    d.source(1, s.operands[1], t);
    size_t k = 2;
    if (insert) d.source(2, s.operands[k++], t);
    for (; k < s.operands.size(); k++) d.source(int(k), s.operands[k], Type::u32);
    return;
  }
  Handler run = nullptr;
  if (name == "popc") run = wide ? run_popc<u64> : run_popc<u32>;
  else if (name == "clz") run = wide ? run_clz<u64> : run_clz<u32>;
  else if (amount) run = wide ? (sign ? run_bfind<i64, true> : run_bfind<u64, true>)
                              : (sign ? run_bfind<i32, true> : run_bfind<u32, true>);
  else run = wide ? (sign ? run_bfind<i64, false> : run_bfind<u64, false>)
                  : (sign ? run_bfind<i32, false> : run_bfind<u32, false>);
  d.expect(s.operands.size() == 2, "wrong number of operands");
  d.emit(run);
  d.destination(0, s.operands[0], Type::u32);
  d.source(1, s.operands[1], t);
}

bool decode_logic(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  bool negate = name == "not" || name == "cnot";
  Type t = op.take_type();
  if (t != Type::pred) {
    Handler run = name == "and" ? binary<And>(t) : name == "or" ? binary<Or>(t) : name == "xor" ? binary<Xor>(t)
                  : name == "not" ? unary<Not>(t) : unary<Cnot>(t);
    same_type(d, s, run, t, negate ? 1 : 2);
    return true;
  }
  d.expect(s.operands.size() == (negate ? 2u : 3u), "wrong number of operands");
  Instruction& i = d.emit(run_predicates);
  i.mode = name == "and" ? pred_and : name == "or" ? pred_or : name == "xor" ? pred_xor : pred_not;
  d.predicate_destination(0, s.operands[0]);
  d.predicate_source(1, s.operands[1]);
  if (!negate) d.predicate_source(2, s.operands[2]);
  i.imm = s.operands[1].negated | (!negate && s.operands[2].negated) << 1;
  return true;
}

}  // namespace

bool decode_integer(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (name == "and" || name == "or" || name == "xor" || name == "not" || name == "cnot") return decode_logic(d, s, op);
  if (name == "shl" || name == "shr") {
    Type t = op.take_type();
    Handler run = name == "shl" ? shift<true>(t) : shift<false>(t);
    d.expect(run != nullptr && s.operands.size() == 3, "unknown shift");
    d.emit(run);
    d.destination(0, s.operands[0], t);
    d.source(1, s.operands[1], t);
    d.source(2, s.operands[2], Type::u32);
    return true;
  }
  if (name == "popc" || name == "clz" || name == "bfind" || name == "bfi" || name == "bfe") {
    decode_fields(d, s, op);
    return true;
  }
  if (name == "brev") {
    Type t = op.take_type();
    same_type(d, s, unary<Brev>(size_of(t) == 8 ? Type::u64 : Type::u32), t, 1);
    return true;
  }
  if (name == "shf") {
    bool left = op.take_one("l r") == "l", wrap = op.take_one("wrap clamp") == "wrap";
    op.take("b32");
    same_type(d, s, left ? (wrap ? run_funnel<true, true> : run_funnel<true, false>)
                         : (wrap ? run_funnel<false, true> : run_funnel<false, false>), Type::b32, 3);
    return true;
  }
  if (name == "prmt") {
    op.take("b32");
    same_type(d, s, run_prmt, Type::b32, 3);
    return true;
  }
  if (name == "lop3") {
    op.take("b32");
    d.expect(s.operands.size() == 5 && s.operands[4].kind == Operand::integer, "lop3 wants five operands");
    d.emit(run_lop3).imm = s.operands[4].value;
    d.destination(0, s.operands[0], Type::b32);
    for (int k = 1; k <= 3; k++) d.source(k, s.operands[size_t(k)], Type::b32);
    return true;
  }
  if (name == "dp4a") {
    bool a = op.take_type() == Type::s32, b = op.take_type() == Type::s32;
    same_type(d, s, a ? (b ? run_dp4a<int8_t, int8_t> : run_dp4a<int8_t, uint8_t>)
                      : (b ? run_dp4a<uint8_t, int8_t> : run_dp4a<uint8_t, uint8_t>), Type::b32, 3);
    return true;
  }
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
