// Instructions of a warp's lanes together: shuffles, votes, matches, reductions, bar.warp.sync. Each
// waits until every living lane of its mask is here (spec softcuda.md 4).
#include <bitset>

#include "block.hpp"
#include "decoder.hpp"
#include "lanes.hpp"

namespace softcuda {

namespace {

// Brings the lanes of the mask together. Lanes with different masks (subgroups) go one after the other:
// those with the first lane's mask now, the others from the same place. False: return *next.
bool join_mask(Warp& w, const Instruction* i, int field, const Instruction** next) {
  auto masks = w.reg<uint32_t>(i->r[field]);
  unsigned first = first_lane(w.active);
  uint32_t mask = masks[first].v, same = 0;
  for (unsigned l = 0; l < 32; l++) same |= uint32_t(masks[l].v == mask) << l;
  uint32_t others = w.active & ~same;
  if (others != 0) {
    w.add_group(i, others, 0, false);
    w.set_active(w.active & same);
    w.find_lowest();
  }
  if ((w.active & ~mask) != 0)
    w.fault(i, first_lane(w.active & ~mask), 719, "this lane is not in the instruction's own mask");
  return w.gather(i, mask, false, next);
}

// After a subgroup's turn: the others wait at this very instruction.
const Instruction* leave(Warp& w, const Instruction* i) {
  if (__builtin_expect(i + 1 >= w.lowest || w.lowest <= i, 0)) return w.go(i, i + 1);
  return i + 1;
}

#define JOIN(field)                                          \
  {                                                          \
    const Instruction* next;                                 \
    if (!join_mask(w, i, field, &next)) return next;         \
  }

enum ShuffleMode : uint8_t { up, down, bfly, idx };

// r: d, a, b, c, mask. The lane's source by the formulas of spec softcuda.md 4.
template <ShuffleMode how>
const Instruction* run_shuffle(Warp& w, const Instruction* i) {
  JOIN(4)
  auto a = w.reg<uint32_t>(i->r[1]);
  auto b = w.reg<uint32_t>(i->r[2]);
  auto c = w.reg<uint32_t>(i->r[3]);
  uint32_t value[32], valid = 0, from = 0;
  int source[32];
  for (int l = 0; l < 32; l++) {
    int offset = int(b[l].v & 31), clamp = int(c[l].v & 31), segment = int(c[l].v >> 8 & 31);
    int last = (l & segment) | (clamp & ~segment), first = l & segment, j;
    bool p;
    if (how == up) j = l - offset, p = j >= last;
    else if (how == down) j = l + offset, p = j <= last;
    else if (how == bfly) j = l ^ offset, p = j <= last;
    else j = first | (offset & ~segment), p = j <= last;
    if (!p) j = l;
    valid |= uint32_t(p) << l;
    source[l] = j & 31;
  }
  for (int l = 0; l < 32; l++) value[l] = a[source[l]].v;
  for (uint32_t m = w.active; m != 0; m &= m - 1) from |= 1u << source[first_lane(m)];
  if ((from & ~w.active) != 0) {
    for (uint32_t m = w.active; m != 0; m &= m - 1) {
      unsigned l = first_lane(m);
      if (!(w.active >> source[l] & 1))
        w.fault(i, l, 719, "reads the register of lane " + std::to_string(source[l]) + ", which takes no part");
    }
  }
  write<uint32_t>(w, i->r[0], [&](int l) { return value[l]; });
  write_predicate(w, i->p[0], valid);
  return leave(w, i);
}

enum VoteMode : uint8_t { vote_all, vote_any, vote_uni, vote_ballot };

const Instruction* run_vote(Warp& w, const Instruction* i) {
  JOIN(4)
  uint32_t p = (w.predicates[i->p[1]] ^ uint32_t(i->imm)) & w.active;
  if (i->mode == vote_ballot) {
    write<uint32_t>(w, i->r[0], [=](int) { return p; });
  } else {
    bool result = i->mode == vote_all ? p == w.active : i->mode == vote_any ? p != 0 : p == 0 || p == w.active;
    write_predicate(w, i->p[0], result ? ~0u : 0);
  }
  return leave(w, i);
}

const Instruction* run_warp_barrier(Warp& w, const Instruction* i) {
  JOIN(4)
  w.since = w.block->shared.tick_warp();
  return leave(w, i);
}

const Instruction* run_active_mask(Warp& w, const Instruction* i) {
  uint32_t active = w.active;
  write<uint32_t>(w, i->r[0], [=](int) { return active; });
  return i + 1;
}

template <class T, bool all>
const Instruction* run_match(Warp& w, const Instruction* i) {
  JOIN(4)
  auto a = w.reg<T>(i->r[1]);
  uint32_t equal[32] = {}, yes = 0;
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    for (unsigned k = 0; k < 32; k++) equal[l] |= uint32_t(a[k].v == a[l].v) << k;
    equal[l] &= w.active;
    if (all && equal[l] != w.active) equal[l] = 0;
    yes |= uint32_t(equal[l] != 0) << l;
  }
  write<uint32_t>(w, i->r[0], [&](int l) { return equal[l]; });
  if (all) write_predicate(w, i->p[0], yes);
  return leave(w, i);
}

enum Reduction : uint8_t { reduce_add, reduce_and, reduce_or, reduce_xor, reduce_min, reduce_max };

template <class T>
const Instruction* run_reduce(Warp& w, const Instruction* i) {
  JOIN(4)
  auto a = w.reg<T>(i->r[1]);
  T r = a[first_lane(w.active)].v;
  for (uint32_t m = w.active & (w.active - 1); m != 0; m &= m - 1) {
    T x = a[first_lane(m)].v;
    switch (i->mode) {
      case reduce_add: r = T(uint32_t(r) + uint32_t(x)); break;
      case reduce_and: r &= x; break;
      case reduce_or: r |= x; break;
      case reduce_xor: r ^= x; break;
      case reduce_min: r = x < r ? x : r; break;
      default: r = x > r ? x : r;
    }
  }
  write<T>(w, i->r[0], [=](int) { return r; });
  return leave(w, i);
}

bool decode_shuffle(Decoder& d, const Statement& s, Opcode& op) {
  d.expect(op.take("sync"), "shfl without .sync");
  std::string_view how = op.take_one("up down bfly idx");
  op.take("b32");
  d.expect(s.operands.size() == 5 && !how.empty(), "unknown shuffle");
  d.emit(how == "up" ? run_shuffle<up> : how == "down" ? run_shuffle<down> : how == "bfly" ? run_shuffle<bfly> : run_shuffle<idx>);
  d.predicate_destination(0, s.operands[0].pair);
  d.destination(0, s.operands[0], Type::b32);
  for (int k = 1; k <= 4; k++) d.source(k, s.operands[size_t(k)], Type::b32);
  return true;
}

bool decode_vote(Decoder& d, const Statement& s, Opcode& op) {
  d.expect(op.take("sync") && s.operands.size() == 3, "unknown vote");
  std::string_view how = op.take_one("all any uni ballot");
  op.take_type();
  Instruction& i = d.emit(run_vote);
  i.mode = how == "all" ? vote_all : how == "any" ? vote_any : how == "uni" ? vote_uni : vote_ballot;
  d.predicate_source(1, s.operands[1]);
  i.imm = s.operands[1].negated ? 0xffffffff : 0;
  if (how == "ballot") d.destination(0, s.operands[0], Type::b32);
  else d.predicate_destination(0, s.operands[0]);
  d.source(4, s.operands[2], Type::b32);
  return true;
}

bool decode_match(Decoder& d, const Statement& s, Opcode& op) {
  bool all = op.take("all");
  d.expect((all || op.take("any")) && op.take("sync") && s.operands.size() == 3, "unknown match");
  Type t = op.take_type();
  bool wide = size_of(t) == 8;
  d.emit(all ? (wide ? run_match<uint64_t, true> : run_match<uint32_t, true>)
             : (wide ? run_match<uint64_t, false> : run_match<uint32_t, false>));
  d.predicate_destination(0, s.operands[0].pair);
  d.destination(0, s.operands[0], Type::b32);
  d.source(1, s.operands[1], t);
  d.source(4, s.operands[2], Type::b32);
  return true;
}

bool decode_reduce(Decoder& d, const Statement& s, Opcode& op) {
  d.expect(op.take("sync") && s.operands.size() == 3, "unknown redux");
  std::string_view how = op.take_one("add and or xor min max");
  Type t = op.take_type();
  Instruction& i = d.emit(t == Type::s32 ? run_reduce<int32_t> : run_reduce<uint32_t>);
  i.mode = how == "add" ? reduce_add : how == "and" ? reduce_and : how == "or" ? reduce_or : how == "xor" ? reduce_xor : how == "min" ? reduce_min : reduce_max;
  d.destination(0, s.operands[0], t);
  d.source(1, s.operands[1], t);
  d.source(4, s.operands[2], Type::b32);
  return true;
}

}  // namespace

bool decode_exchange(Decoder& d, const Statement& s, Opcode& op) {
  std::string_view name = op.name();
  if (name == "shfl") return decode_shuffle(d, s, op);
  if (name == "vote") return decode_vote(d, s, op);
  if (name == "match") return decode_match(d, s, op);
  if (name == "redux") return decode_reduce(d, s, op);
  if (name == "activemask") {
    op.take("b32");
    d.emit(run_active_mask);
    d.destination(0, s.operands.at(0), Type::b32);
    return true;
  }
  if (name == "bar" || name == "barrier") {  // decode_control has taken .warp
    d.expect(op.take("sync") && s.operands.size() == 1, "unknown barrier");
    d.emit(run_warp_barrier);
    d.source(4, s.operands[0], Type::b32);
    return true;
  }
  return false;
}

}  // namespace softcuda
