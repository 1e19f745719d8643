// atom and red: one lane after the other, by the host's atomic operations where other blocks may see them.
#include <cfloat>
#include <cmath>

#include "access.hpp"
#include "decoder.hpp"
#include "half.hpp"

namespace softcuda {

namespace {

enum Operation : uint8_t { op_add, op_and, op_or, op_xor, op_min, op_max, op_inc, op_dec, op_exch, op_cas, op_addflush };

template <class T>
T changed(uint8_t how, T old, T b, T c) {
  using U = std::conditional_t<std::is_floating_point_v<T>, T, std::make_unsigned_t<std::conditional_t<std::is_floating_point_v<T>, int, T>>>;
  if constexpr (!std::is_floating_point_v<T>) {
    switch (how) {
      case op_and: return old & b;
      case op_or: return old | b;
      case op_xor: return old ^ b;
      case op_min: return b < old ? b : old;
      case op_max: return b > old ? b : old;
      case op_inc: return U(old) >= U(b) ? T(0) : T(U(old) + 1);
      case op_dec: return old == 0 || U(old) > U(b) ? b : T(U(old) - 1);
      case op_exch: return b;
      case op_cas: return old == b ? c : old;
      default: return T(U(old) + U(b));
    }
  } else {
    auto flush = [&](T x) { return how == op_addflush && std::fabs(x) < T(FLT_MIN) ? std::copysign(T(0), x) : x; };
    (void)c;
    return flush(flush(old) + flush(b));
  }
}

template <class T>
using Word = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
void change(Warp& w, const Instruction* i, unsigned lane, uint8_t how, uint8_t* place) {
  T b = w.reg<T>(i->r[2])[lane].v, c = T(0);
  if (how == op_cas) c = w.reg<T>(i->r[3])[lane].v;
  auto word = reinterpret_cast<Word<T>*>(place);
  Word<T> old = __atomic_load_n(word, __ATOMIC_RELAXED), now;
  do now = bits_of<Word<T>>(changed<T>(how, bits_of<T>(old), b, c));
  while (!__atomic_compare_exchange_n(word, &old, now, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
  if (i->mode2 & 2) w.reg<Word<T>>(i->r[0])[lane].v = old;
}

template <class T>
void change_shared(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  uint32_t offset[32];
  for (int l = 0; l < 32; l++) offset[l] = uint32_t(at[l]);
  check_shared(w, i, offset, sizeof(T), "changes");
  SharedMemory& shared = w.block->shared;
  if (shared.checked()) shared.atomic(w, i, lanes, offset, sizeof(T));
  uint8_t how = i->mode == op_addflush ? uint8_t(op_add) : i->mode;  // shared memory keeps subnormals
  for (uint32_t m = lanes; m != 0; m &= m - 1)
    change<T>(w, i, first_lane(m), how, shared.bytes.data() + offset[first_lane(m)]);
}

template <class T>
void change_device(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  while (lanes != 0) {
    uint32_t inside;
    const Allocation* a = allocation_of(w, i, lanes, at, sizeof(T), "changes", &inside);
    for (uint32_t m = inside; m != 0; m &= m - 1) {
      unsigned l = first_lane(m);
      uint64_t offset = at[l] - a->base;
      if (w.block->launch->settings->checks.initialised) {
        if (i->mode != op_exch && any_unwritten(a->shadow + offset, sizeof(T))) unwritten(w, i, l, at[l], sizeof(T));
        memset(a->shadow + offset, w.block->launch->tag, sizeof(T));
      }
      change<T>(w, i, l, i->mode, a->host + offset);
    }
    lanes &= ~inside;
  }
}

// imm is the address offset; mode2 bit 0: a 32-bit address, bit 1: the old value is wanted.
template <class T, int window>  // 0 generic, 1 shared, 2 device
const Instruction* run_atomic(Warp& w, const Instruction* i) {
  uint64_t at[32];
  Instruction plain = *i;
  plain.mode2 &= 1;
  lane_addresses(w, &plain, 1, at);
  if (window == 1) {
    change_shared<T>(w, i, w.active, at);
  } else if (window == 2) {
    change_device<T>(w, i, w.active, at);
  } else {
    uint32_t in_shared = 0;
    for (unsigned l = 0; l < 32; l++) in_shared |= uint32_t(at[l] >> 40 << 40 == shared_window) << l;
    uint32_t here = w.active & in_shared, there = w.active & ~in_shared;
    uint64_t some[32];
    for (uint32_t part : {here, there}) {
      if (part == 0) continue;
      for (unsigned l = 0; l < 32; l++) some[l] = part >> l & 1 ? at[l] : at[first_lane(part)];
      if (part == here) change_shared<T>(w, i, part, some);
      else change_device<T>(w, i, part, some);
    }
  }
  return i + 1;
}

template <class T>
Handler in_window(std::string_view space) {
  return space.empty() ? run_atomic<T, 0> : space == "global" ? run_atomic<T, 2> : run_atomic<T, 1>;
}

}  // namespace

bool decode_atomic(Decoder& d, const Statement& s, Opcode& op) {
  bool returns = op.name() == "atom";
  if (!returns && op.name() != "red") return false;
  op.take_one("relaxed acquire release acq_rel");
  op.take_one("cta gpu sys");
  std::string_view space = op.take_one("global shared shared::cta");
  static const char* const names[] = {"add", "and", "or", "xor", "min", "max", "inc", "dec", "exch", "cas"};
  uint8_t how = 255;
  for (uint8_t k = 0; k < 10; k++)
    if (op.take(names[k])) how = k;
  Type t = op.take_type();
  bool half = t == Type::f16 || t == Type::bf16 || t == Type::f16x2 || t == Type::bf16x2;
  if (how == 255 || half || size_of(t) < 4) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  bool floating = t == Type::f32 || t == Type::f64;
  d.expect(!floating || how == op_add, "a float atomic other than add");
  if (t == Type::f32) how = op_addflush;
  Handler run = nullptr;
  switch (t) {
    case Type::b32: case Type::u32: run = in_window<uint32_t>(space); break;
    case Type::s32: run = in_window<int32_t>(space); break;
    case Type::b64: case Type::u64: run = in_window<uint64_t>(space); break;
    case Type::s64: run = in_window<int64_t>(space); break;
    case Type::f32: run = in_window<float>(space); break;
    default: run = in_window<double>(space);
  }
  size_t sources = how == op_cas ? 2 : 1, first = returns ? 1 : 0;
  d.expect(s.operands.size() == first + 1 + sources, "wrong number of operands");
  d.emit(run).mode = how;
  d.memory_operation();
  if (returns) d.destination(0, s.operands[0], t);
  d.source(2, s.operands[first + 1], t);
  if (how == op_cas) d.source(3, s.operands[first + 2], t);
  d.address(1, s.operands[first]);
  if (returns) d.last().mode2 |= 2;
  return true;
}

}  // namespace softcuda
