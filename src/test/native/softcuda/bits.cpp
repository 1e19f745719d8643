// Logic, shifts, fields and bits of integers, and logic of predicates (spec softcuda.md 5): shift amounts
// clamp at the width.
#include <algorithm>

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
constexpr u32 width = 8 * sizeof(T);
template <class T>
using Wrapping = std::conditional_t<sizeof(T) == 8, u64, u32>;

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

bool decode_bits(Decoder& d, const Statement& s, Opcode& op) {
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
  return false;
}

}  // namespace softcuda
