// cp.async: the destination is poisoned at issue and the bytes arrive at the wait, the latest moment
// that the architecture allows (spec softcuda.md 4).
#include "access.hpp"
#include "decoder.hpp"

namespace softcuda {

namespace {

// r[0] destination, r[1] source, r[2] bytes to take; mode the bytes to fill, mode2 bits: 1 a 32-bit
// destination address, 2 a predicate p[1] that says "ignore the source", 4 a negated one.
// imm: offsets, the destination's in the low half.
const Instruction* run_copy(Warp& w, const Instruction* i) {
  uint32_t bytes = i->mode, to[32];
  uint64_t from[32];
  auto taken = w.reg<uint32_t>(i->r[2]);
  uint32_t ignored = 0;
  if (i->mode2 & 2) ignored = w.predicates[i->p[1]] ^ (i->mode2 & 4 ? ~0u : 0);
  Instruction part = *i;
  part.mode2 = i->mode2 & 1;
  part.imm = int32_t(i->imm);
  shared_offsets(w, &part, 0, to);
  part.mode2 = 0;
  part.imm = i->imm >> 32;
  lane_addresses(w, &part, 1, from);
  check_shared(w, i, to, bytes, "copies to");
  SharedMemory& shared = w.block->shared;
  uint32_t reading = 0;
  AsyncCopy copy;
  copy.issued = i;
  copy.bytes = bytes;
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    copy.to[l] = to[l];
    copy.taken[l] = ignored >> l & 1 ? 0 : taken[l].v;
    if (copy.taken[l] > bytes) w.fault(i, l, 719, "cp.async that takes " + std::to_string(copy.taken[l]) + " bytes and fills " + std::to_string(bytes));
    reading |= uint32_t(copy.taken[l] != 0) << l;
  }
  // Lanes that take nothing may point anywhere.
  uint32_t todo = reading;
  while (todo != 0) {
    uint64_t there[32];
    unsigned first = first_lane(todo);
    for (unsigned l = 0; l < 32; l++) there[l] = todo >> l & 1 ? from[l] : from[first];
    for (uint32_t m = todo; m != 0; m &= m - 1)
      if (from[first_lane(m)] & (bytes - 1)) misaligned(w, i, first_lane(m), from[first_lane(m)], bytes, "copies from");
    uint32_t inside;
    const Allocation* a = allocation_of(w, i, todo, there, 1, "copies from", &inside);
    for (uint32_t m = inside; m != 0; m &= m - 1) {
      unsigned l = first_lane(m);
      if (!a->holds(from[l], copy.taken[l])) outside(w, i, l, from[l], copy.taken[l], "copies from");
      copy.from[l] = a->host + (from[l] - a->base);
      if (w.block->launch->settings->checks.initialised && memchr(a->shadow + (from[l] - a->base), 0, copy.taken[l]) != nullptr)
        unwritten(w, i, l, from[l], copy.taken[l]);
    }
    todo &= ~inside;
  }
  for (uint32_t m = w.active; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    if (shared.checked()) shared.issue(w, i, l, to[l], bytes);
    memset(shared.bytes.data() + to[l], 0xff, bytes);
  }
  // One record per group number, which is nearly always one.
  for (uint32_t left = w.active; left != 0; left &= ~copy.lanes) {
    copy.group = w.commits[first_lane(left)];
    copy.lanes = 0;
    for (unsigned l = 0; l < 32; l++) copy.lanes |= uint32_t(w.commits[l] == copy.group) << l;
    copy.lanes &= left;
    w.copies.push_back(copy);
  }
  return i + 1;
}

const Instruction* run_commit(Warp& w, const Instruction* i) {
  for (unsigned l = 0; l < 32; l++) w.commits[l] += w.active >> l & 1;
  return i + 1;
}

// imm: groups that may stay pending; -1 takes the uncommitted copies too.
const Instruction* run_wait(Warp& w, const Instruction* i) {
  SharedMemory& shared = w.block->shared;
  size_t kept = 0;
  for (size_t k = 0; k < w.copies.size(); k++) {
    AsyncCopy& copy = w.copies[k];
    for (uint32_t m = copy.lanes & w.active; m != 0; m &= m - 1) {
      unsigned l = first_lane(m);
      if (i->imm >= 0 && int64_t(copy.group) + i->imm >= int64_t(w.commits[l])) continue;
      uint8_t* to = shared.bytes.data() + copy.to[l];
      if (copy.taken[l] != 0) memcpy(to, copy.from[l], copy.taken[l]);
      memset(to + copy.taken[l], 0, copy.bytes - copy.taken[l]);
      if (shared.checked()) shared.deliver(w, l, copy.to[l], copy.bytes);
      copy.lanes &= ~(1u << l);
    }
    if (copy.lanes == 0) continue;
    if (kept != k) w.copies[kept] = copy;
    kept++;
  }
  w.copies.resize(kept);
  return i + 1;
}

void decode_copy(Decoder& d, const Statement& s, Opcode& op) {
  bool l2_only = op.take("cg");
  d.expect(l2_only || op.take("ca"), "unknown cp.async");
  d.expect(!op.take_one("shared shared::cta").empty() && op.take("global"), "unknown cp.async");
  op.take_one("L2::64B L2::128B L2::256B");
  const std::vector<Operand>& o = s.operands;
  d.expect(o.size() >= 3 && o.size() <= 4 && o[2].kind == Operand::integer, "cp.async wants its size as a number");
  int64_t bytes = o[2].value;
  d.expect(bytes == 16 || (!l2_only && (bytes == 4 || bytes == 8)), "cp.async of a size that does not exist");
  bool predicate = o.size() == 4 && d.is_predicate(o[3]);
  d.emit(run_copy).mode = uint8_t(bytes);
  d.memory_operation();
  if (predicate) d.predicate_source(1, o[3]);
  d.source(2, o.size() == 4 && !predicate ? o[3] : o[2], Type::u32);
  d.address(1, o[1]);
  d.expect(d.last().mode2 == 0, "a 32-bit global address");
  int64_t from = d.last().imm;
  d.address(0, o[0]);
  d.last().imm = int64_t(uint64_t(from) << 32 | uint32_t(d.last().imm));
  if (predicate) d.last().mode2 |= uint8_t(2 | (o[3].negated ? 4 : 0));
}

}  // namespace

bool decode_async(Decoder& d, const Statement& s, Opcode& op) {
  if (op.name() != "cp" || !op.take("async")) return false;
  if (op.take("commit_group")) {
    d.emit(run_commit);
  } else if (op.take("wait_group")) {
    d.expect(s.operands.size() == 1 && s.operands[0].kind == Operand::integer, "wait_group wants a number");
    d.emit(run_wait).imm = s.operands[0].value;
  } else if (op.take("wait_all")) {
    d.emit(run_wait).imm = -1;
  } else if (!op.take_one("bulk mbarrier").empty()) {
    d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  } else {
    decode_copy(d, s, op);
  }
  return true;
}

}  // namespace softcuda
