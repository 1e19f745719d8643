// f16 and bf16 arithmetic, single and in pairs: computed in f32 (fma in f64) and rounded once.
#include <cmath>

#include "decoder.hpp"
#include "half.hpp"

namespace softcuda {

namespace {

struct F16 {
  static float widen(uint32_t h) { return half_to_float(h & 0xffff); }
  static uint32_t narrow(float f) { return float_to_half(f); }
};
struct Bf16 {
  static float widen(uint32_t h) { return bfloat_to_float(h & 0xffff); }
  static uint32_t narrow(float f) { return float_to_bfloat(f); }
};

// f32 has more than twice the bits plus two, so rounding its result again is rounding once.
struct Add { static float f(float a, float b, float) { return a + b; } };
struct Sub { static float f(float a, float b, float) { return a - b; } };
struct Mul { static float f(float a, float b, float) { return a * b; } };
struct Fma {
  static float f(float a, float b, float c) { return round_to_odd(std::fma(double(a), double(b), double(c))); }
};
struct Min { static float f(float a, float b, float) { return a != a ? b : b != b ? a : a < b || (a == b && std::signbit(a)) ? a : b; } };
struct Max { static float f(float a, float b, float) { return a != a ? b : b != b ? a : a > b || (a == b && !std::signbit(a)) ? a : b; } };
struct MinNan { static float f(float a, float b, float) { return a != a || b != b ? NAN : Min::f(a, b, 0); } };
struct MaxNan { static float f(float a, float b, float) { return a != a || b != b ? NAN : Max::f(a, b, 0); } };
struct Neg { static float f(float a, float, float) { return -a; } };
struct Abs { static float f(float a, float, float) { return std::fabs(a); } };
struct Ex2 { static float f(float a, float, float) { return std::exp2(a); } };
struct Tanh { static float f(float a, float, float) { return std::tanh(a); } };

enum : uint8_t { saturated = 1, rectified = 2 };

// mode2: the number of halves.
template <class Op, class Format>
const Instruction* run_half(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  auto b = w.reg<uint32_t>(i->r[2]);
  auto c = w.reg<uint32_t>(i->r[3]);
  uint8_t mode = i->mode;
  bool pair = i->mode2 == 2;
  auto one = [=](uint32_t x, uint32_t y, uint32_t z) {
    float r = Op::f(Format::widen(x), Format::widen(y), Format::widen(z));
    r = (mode & saturated) ? (r > 0 ? (r < 1 ? r : 1) : 0) : r;
    r = (mode & rectified) && r < 0 ? 0 : r;
    return Format::narrow(r);
  };
  write<uint32_t>(w, i->r[0], [=](int l) {
    uint32_t low = one(a[l].v, b[l].v, c[l].v);
    return pair ? low | one(a[l].v >> 16, b[l].v >> 16, c[l].v >> 16) << 16 : low;
  });
  return i + 1;
}
// Signs change in place: a NaN keeps its payload.
template <bool negates>
const Instruction* run_sign(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  uint32_t signs = i->mode2 == 2 ? 0x80008000 : 0x8000;
  write<uint32_t>(w, i->r[0], [=](int l) { return negates ? a[l].v ^ signs : a[l].v & ~signs; });
  return i + 1;
}

template <class Format>
Handler handler(std::string_view name, bool nan) {
  if (name == "add") return run_half<Add, Format>;
  if (name == "sub") return run_half<Sub, Format>;
  if (name == "mul") return run_half<Mul, Format>;
  if (name == "fma") return run_half<Fma, Format>;
  if (name == "min") return nan ? run_half<MinNan, Format> : run_half<Min, Format>;
  if (name == "max") return nan ? run_half<MaxNan, Format> : run_half<Max, Format>;
  if (name == "ex2") return run_half<Ex2, Format>;
  if (name == "tanh") return run_half<Tanh, Format>;
  if (name == "neg") return run_sign<true>;
  if (name == "abs") return run_sign<false>;
  return nullptr;
}

}  // namespace

bool decode_packed(Decoder& d, const Statement& s, Opcode& op) {
  Opcode trial = op;
  Type t = trial.take_type();
  bool half = t == Type::f16 || t == Type::f16x2, bfloat = t == Type::bf16 || t == Type::bf16x2;
  if (!half && !bfloat) return false;
  Opcode parts = op;
  parts.take_type();
  bool nan = parts.take("NaN");
  Handler run = half ? handler<F16>(op.name(), nan) : handler<Bf16>(op.name(), nan);
  if (run == nullptr) return false;
  parts.take_one("rn");
  parts.take("approx");
  if (parts.take("ftz")) d.expect(bfloat, "flushing to zero in f16 arithmetic");
  bool sat = parts.take("sat"), relu = parts.take("relu");
  size_t sources = op.name() == "fma" ? 3 : op.name() == "ex2" || op.name() == "tanh" || op.name() == "neg" || op.name() == "abs" ? 1 : 2;
  d.expect(s.operands.size() == sources + 1, "wrong number of operands");
  op = parts;
  Instruction& i = d.emit(run);
  bool pair = t == Type::f16x2 || t == Type::bf16x2;
  i.mode = uint8_t((sat ? saturated : 0) | (relu ? rectified : 0));
  i.mode2 = pair ? 2 : 1;
  d.destination(0, s.operands[0], pair ? Type::b32 : Type::b16);
  for (size_t k = 1; k <= sources; k++) d.source(int(k), s.operands[k], pair ? Type::b32 : Type::b16);
  return true;
}

}  // namespace softcuda
