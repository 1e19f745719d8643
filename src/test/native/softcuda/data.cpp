// Moves, selections, comparisons, and conversions between address windows.
#include <chrono>
#include <cmath>

#include "block.hpp"
#include "decoder.hpp"
#include "half.hpp"

namespace softcuda {

// The low word of a 64-bit register.
const Instruction* run_narrow(Warp& w, const Instruction* i) {
  auto a = w.reg<uint64_t>(i->r[1]);
  write<uint32_t>(w, i->r[0], [=](int l) { return uint32_t(a[l].v); });
  return i + 1;
}

namespace {

template <class T>
const Instruction* run_move(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  write<T>(w, i->r[0], [=](int l) { return a[l].v; });
  return i + 1;
}
const Instruction* run_widen(Warp& w, const Instruction* i) {
  auto a = w.reg<uint32_t>(i->r[1]);
  write<uint64_t>(w, i->r[0], [=](int l) { return uint64_t(a[l].v); });
  return i + 1;
}
const Instruction* run_move_predicate(Warp& w, const Instruction* i) {
  write_predicate(w, i->p[0], w.predicates[i->p[1]] ^ uint32_t(i->imm));
  return i + 1;
}
const Instruction* run_set_predicate(Warp& w, const Instruction* i) {
  write_predicate(w, i->p[0], i->imm ? ~0u : 0);
  return i + 1;
}

template <class T>
const Instruction* run_clock(Warp& w, const Instruction* i) {
  T now = T(std::chrono::steady_clock::now().time_since_epoch().count());
  write<T>(w, i->r[0], [=](int) { return now; });
  return i + 1;
}

// {a, b, ...} packed into a register, lowest first; the parts' registers are in the list.
template <class Whole, class Part>
const Instruction* run_pack(Warp& w, const Instruction* i) {
  constexpr int n = sizeof(Whole) / sizeof(Part);
  const uint32_t* parts = w.block->launch->code->lists.data() + i->list;
  const Cell<Stored<Part>>* a[n];
  for (int k = 0; k < n; k++) a[k] = w.reg<Stored<Part>>(parts[k]);
  write<Whole>(w, i->r[0], [=](int l) {
    Whole r = 0;
    for (int k = 0; k < n; k++) r |= Whole(Part(a[k][l].v)) << (8 * sizeof(Part) * unsigned(k));
    return r;
  });
  return i + 1;
}
template <class Whole, class Part>
const Instruction* run_unpack(Warp& w, const Instruction* i) {
  constexpr int n = sizeof(Whole) / sizeof(Part);
  const uint32_t* parts = w.block->launch->code->lists.data() + i->list;
  auto a = w.reg<Whole>(i->r[1]);
  for (int k = 0; k < n; k++)
    write<Stored<Part>>(w, parts[k], [=](int l) { return Stored<Part>(Part(a[l].v >> (8 * sizeof(Part) * unsigned(k)))); });
  return i + 1;
}

void decode_vector_move(Decoder& d, const Statement& s, Type whole) {
  bool packs = s.operands[1].kind == Operand::vector;
  const std::vector<Operand>& parts = s.operands[packs ? 1 : 0].items;
  unsigned bytes = size_of(whole), each = parts.empty() ? 0 : bytes / unsigned(parts.size());
  Handler run = nullptr;
  if (bytes == 4 && each == 2) run = packs ? run_pack<uint32_t, uint16_t> : run_unpack<uint32_t, uint16_t>;
  if (bytes == 4 && each == 1) run = packs ? run_pack<uint32_t, uint8_t> : run_unpack<uint32_t, uint8_t>;
  if (bytes == 8 && each == 4) run = packs ? run_pack<uint64_t, uint32_t> : run_unpack<uint64_t, uint32_t>;
  if (bytes == 8 && each == 2) run = packs ? run_pack<uint64_t, uint16_t> : run_unpack<uint64_t, uint16_t>;
  if (bytes == 2 && each == 1) run = packs ? run_pack<uint32_t, uint8_t> : run_unpack<uint32_t, uint8_t>;
  if (run == nullptr || (bytes == 2)) d.fail("a vector of the wrong length");
  Type part = each == 4 ? Type::b32 : Type::b16;
  d.emit(run);
  if (packs) {
    d.destination(0, s.operands[0], whole);
    for (const Operand& o : parts) d.list_source(o, part);
  } else {
    for (const Operand& o : parts) d.list_destination(o, part);
    d.source(1, s.operands[1], whole);
  }
}

void decode_move(Decoder& d, const Statement& s, Opcode& op) {
  Type t = op.take_type();
  d.expect(s.operands.size() == 2 && t != Type::none, "mov wants a type and two operands");
  const Operand &to = s.operands[0], &from = s.operands[1];
  if (t == Type::pred) {
    if (from.kind == Operand::integer) {
      d.emit(run_set_predicate).imm = from.value;
    } else {
      d.emit(run_move_predicate).imm = from.negated ? 0xffffffff : 0;
      d.predicate_source(1, from);
    }
    return d.predicate_destination(0, to);
  }
  if (to.kind == Operand::vector || from.kind == Operand::vector) return decode_vector_move(d, s, t);
  bool wide = size_of(t) == 8;
  Special special;
  if (from.kind == Operand::name && d.special_named(from.text, &special)) {
    if (special == Special::clock) {
      d.emit(wide ? run_clock<uint64_t> : run_clock<uint32_t>);
    } else {
      d.emit(wide ? run_widen : run_move<uint32_t>);
      d.source(1, from, Type::u32);
    }
    return d.destination(0, to, t);
  }
  d.emit(wide ? run_move<uint64_t> : run_move<uint32_t>);
  d.destination(0, to, t);
  d.source(1, from, t);
}

template <class T>
const Instruction* run_select(Warp& w, const Instruction* i) {
  auto a = w.reg<T>(i->r[1]);
  auto b = w.reg<T>(i->r[2]);
  uint32_t p = w.predicates[i->p[0]] ^ uint32_t(i->imm);
  write<T>(w, i->r[0], [=](int l) { return p >> l & 1 ? a[l].v : b[l].v; });
  return i + 1;
}

struct Eq { template <class T> static bool f(T a, T b) { return a == b; } };
struct Ne { template <class T> static bool f(T a, T b) { return !(a == b) && a == a && b == b; } };
struct Lt { template <class T> static bool f(T a, T b) { return a < b; } };
struct Le { template <class T> static bool f(T a, T b) { return a <= b; } };
struct Gt { template <class T> static bool f(T a, T b) { return a > b; } };
struct Ge { template <class T> static bool f(T a, T b) { return a >= b; } };
struct Equ { template <class T> static bool f(T a, T b) { return !Ne::f(a, b); } };
struct Neu { template <class T> static bool f(T a, T b) { return !(a == b); } };
struct Ltu { template <class T> static bool f(T a, T b) { return !(a >= b); } };
struct Leu { template <class T> static bool f(T a, T b) { return !(a > b); } };
struct Gtu { template <class T> static bool f(T a, T b) { return !(a <= b); } };
struct Geu { template <class T> static bool f(T a, T b) { return !(a < b); } };
struct Num { template <class T> static bool f(T a, T b) { return a == a && b == b; } };
struct Nan { template <class T> static bool f(T a, T b) { return a != a || b != b; } };

// How the operands of a comparison are read.
template <class T>
struct As {
  using Cells = Stored<T>;
  static T of(Cells v) { return T(v); }
};
struct Half {
  using Cells = uint32_t;
  static float of(uint32_t v) { return half_to_float(v); }
};
struct Bfloat {
  using Cells = uint32_t;
  static float of(uint32_t v) { return bfloat_to_float(v); }
};
struct Flushed {
  using Cells = float;
  static float of(float v) { return std::fabs(v) < 1.17549435e-38f ? std::copysign(0.0f, v) : v; }
};

enum : uint8_t { combine_none, combine_and, combine_or, combine_xor };

// p[0]|p[1] = a Op b, combined with p[2]; bit 0 of imm negates that.
template <class Op, class Read>
const Instruction* run_compare(Warp& w, const Instruction* i) {
  auto a = w.reg<typename Read::Cells>(i->r[1]);
  auto b = w.reg<typename Read::Cells>(i->r[2]);
  uint32_t mask = 0;
  for (int l = 0; l < 32; l++) mask |= uint32_t(Op::f(Read::of(a[l].v), Read::of(b[l].v))) << l;
  if (__builtin_expect(i->mode == combine_none && i->mode2 == 0, 1)) {
    write_predicate(w, i->p[0], mask);
    return i + 1;
  }
  uint32_t c = w.predicates[i->p[2]] ^ uint32_t(i->imm), other = ~mask;
  if (i->mode == combine_and) mask &= c, other &= c;
  if (i->mode == combine_or) mask |= c, other |= c;
  if (i->mode == combine_xor) mask ^= c, other ^= c;
  write_predicate(w, i->p[0], mask);
  write_predicate(w, i->p[1], other);
  return i + 1;
}

template <class Op>
Handler compare(Type t, bool flush) {
  switch (t) {
    case Type::b16: case Type::u16: return run_compare<Op, As<uint16_t>>;
    case Type::s16: return run_compare<Op, As<int16_t>>;
    case Type::b32: case Type::u32: return run_compare<Op, As<uint32_t>>;
    case Type::s32: return run_compare<Op, As<int32_t>>;
    case Type::b64: case Type::u64: return run_compare<Op, As<uint64_t>>;
    case Type::s64: return run_compare<Op, As<int64_t>>;
    case Type::f32: return flush ? run_compare<Op, Flushed> : run_compare<Op, As<float>>;
    case Type::f64: return run_compare<Op, As<double>>;
    case Type::f16: return run_compare<Op, Half>;
    case Type::bf16: return run_compare<Op, Bfloat>;
    default: return nullptr;
  }
}

bool is_float(Type t) { return t == Type::f32 || t == Type::f64 || t == Type::f16 || t == Type::bf16; }

Handler comparison(std::string_view name, Type t, bool flush) {
  if (name == "eq") return compare<Eq>(t, flush);
  if (name == "ne") return is_float(t) ? compare<Ne>(t, flush) : compare<Neu>(t, flush);
  if (name == "lt" || name == "lo") return compare<Lt>(t, flush);
  if (name == "le" || name == "ls") return compare<Le>(t, flush);
  if (name == "gt" || name == "hi") return compare<Gt>(t, flush);
  if (name == "ge" || name == "hs") return compare<Ge>(t, flush);
  if (!is_float(t)) return nullptr;
  if (name == "equ") return compare<Equ>(t, flush);
  if (name == "neu") return compare<Neu>(t, flush);
  if (name == "ltu") return compare<Ltu>(t, flush);
  if (name == "leu") return compare<Leu>(t, flush);
  if (name == "gtu") return compare<Gtu>(t, flush);
  if (name == "geu") return compare<Geu>(t, flush);
  if (name == "num") return compare<Num>(t, flush);
  if (name == "nan") return compare<Nan>(t, flush);
  return nullptr;
}

void decode_compare(Decoder& d, const Statement& s, Opcode& op) {
  bool sets = op.name() == "set";
  std::string_view how = op.take_one("eq ne lt le gt ge lo ls hi hs equ neu ltu leu gtu geu num nan");
  std::string_view combine = op.take_one("and or xor");
  bool flush = op.take("ftz");
  Type result = sets ? op.take_type() : Type::none;
  Type t = op.take_type();
  Handler run = comparison(how, t, flush);
  d.expect(run != nullptr, "unknown comparison");
  d.expect(s.operands.size() == (combine.empty() ? 3u : 4u), "wrong number of operands");
  Instruction& i = d.emit(run);
  i.mode = combine == "and" ? combine_and : combine == "or" ? combine_or : combine == "xor" ? combine_xor : combine_none;
  i.mode2 = !sets && !s.operands[0].pair.empty();
  d.predicate_destination(1, sets ? std::string_view() : s.operands[0].pair);
  if (!combine.empty()) {
    d.predicate_source(2, s.operands[3]);
    d.last().imm = s.operands[3].negated ? 0xffffffff : 0;
  }
  if (!sets) d.predicate_destination(0, s.operands[0]);
  d.source(1, s.operands[1], t);
  d.source(2, s.operands[2], t);
  if (!sets) return;
  Operand yes, no;
  yes.kind = no.kind = Operand::integer;
  yes.value = result == Type::f32 ? 0x3f800000 : -1;
  d.emit(run_select<uint32_t>);
  d.destination(0, s.operands[0], Type::b32);
  d.source(1, yes, Type::b32);
  d.source(2, no, Type::b32);
}

// Generic to window offset and back (spec softcuda.md 2).
const Instruction* run_to_window(Warp& w, const Instruction* i) {
  auto a = w.reg<uint64_t>(i->r[1]);
  uint64_t window = uint64_t(i->imm);
  write<uint64_t>(w, i->r[0], [=](int l) { return (a[l].v & 0xffffffff) | window; });
  return i + 1;
}
const Instruction* run_is_space(Warp& w, const Instruction* i) {
  auto a = w.reg<uint64_t>(i->r[1]);
  uint64_t window = uint64_t(i->imm);
  uint32_t mask = 0;
  for (int l = 0; l < 32; l++)
    mask |= uint32_t(window == 0 ? a[l].v >= global_start : (a[l].v >> 40 << 40) == window) << l;
  write_predicate(w, i->p[0], mask);
  return i + 1;
}

uint64_t take_window(Opcode& op) {
  std::string_view space = op.take_one("shared shared::cta local param global const");
  return space == "local" ? local_window : space == "param" ? param_window
         : space.substr(0, 6) == "shared" ? shared_window : 0;
}

}  // namespace

bool decode_data(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (name == "mov") {
    decode_move(d, s, op);
    return true;
  }
  if (name == "setp" || name == "set") {
    decode_compare(d, s, op);
    return true;
  }
  if (name == "selp") {
    Type t = op.take_type();
    d.expect(s.operands.size() == 4, "selp wants four operands");
    d.emit(size_of(t) == 8 ? run_select<uint64_t> : run_select<uint32_t>).imm = s.operands[3].negated ? 0xffffffff : 0;
    d.destination(0, s.operands[0], t);
    d.source(1, s.operands[1], t);
    d.source(2, s.operands[2], t);
    d.predicate_source(0, s.operands[3]);
    return true;
  }
  if (name == "cvta") {
    bool to = op.take("to");
    uint64_t window = take_window(op);
    d.expect(op.take_type() == Type::u64 && s.operands.size() == 2, "cvta.u64 wants two operands");
    if (window == 0) d.emit(run_move<uint64_t>);
    else d.emit(run_to_window).imm = int64_t(to ? 0 : window);
    d.destination(0, s.operands[0], Type::u64);
    d.source(1, s.operands[1], Type::u64);
    return true;
  }
  if (name == "isspacep") {
    d.expect(s.operands.size() == 2, "isspacep wants two operands");
    d.emit(run_is_space).imm = int64_t(take_window(op));
    d.predicate_destination(0, s.operands[0]);
    d.source(1, s.operands[1], Type::u64);
    return true;
  }
  return false;
}

}  // namespace softcuda
