// Branches, barriers, fences, exits.
#include <atomic>

#include "block.hpp"
#include "decoder.hpp"

namespace softcuda {

const Instruction* run_join(Warp& w, const Instruction* i) {
  if (__builtin_expect(i + 1 >= w.lowest, 0)) return w.go(i, i + 1);
  return i + 1;
}

const Instruction* run_branch(Warp& w, const Instruction* i) { return w.go(i, i->target); }

static inline const Instruction* branch_on(Warp& w, const Instruction* i, uint32_t predicate) {
  uint32_t taken = predicate & w.active;
  if (taken == w.active) return w.go(i, i->target);
  if (taken == 0) return w.go(i, i + 1);
  return w.diverge(i, taken, i->target, i + 1);
}
const Instruction* run_branch_if(Warp& w, const Instruction* i) {
  return branch_on(w, i, w.predicates[i->p[0]]);
}
const Instruction* run_branch_unless(Warp& w, const Instruction* i) {
  return branch_on(w, i, ~w.predicates[i->p[0]]);
}

const Instruction* run_exit(Warp& w, const Instruction* i) { return w.exit(i); }

static inline const Instruction* exit_on(Warp& w, const Instruction* i, uint32_t predicate) {
  uint32_t taken = predicate & w.active;
  if (taken == w.active) return w.exit(i);
  if (taken != 0) {
    w.count(i);
    w.run_start = i + 1;
    w.live &= ~taken;
    w.set_active(w.active & ~taken);
  }
  return w.go(i, i + 1);
}
const Instruction* run_exit_if(Warp& w, const Instruction* i) { return exit_on(w, i, w.predicates[i->p[0]]); }
const Instruction* run_exit_unless(Warp& w, const Instruction* i) {
  return exit_on(w, i, ~w.predicates[i->p[0]]);
}

namespace {

const Instruction* run_trap(Warp& w, const Instruction* i) {
  w.fault(i, first_lane(w.active), 719, "trap");
}

const Instruction* run_fence(Warp&, const Instruction* i) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return i + 1;
}

const Instruction* run_nothing(Warp&, const Instruction* i) { return i + 1; }

enum BarrierMode : uint8_t { sync = 1, arrive = 2, reduce_popc = 4, reduce_and = 8, reduce_or = 16, aligned = 32 };

// bar.sync: the warp stops here until the block releases it (block.cpp). r[1] the barrier, r[2] the
// number of threads (0: all), p[1] the predicate to reduce, mode what to do with it.
const Instruction* run_barrier(Warp& w, const Instruction* i) {
  const Instruction* next;
  if (!w.gather(i, w.live, true, &next)) return next;
  uint32_t lane = first_lane(w.active);
  w.barrier_id = w.reg<uint32_t>(i->r[1])[lane].v;
  if (w.barrier_id > 15) w.fault(i, lane, 719, "barrier " + std::to_string(w.barrier_id) + " of 16");
  uint32_t p = 0;
  if (i->mode & (reduce_popc | reduce_and | reduce_or)) p = (w.predicates[i->p[1]] ^ uint32_t(i->imm)) & w.active;
  if (i->mode & arrive) {  // counted, without waiting
    w.block->arrived[w.barrier_id] += 32;
    return i + 1;
  }
  w.count(i);
  w.run_start = i + 1;
  w.barrier = i;
  w.barrier_result = p;
  w.resume = i + 1;
  w.state = Warp::at_barrier;
  return nullptr;
}

// Follows a reducing barrier: the block has put the result in barrier_result.
const Instruction* run_barrier_result(Warp& w, const Instruction* i) {
  uint32_t value = w.barrier_result;
  if (i->mode & reduce_popc) write<uint32_t>(w, i->r[0], [=](int) { return value; });
  else write_predicate(w, i->p[0], value ? ~0u : 0u);
  return i + 1;
}

bool decode_barrier(Decoder& d, const Statement& s, Opcode& op) {
  bool cta = op.take("cta");
  if (op.name() == "bar" && op.take("warp")) return false;
  bool is_aligned = op.name() == "bar" || op.take("aligned");
  (void)cta;
  uint8_t mode = is_aligned ? aligned : 0;
  size_t first = 0;
  std::string_view reduction;
  if (op.take("sync")) {
    mode |= sync;
  } else if (op.take("arrive")) {
    mode |= arrive;
  } else if (op.take("red")) {
    reduction = op.take_one("popc and or");
    d.expect(!reduction.empty(), "unknown barrier reduction");
    mode |= sync | (reduction == "popc" ? reduce_popc : reduction == "and" ? reduce_and : reduce_or);
    op.take_type();
    first = 1;
  } else {
    return false;
  }
  size_t n = s.operands.size() - (first == 1 ? 1 : 0);
  d.expect(n >= first + 1 && n <= first + 2, "a barrier with the wrong number of operands");
  Instruction& i = d.emit(run_barrier);
  i.mode = mode;
  d.source(1, s.operands[first], Type::u32);
  Operand all;
  all.kind = Operand::integer;
  d.source(2, n == first + 2 ? s.operands[first + 1] : all, Type::u32);
  if (first == 1) {
    d.predicate_source(1, s.operands.back());
    d.last().imm = s.operands.back().negated ? 0xffffffff : 0;
    d.emit(run_barrier_result).mode = mode;
    if (reduction == "popc") d.destination(0, s.operands[0], Type::u32);
    else d.predicate_destination(0, s.operands[0]);
  }
  return true;
}

}  // namespace

bool decode_control(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (name == "bra") {
    op.take("uni");
    d.expect(s.operands.size() == 1, "expected one label");
    d.emit(run_branch);
    d.branch_target(s.operands[0]);
    d.ends_here();
    return true;
  }
  if (name == "ret" || name == "exit") {
    op.take("uni");
    if (name == "exit") {
      d.emit(run_exit);
      d.ends_here();
    } else {
      d.return_from(s);
    }
    return true;
  }
  if (name == "call") {
    op.take("uni");
    d.call(s);
    return true;
  }
  if (name == "trap") {
    d.emit(run_trap);
    return true;
  }
  if (name == "bar" || name == "barrier") return decode_barrier(d, s, op);
  if (name == "membar" || name == "fence") {
    op.take_one("sc acq_rel");
    d.expect(!op.take_one("cta gl gpu sys").empty(), "a fence without scope");
    d.emit(run_fence);
    return true;
  }
  if (name == "nanosleep" || name == "brkpt" || name == "discard" || name == "prefetch" || name == "prefetchu") {
    while (!op.finished()) op.take(op.next());
    d.emit(run_nothing);
    return true;
  }
  return false;
}

}  // namespace softcuda
