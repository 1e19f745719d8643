// f32 and f64 arithmetic: IEEE operations as the host does them, NaN results as the card writes them,
// directed roundings exactly, approximations to better than they promise (spec softcuda.md 5).
//
// sqrt sets no errno here, or it would not vectorise.
#pragma GCC optimize("no-math-errno")
#include <cfenv>
#include <cfloat>
#include <cmath>
#include <limits>

#include "block.hpp"
#include "decoder.hpp"
#include "elementary.hpp"
#include "lanes.hpp"

namespace softcuda {

namespace {

inline float tidy(float x) { return x != x ? bits_of<float>(0x7fffffffu) : x; }
inline double tidy(double x) { return x; }
template <bool on>
inline float flush(float x) {
  return on && std::fabs(x) < FLT_MIN ? std::copysign(0.0f, x) : x;
}
template <bool on>
inline double flush(double x) {
  return x;
}
template <bool on, class T>
inline T saturate(T x) {
  if (!on) return x;
  T low = x > 0 ? x : T(0);  // NaN becomes +0
  return low < 1 ? low : T(1);
}

// One operation with flush-to-zero and saturation as the opcode says.
template <class Op, bool ftz, bool sat>
struct Shaped {
  template <class T>
  static T f(T a) { return tidy(saturate<sat>(flush<ftz>(Op::f(flush<ftz>(a))))); }
  template <class T>
  static T f(T a, T b) { return tidy(saturate<sat>(flush<ftz>(Op::f(flush<ftz>(a), flush<ftz>(b))))); }
  template <class T>
  static T f(T a, T b, T c) {
    return tidy(saturate<sat>(flush<ftz>(Op::f(flush<ftz>(a), flush<ftz>(b), flush<ftz>(c)))));
  }
};

struct Add { template <class T> static T f(T a, T b) { return a + b; } };
struct Sub { template <class T> static T f(T a, T b) { return a - b; } };
struct Mul { template <class T> static T f(T a, T b) { return a * b; } };
struct Div { template <class T> static T f(T a, T b) { return a / b; } };
struct Fma { template <class T> static T f(T a, T b, T c) { return std::fma(a, b, c); } };
struct Rcp { template <class T> static T f(T a) { return T(1) / a; } };
struct Rsqrt { template <class T> static T f(T a) { return T(1) / std::sqrt(a); } };
struct Sqrt { template <class T> static T f(T a) { return std::sqrt(a); } };
struct Min {
  template <class T> static T f(T a, T b) {
    T least = a < b || (a == b && std::signbit(a)) ? a : b;
    return a != a ? b : b != b ? a : least;
  }
};
struct Max {
  template <class T> static T f(T a, T b) {
    T most = a > b || (a == b && !std::signbit(a)) ? a : b;
    return a != a ? b : b != b ? a : most;
  }
};
struct MinNan { template <class T> static T f(T a, T b) { return a != a ? a : b != b ? b : Min::f(a, b); } };
struct MaxNan { template <class T> static T f(T a, T b) { return a != a ? a : b != b ? b : Max::f(a, b); } };
struct Copysign { template <class T> static T f(T a, T b) { return std::copysign(b, a); } };
// The sign alone changes, NaNs included.
struct Neg { template <class T> static T f(T a) { return -a; } };
struct Abs { template <class T> static T f(T a) { return std::fabs(a); } };

// --- directed roundings -------------------------------------------------------------------------------
// mode: FE_DOWNWARD, FE_UPWARD or FE_TOWARDZERO. The volatile keeps operations between the mode changes.
template <class Op, class T, int arity>
const Instruction* run_directed(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  auto b = w.reg<T>(i->r[2]);
  auto c = w.reg<T>(i->r[3]);
  int mode = i->mode == 'm' ? FE_DOWNWARD : i->mode == 'p' ? FE_UPWARD : FE_TOWARDZERO;
  bool ftz = i->mode2 & 1, sat = i->mode2 & 2;
  auto shape = [&](T x) { return ftz ? flush<true>(x) : x; };
  T r[32];
  int before = fegetround();
  fesetround(mode);
  for (int l = 0; l < 32; l++) {
    volatile T x = shape(a[l].v), y = arity > 1 ? shape(b[l].v) : T(0), z = arity > 2 ? shape(c[l].v) : T(0);
    volatile T result;
    if constexpr (arity == 1) result = Op::f(T(x));
    else if constexpr (arity == 2) result = Op::f(T(x), T(y));
    else result = Op::f(T(x), T(y), T(z));
    T value = shape(result);
    r[l] = tidy(sat ? saturate<true>(value) : value);
  }
  fesetround(before);
  write<T>(w, i->r[0], [&](int l) { return r[l]; });
  return i + 1;
}

// --- approximations -----------------------------------------------------------------------------------
// `bound` is the promised relative error (absolute below `floor`).
struct RcpApprox {
  static constexpr double bound = 1.2e-7, floor = 0;
  static float f(float a) { return 1.0f / a; }
};
struct RsqrtApprox {
  static constexpr double bound = 1.28e-7, floor = 0;
  static float f(float a) { return float(1.0 / std::sqrt(double(a))); }
};
struct SqrtApprox {
  static constexpr double bound = 1.19e-7, floor = 0;
  static float f(float a) { return std::sqrt(a); }
};
struct Ex2Approx {
  static constexpr double bound = 2.4e-7, floor = 0;
  static float f(float a) { return exp2_f32(a); }
};
struct Lg2Approx {
  static constexpr double bound = 2.38e-7, floor = 1;
  static float f(float a) { return log2_f32(a); }
};
struct SinApprox {
  static constexpr double bound = 6.7e-7, floor = 1;
  static float f(float a) { return float(std::sin(double(a))); }
};
struct CosApprox {
  static constexpr double bound = 6.7e-7, floor = 1;
  static float f(float a) { return float(std::cos(double(a))); }
};
struct TanhApprox {
  static constexpr double bound = 4.88e-4, floor = 0;
  static float f(float a) { return float(std::tanh(double(a))); }
};

float shifted(Warp& w, float x, double bound, double floor) {
  double perturb = w.block->launch->settings->perturb;
  if (perturb == 0 || !std::isfinite(x) || x == 0) return x;
  double sign = w.block->random.next() & 1 ? 1 : -1;
  return float(double(x) + sign * perturb * bound * std::max(std::fabs(double(x)), floor));
}

template <class Op, bool ftz>
const Instruction* run_approx(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  if (w.block->launch->settings->perturb == 0) {
    write<float>(w, i->r[0], [=](int l) { return tidy(flush<ftz>(Op::f(flush<ftz>(a[l].v)))); });
    return i + 1;
  }
  float r[32] = {};
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    r[l] = tidy(flush<ftz>(shifted(w, Op::f(flush<ftz>(a[l].v)), Op::bound, Op::floor)));
  }
  write<float>(w, i->r[0], [&](int l) { return r[l]; });
  return i + 1;
}

template <bool ftz>
const Instruction* run_div_approx(Warp& w, const Instruction* i) {
  auto a = w.reg<float>(i->r[1]);
  auto b = w.reg<float>(i->r[2]);
  bool full_range = i->mode;
  float r[32];
  for (int l = 0; l < 32; l++) {
    float x = flush<ftz>(a[l].v), y = flush<ftz>(b[l].v), q = x / y;
    // Beyond 2^126 the divisor's reciprocal is taken for zero.
    if (!full_range && std::fabs(y) > 0x1p126f && std::fabs(y) <= FLT_MAX)
      q = std::isinf(x) ? bits_of<float>(0x7fffffffu) : std::copysign(0.0f, q);
    r[l] = q;
  }
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    r[l] = tidy(flush<ftz>(shifted(w, r[l], 2.4e-7, 0)));
  }
  write<float>(w, i->r[0], [&](int l) { return r[l]; });
  return i + 1;
}

// rcp and rsqrt of the upper word of an f64; the lower word of the result is zero.
template <bool root>
const Instruction* run_approx_f64(Warp& w, const Instruction* i) {
  auto a = w.reg<uint64_t>(i->r[1]);
  write<uint64_t>(w, i->r[0], [=](int l) {
    double x = bits_of<double>(a[l].v & 0xffffffff00000000u);
    if (std::fabs(x) < DBL_MIN) x = std::copysign(0.0, x);
    double r = root ? 1 / std::sqrt(x) : 1 / x;
    if (std::fabs(r) < DBL_MIN) r = std::copysign(0.0, r);
    return bits_of<uint64_t>(r) & 0xffffffff00000000u;
  });
  return i + 1;
}

const Instruction* run_testp(Warp& w, const Instruction* i) {
  uint32_t mask = 0;
  for (unsigned l = 0; l < 32; l++) {
    double x = i->mode2 ? w.reg<double>(i->r[1])[l].v : double(w.reg<float>(i->r[1])[l].v);
    bool normal = i->mode2 ? std::isnormal(x) : std::isnormal(w.reg<float>(i->r[1])[l].v);
    bool holds = i->mode == 'f' ? std::isfinite(x) : i->mode == 'i' ? std::isinf(x) : i->mode == 'u' ? x == x
                 : i->mode == 'n' ? x != x : i->mode == 'N' ? normal : !normal && std::isfinite(x) && x != 0;
    mask |= uint32_t(holds) << l;
  }
  write_predicate(w, i->p[0], mask);
  return i + 1;
}

template <class Op>
Handler unary(Type t, bool ftz, bool sat) {
  if (t == Type::f64) return run_unary<Shaped<Op, false, false>, double>;
  if (ftz) return sat ? run_unary<Shaped<Op, true, true>, float> : run_unary<Shaped<Op, true, false>, float>;
  return sat ? run_unary<Shaped<Op, false, true>, float> : run_unary<Shaped<Op, false, false>, float>;
}
template <class Op>
Handler binary(Type t, bool ftz, bool sat) {
  if (t == Type::f64) return run_binary<Shaped<Op, false, false>, double>;
  if (ftz) return sat ? run_binary<Shaped<Op, true, true>, float> : run_binary<Shaped<Op, true, false>, float>;
  return sat ? run_binary<Shaped<Op, false, true>, float> : run_binary<Shaped<Op, false, false>, float>;
}
template <class Op>
Handler ternary(Type t, bool ftz, bool sat) {
  if (t == Type::f64) return run_ternary<Shaped<Op, false, false>, double>;
  if (ftz) return sat ? run_ternary<Shaped<Op, true, true>, float> : run_ternary<Shaped<Op, true, false>, float>;
  return sat ? run_ternary<Shaped<Op, false, true>, float> : run_ternary<Shaped<Op, false, false>, float>;
}
template <class Op, int arity>
Handler directed(Type t) {
  return t == Type::f64 ? run_directed<Op, double, arity> : run_directed<Op, float, arity>;
}
template <class Op>
Handler approximate(bool ftz) {
  return ftz ? run_approx<Op, true> : run_approx<Op, false>;
}

Handler approximation(std::string_view name, bool ftz) {
  if (name == "rcp") return approximate<RcpApprox>(ftz);
  if (name == "rsqrt") return approximate<RsqrtApprox>(ftz);
  if (name == "sqrt") return approximate<SqrtApprox>(ftz);
  if (name == "ex2") return approximate<Ex2Approx>(ftz);
  if (name == "lg2") return approximate<Lg2Approx>(ftz);
  if (name == "sin") return approximate<SinApprox>(ftz);
  if (name == "cos") return approximate<CosApprox>(ftz);
  if (name == "tanh") return approximate<TanhApprox>(ftz);
  if (name == "div") return ftz ? run_div_approx<true> : run_div_approx<false>;
  return nullptr;
}

// Arithmetic that rounds as rn, rz, rm or rp say.
Handler rounded(std::string_view name, Type t, bool nearest, bool ftz, bool sat) {
  if (name == "add") return nearest ? binary<Add>(t, ftz, sat) : directed<Add, 2>(t);
  if (name == "sub") return nearest ? binary<Sub>(t, ftz, sat) : directed<Sub, 2>(t);
  if (name == "mul") return nearest ? binary<Mul>(t, ftz, sat) : directed<Mul, 2>(t);
  if (name == "div") return nearest ? binary<Div>(t, ftz, sat) : directed<Div, 2>(t);
  if (name == "fma" || name == "mad") return nearest ? ternary<Fma>(t, ftz, sat) : directed<Fma, 3>(t);
  if (name == "rcp") return nearest ? unary<Rcp>(t, ftz, sat) : directed<Rcp, 1>(t);
  if (name == "sqrt") return nearest ? unary<Sqrt>(t, ftz, sat) : directed<Sqrt, 1>(t);
  return nullptr;
}

Handler unrounded(std::string_view name, Type t, bool ftz, bool nan) {
  if (name == "min") return nan ? binary<MinNan>(t, ftz, false) : binary<Min>(t, ftz, false);
  if (name == "max") return nan ? binary<MaxNan>(t, ftz, false) : binary<Max>(t, ftz, false);
  if (name == "copysign") return t == Type::f64 ? run_binary<Copysign, double> : run_binary<Copysign, float>;
  // A NaN keeps its payload here, so these pass by `tidy` unless they flush.
  if (name == "neg") return ftz ? unary<Neg>(t, true, false) : t == Type::f64 ? run_unary<Neg, double> : run_unary<Neg, float>;
  if (name == "abs") return ftz ? unary<Abs>(t, true, false) : t == Type::f64 ? run_unary<Abs, double> : run_unary<Abs, float>;
  return nullptr;
}

void decode_testp(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view what = op.take_one("finite infinite number notanumber normal subnormal");
  Type t = op.take_type();
  d.expect(!what.empty() && s.operands.size() == 2, "unknown testp");
  Instruction& i = d.emit(run_testp);
  i.mode = what == "normal" ? 'N' : what == "number" ? 'u' : uint8_t(what[0]);
  i.mode2 = t == Type::f64;
  d.predicate_destination(0, s.operands[0]);
  d.source(1, s.operands[1], t);
}

}  // namespace

bool decode_floating(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (name == "testp") {
    decode_testp(d, s, op);
    return true;
  }
  static const char* const names[] = {"add", "sub", "mul", "div", "fma", "mad", "rcp", "sqrt", "rsqrt", "ex2", "lg2",
                                      "sin", "cos", "tanh", "min", "max", "neg", "abs", "copysign"};
  bool known = false;
  for (const char* candidate : names) known |= name == candidate;
  if (!known) return false;
  Opcode trial = op;
  Type t = trial.take_type();
  if (t != Type::f32 && t != Type::f64) return false;
  op.take_type();
  bool approx = op.take("approx"), full = op.take("full"), ftz = op.take("ftz"), sat = op.take("sat"), nan = op.take("NaN");
  std::string_view rounding = op.take_one("rn rz rm rp");
  Handler run;
  if ((approx || full) && t == Type::f64) {
    if (name == "rcp" && ftz) run = run_approx_f64<false>;
    else if (name == "rsqrt") run = ftz ? run_approx_f64<true> : run_unary<Rsqrt, double>;
    else run = nullptr;
  } else if (approx || full) {
    run = approximation(name, ftz);
  } else {
    run = rounded(name, t, rounding.empty() || rounding == "rn", ftz, sat);
    if (run == nullptr && rounding.empty()) run = unrounded(name, t, ftz, nan);
  }
  if (run == nullptr) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  d.expect(s.operands.size() >= 2 && s.operands.size() <= 4, "wrong number of operands");
  size_t sources = name == "fma" || name == "mad" ? 3
                   : name == "add" || name == "sub" || name == "mul" || name == "div" || name == "min" ||
                           name == "max" || name == "copysign" ? 2 : 1;
  d.expect(s.operands.size() == sources + 1, "wrong number of operands");
  Instruction& i = d.emit(run);
  if (full) i.mode = 1;
  else if (!rounding.empty()) i.mode = uint8_t(rounding[1]), i.mode2 = uint8_t(ftz | sat << 1);
  d.destination(0, s.operands[0], t);
  for (size_t k = 1; k <= sources; k++) d.source(int(k), s.operands[k], t);
  return true;
}

}  // namespace softcuda
