// cvt: every pair of types by way of the three shapes integer, f32, f64; and packed conversions
// (spec softcuda.md 5).
//
// Without errno and traps the rounding functions and casts vectorise.
#pragma GCC optimize("no-math-errno", "no-trapping-math")
#include <cfenv>
#include <cmath>
#include <limits>

#include "decoder.hpp"
#include "half.hpp"

namespace softcuda {

namespace {

// --- integer to integer -------------------------------------------------------------------------------
// The destination register may be wider than the type: the value is then extended by the type's sign.
template <class D, class S, class Register>
const Instruction* run_integer(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<S>>(i->r[1]);
  bool sat = i->mode2;
  uint32_t mask = uint32_t(i->imm);
  write<Register>(w, i->r[0], [=](int l) {
    S x = load<S>(a[l]);
    D d = D(x);
    if (sat) {
      __int128 v = x, low = std::numeric_limits<D>::min(), high = std::numeric_limits<D>::max();
      d = D(v < low ? low : v > high ? high : v);
    }
    Register r = Register(d);
    if constexpr (sizeof(Register) == 4) r &= mask;
    return r;
  });
  return i + 1;
}
template <class D, class S>
const Instruction* run_integer_plain(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<S>>(i->r[1]);
  write<Stored<D>>(w, i->r[0], [=](int l) { return stored<D>(D(load<S>(a[l]))); });
  return i + 1;
}

// --- floating, one lane at a time in f64 or f32 --------------------------------------------------------
float directed_float(double x, uint8_t rounding) {
  float f = float(x);
  if (rounding == 'n' || !std::isfinite(x) || double(f) == x) return f;
  if (rounding == 'z') rounding = x > 0 ? 'm' : 'p';
  if (rounding == 'm' && double(f) > x) f = std::nextafter(f, -INFINITY);
  if (rounding == 'p' && double(f) < x) f = std::nextafter(f, INFINITY);
  return f;
}

// Directed rounding of an f32 to the upper bits of its word (bf16, tf32) or to f16.
uint32_t directed_bits(double value, uint8_t rounding, Type to) {
  auto narrow = [&](float f) { return to == Type::f16 ? float_to_half(f) : float_to_bfloat(f); };
  auto widen = [&](uint32_t b) { return double(to == Type::f16 ? half_to_float(b) : bfloat_to_float(b)); };
  uint32_t r = narrow(round_to_odd(value));
  if (rounding == 'n' || !std::isfinite(value) || widen(r) == value) return r;
  bool toward_zero = rounding == 'z' || (rounding == 'm' && value > 0) || (rounding == 'p' && value < 0);
  bool too_far = std::fabs(widen(r)) > std::fabs(value);
  return toward_zero ? (too_far ? r - 1 : r) : (too_far ? r : r + 1);
}

double round_integral(double x, uint8_t rounding) {
  switch (rounding) {
    case 'z': return std::trunc(x);
    case 'm': return std::floor(x);
    case 'p': return std::ceil(x);
    default: return std::nearbyint(x);
  }
}

double read_float(Warp& w, uint32_t offset, unsigned l, Type t) {
  switch (t) {
    case Type::f16: return double(half_to_float(w.reg<uint32_t>(offset)[l].v));
    case Type::bf16: return double(bfloat_to_float(w.reg<uint32_t>(offset)[l].v));
    case Type::f32: return double(w.reg<float>(offset)[l].v);
    default: return w.reg<double>(offset)[l].v;
  }
}

// i->imm packs what a conversion needs beside its registers.
struct Conversion {
  Type to, from;
  uint8_t rounding;  // 'n' 'z' 'm' 'p' 'a', or 0
  bool integral, sat, ftz, relu, wide;
  int64_t packed() const {
    return int64_t(to) | int64_t(from) << 8 | int64_t(rounding) << 16 | int64_t(integral) << 24 | int64_t(sat) << 25 |
           int64_t(ftz) << 26 | int64_t(relu) << 27 | int64_t(wide) << 28;
  }
  static Conversion of(int64_t v) {
    return {Type(v & 255), Type(v >> 8 & 255), uint8_t(v >> 16 & 255), bool(v >> 24 & 1), bool(v >> 25 & 1),
            bool(v >> 26 & 1), bool(v >> 27 & 1), bool(v >> 28 & 1)};
  }
};

void write_float(Warp& w, uint32_t offset, unsigned l, double x, const Conversion& c) {
  if (c.sat) x = x > 0 ? (x < 1 ? x : 1) : 0;
  if (c.relu) x = x > 0 || x != x ? x : 0;
  uint8_t rounding = c.rounding == 0 ? 'n' : c.rounding;
  switch (c.to) {
    case Type::f16: case Type::bf16:
      w.reg<uint32_t>(offset)[l].v = x != x ? 0x7fff : directed_bits(x, rounding, c.to);
      return;
    case Type::f32: {
      float f = directed_float(x, c.integral ? 'n' : rounding);
      if (c.ftz && std::fabs(f) < 1.17549435e-38f) f = std::copysign(0.0f, f);
      w.reg<float>(offset)[l].v = f != f ? bits_of<float>(0x7fffffffu) : f;
      return;
    }
    default:
      w.reg<double>(offset)[l].v = x;
  }
}

const Instruction* run_float_to_float(Warp& w, const Instruction* i) {
  Conversion c = Conversion::of(i->imm);
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    double x = read_float(w, i->r[1], l, c.from);
    if (c.ftz && c.from == Type::f32 && std::fabs(x) < 1.17549435e-38) x = std::copysign(0.0, x);
    if (c.integral) x = round_integral(x, c.rounding);
    write_float(w, i->r[0], l, x, c);
  }
  return i + 1;
}

int64_t clamp_to_integer(double x, const Conversion& c) {
  bool is_signed = c.to == Type::s8 || c.to == Type::s16 || c.to == Type::s32 || c.to == Type::s64;
  unsigned bits = 8 * size_of(c.to);
  if (x != x) {
    // NaN is 0 from f32 to 32 bits and fewer; to 64 bits or from f64 it is the top bit alone.
    return bits == 64 || c.from == Type::f64 ? int64_t(uint64_t(1) << (bits - 1)) : 0;
  }
  x = round_integral(x, c.rounding);
  double low = is_signed ? -std::ldexp(1.0, int(bits) - 1) : 0;
  double high = std::ldexp(1.0, int(is_signed ? bits - 1 : bits));
  if (x < low) x = low;
  if (x >= high) return is_signed ? int64_t((uint64_t(1) << (bits - 1)) - 1) : int64_t(bits == 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1);
  return is_signed ? int64_t(x) : int64_t(uint64_t(x));
}

const Instruction* run_float_to_integer(Warp& w, const Instruction* i) {
  Conversion c = Conversion::of(i->imm);
  bool narrow = size_of(c.to) <= 2 && i->mode;
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    double x = read_float(w, i->r[1], l, c.from);
    if (c.ftz && std::fabs(x) < 1.17549435e-38) x = 0;
    int64_t r = clamp_to_integer(x, c);
    if (c.wide) w.reg<uint64_t>(i->r[0])[l].v = uint64_t(r);
    else w.reg<uint32_t>(i->r[0])[l].v = narrow ? uint32_t(r) & 0xffff : uint32_t(r);
  }
  return i + 1;
}

template <class S>
const Instruction* run_integer_to_float(Warp& w, const Instruction* i) {
  Conversion c = Conversion::of(i->imm);
  int mode = c.rounding == 'z' ? FE_TOWARDZERO : c.rounding == 'm' ? FE_DOWNWARD : c.rounding == 'p' ? FE_UPWARD : FE_TONEAREST;
  int before = fegetround();
  if (mode != FE_TONEAREST) fesetround(mode);
  auto a = w.reg<Stored<S>>(i->r[1]);
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    volatile S x = load<S>(a[l]);
    volatile float f = float(x);
    volatile double d = double(x);
    if (c.to == Type::f32) w.reg<float>(i->r[0])[l].v = f;
    else if (c.to == Type::f64) w.reg<double>(i->r[0])[l].v = d;
    else write_float(w, i->r[0], l, d, c);
  }
  if (mode != FE_TONEAREST) fesetround(before);
  return i + 1;
}

// --- the common ones, vectorised -----------------------------------------------------------------------
const Instruction* run_half_to_float(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  write<float>(w, i->r[0], [=](int l) { return half_to_float(a[l].v); });
  return i + 1;
}
const Instruction* run_bfloat_to_float(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  write<float>(w, i->r[0], [=](int l) { return bfloat_to_float(a[l].v); });
  return i + 1;
}
const Instruction* run_float_to_half(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  write<uint32_t>(w, i->r[0], [=](int l) { return float_to_half(a[l].v); });
  return i + 1;
}
const Instruction* run_float_to_bfloat(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  write<uint32_t>(w, i->r[0], [=](int l) { return float_to_bfloat(a[l].v); });
  return i + 1;
}
// d = {a, b}: a is the high half.
template <bool bfloat>
const Instruction* run_pack_floats(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  auto b = w.reg<float>(i->r[2]);
  bool relu = i->mode;
  write<uint32_t>(w, i->r[0], [=](int l) {
    float x = a[l].v, y = b[l].v;
    x = relu && x < 0 ? 0 : x;
    y = relu && y < 0 ? 0 : y;
    return bfloat ? float_to_bfloat(x) << 16 | float_to_bfloat(y) : float_to_half(x) << 16 | float_to_half(y);
  });
  return i + 1;
}
// Ties away from zero, 13 bits cleared.
const Instruction* run_float_to_tf32(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  write<uint32_t>(w, i->r[0], [=](int l) {
    uint32_t x = a[l].v;
    return (x & 0x7fffffff) > 0x7f800000 ? 0x7fffffff : (x & 0x7f800000) == 0x7f800000 ? x : (x + 0x1000) & 0xffffe000;
  });
  return i + 1;
}
template <class D, class S>
const Instruction* run_plain(Warp& w, const Instruction* i) {
  auto a = w.reg<S>(i->r[1]);
  write<D>(w, i->r[0], [=](int l) { return D(a[l].v); });
  return i + 1;
}
const Instruction* run_double_to_float(Warp& w, const Instruction* i) {
  auto a = w.reg<double>(i->r[1]);
  write<float>(w, i->r[0], [=](int l) {
    float f = float(a[l].v);
    return f != f ? bits_of<float>(0x7fffffffu) : f;
  });
  return i + 1;
}
template <class D, class S>
const Instruction* run_from_integer(Warp& w, const Instruction* i) {
  auto a = w.reg<Stored<S>>(i->r[1]);
  write<D>(w, i->r[0], [=](int l) { return D(load<S>(a[l])); });
  return i + 1;
}
// Rounding as mode says: 0 to nearest even, 1 toward zero, 2 down, 3 up.
template <int rounding>
inline float integral(float x) {
  return rounding == 0 ? __builtin_rintf(x) : rounding == 1 ? __builtin_truncf(x) : rounding == 2 ? __builtin_floorf(x) : __builtin_ceilf(x);
}
template <int rounding>
const Instruction* run_round(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  write<float>(w, i->r[0], [=](int l) {
    float r = integral<rounding>(a[l].v);
    return r != r ? bits_of<float>(0x7fffffffu) : r;
  });
  return i + 1;
}
template <int rounding>
const Instruction* run_float_to_s32(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  write<int32_t>(w, i->r[0], [=](int l) {
    float r = integral<rounding>(a[l].v);
    int32_t clamped = r >= 2147483648.0f ? INT32_MAX : r < -2147483648.0f ? INT32_MIN : int32_t(r);
    return r != r ? 0 : clamped;
  });
  return i + 1;
}
const Instruction* run_saturate(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  write<float>(w, i->r[0], [=](int l) {
    float low = a[l].v > 0 ? a[l].v : 0.0f;
    return low < 1 ? low : 1.0f;
  });
  return i + 1;
}

template <int rounding>
Handler rounding_to(Type to) {
  return to == Type::f32 ? run_round<rounding> : run_float_to_s32<rounding>;
}
Handler fast_integral(const Conversion& c) {
  if (c.ftz || c.relu || c.sat || !c.integral || c.wide || c.from != Type::f32 || (c.to != Type::f32 && c.to != Type::s32)) return nullptr;
  switch (c.rounding) {
    case 'n': return rounding_to<0>(c.to);
    case 'z': return rounding_to<1>(c.to);
    case 'm': return rounding_to<2>(c.to);
    default: return rounding_to<3>(c.to);
  }
}

Handler fast_float(const Conversion& c) {
  if (c.ftz || c.relu || c.sat) return nullptr;
  bool nearest = c.rounding == 'n' && !c.integral;
  if (c.to == Type::f32 && c.from == Type::f16) return run_half_to_float;
  if (c.to == Type::f32 && c.from == Type::bf16) return run_bfloat_to_float;
  if (c.to == Type::f64 && c.from == Type::f32) return run_plain<double, float>;
  if (!nearest) return nullptr;
  if (c.to == Type::f16 && c.from == Type::f32) return run_float_to_half;
  if (c.to == Type::bf16 && c.from == Type::f32) return run_float_to_bfloat;
  if (c.to == Type::f32 && c.from == Type::f64) return run_double_to_float;
  if (c.to == Type::f32 && c.from == Type::s32) return run_plain<float, int32_t>;
  if (c.to == Type::f32 && c.from == Type::u32) return run_plain<float, uint32_t>;
  if (c.to == Type::f64 && c.from == Type::s32) return run_plain<double, int32_t>;
  if (c.to == Type::f64 && c.from == Type::u32) return run_plain<double, uint32_t>;
  if (c.to == Type::f32 && c.from == Type::s64) return run_plain<float, int64_t>;
  if (c.to == Type::f32 && c.from == Type::u64) return run_plain<float, uint64_t>;
  if (c.to == Type::f64 && c.from == Type::s64) return run_plain<double, int64_t>;
  if (c.to == Type::f64 && c.from == Type::u64) return run_plain<double, uint64_t>;
  if (c.to == Type::f32 && c.from == Type::u8) return run_from_integer<float, uint8_t>;
  if (c.to == Type::f32 && c.from == Type::u16) return run_from_integer<float, uint16_t>;
  if (c.to == Type::f32 && c.from == Type::s16) return run_from_integer<float, int16_t>;
  return nullptr;
}

template <class D>
Handler integer_from(Type from, bool plain, bool wide) {
#define PAIR(S) plain ? run_integer_plain<D, S> : wide ? Handler(run_integer<D, S, uint64_t>) : Handler(run_integer<D, S, uint32_t>)
  switch (from) {
    case Type::u8: case Type::b8: return PAIR(uint8_t);
    case Type::s8: return PAIR(int8_t);
    case Type::u16: case Type::b16: return PAIR(uint16_t);
    case Type::s16: return PAIR(int16_t);
    case Type::u32: case Type::b32: return PAIR(uint32_t);
    case Type::s32: return PAIR(int32_t);
    case Type::u64: case Type::b64: return PAIR(uint64_t);
    case Type::s64: return PAIR(int64_t);
    default: return nullptr;
  }
#undef PAIR
}
Handler integer_pair(Type to, Type from, bool plain, bool wide) {
  switch (to) {
    case Type::u8: case Type::b8: return integer_from<uint8_t>(from, plain, wide);
    case Type::s8: return integer_from<int8_t>(from, plain, wide);
    case Type::u16: case Type::b16: return integer_from<uint16_t>(from, plain, wide);
    case Type::s16: return integer_from<int16_t>(from, plain, wide);
    case Type::u32: case Type::b32: return integer_from<uint32_t>(from, plain, wide);
    case Type::s32: return integer_from<int32_t>(from, plain, wide);
    case Type::u64: case Type::b64: return integer_from<uint64_t>(from, plain, wide);
    case Type::s64: return integer_from<int64_t>(from, plain, wide);
    default: return nullptr;
  }
}
Handler to_float_from(Type from) {
  switch (from) {
    case Type::u8: return run_integer_to_float<uint8_t>;
    case Type::s8: return run_integer_to_float<int8_t>;
    case Type::u16: return run_integer_to_float<uint16_t>;
    case Type::s16: return run_integer_to_float<int16_t>;
    case Type::u32: return run_integer_to_float<uint32_t>;
    case Type::s32: return run_integer_to_float<int32_t>;
    case Type::u64: return run_integer_to_float<uint64_t>;
    case Type::s64: return run_integer_to_float<int64_t>;
    default: return nullptr;
  }
}

bool is_float(Type t) { return t == Type::f16 || t == Type::bf16 || t == Type::f32 || t == Type::f64; }

void decode_packed_convert(Decoder& d, const Statement& s, Opcode& op, const Conversion& c) {
  op.take("f32");
  d.expect(c.rounding == 'n' && s.operands.size() == 3, "unknown packed conversion");
  d.emit(c.to == Type::bf16x2 ? run_pack_floats<true> : run_pack_floats<false>).mode = c.relu;
  d.destination(0, s.operands[0], Type::b32);
  d.source(1, s.operands[1], Type::f32);
  d.source(2, s.operands[2], Type::f32);
}

}  // namespace

bool decode_convert(Decoder& d, const Statement& s, Opcode& op) {
  if (op.name() != "cvt") return false;
  Conversion c{};
  std::string_view integral = op.take_one("rni rzi rmi rpi"), rounding = op.take_one("rn rz rm rp rna");
  c.integral = !integral.empty();
  c.rounding = uint8_t(!integral.empty() ? integral[1] : rounding == "rna" ? 'a' : !rounding.empty() ? rounding[1] : 0);
  c.ftz = op.take("ftz");
  c.sat = op.take("sat");
  c.relu = op.take("relu");
  c.to = op.take_type();
  if (c.to == Type::f16x2 || c.to == Type::bf16x2) {
    decode_packed_convert(d, s, op, c);
    return true;
  }
  c.from = op.take_type();
  d.expect(s.operands.size() == 2, "cvt wants two operands");
  unsigned bits = d.register_bits(s.operands[0]);
  c.wide = bits == 64;
  Handler run = nullptr;
  bool integers = !is_float(c.to) && !is_float(c.from) && c.to != Type::tf32;
  if (c.to == Type::tf32) {
    if (c.rounding == 'a') run = run_float_to_tf32;
  } else if (integers) {
    // Plain when the register is as wide as the type: nothing to extend or to mask.
    bool plain = !c.sat && (bits == 8 * size_of(c.to));
    run = integer_pair(c.to, c.from, plain, c.wide);
  } else if (is_float(c.to) && is_float(c.from)) {
    run = fast_float(c);
    if (run == nullptr) run = fast_integral(c);
    if (run == nullptr && c.to == Type::f32 && c.from == Type::f32 && c.sat && !c.ftz && !c.integral) run = run_saturate;
    if (run == nullptr) run = run_float_to_float;
  } else if (is_float(c.to)) {
    run = fast_float(c);
    if (run == nullptr) run = to_float_from(c.from);
  } else if (c.integral) {
    run = fast_integral(c);
    if (run == nullptr) run = run_float_to_integer;
  }
  if (run == nullptr) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  Instruction& i = d.emit(run);
  i.imm = integers ? (bits == 16 ? 0xffff : 0xffffffff) : c.packed();
  i.mode = bits == 16;
  i.mode2 = integers && c.sat;
  d.destination(0, s.operands[0], c.wide ? Type::b64 : c.to == Type::tf32 ? Type::b32 : c.to);
  d.source(1, s.operands[1], c.from);
  return true;
}

}  // namespace softcuda
