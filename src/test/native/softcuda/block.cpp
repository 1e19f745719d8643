// Runs a block: its warps in random order, each for a random while, until all have ended; releases
// barriers; notices when nobody can go on.
#include "block.hpp"

#include <algorithm>
#include <cstring>

namespace softcuda {

namespace {

// A block that executes more than this is taken to spin.
constexpr uint64_t instruction_limit = uint64_t(1) << 34;

uint32_t special_value(const Block& b, const Code& code, Special s, uint32_t thread) {
  const Dim3 &e = b.extent, &grid = b.launch->launch->grid;
  uint32_t lane = thread % 32;
  switch (s) {
    case Special::tid_x: return thread % e.x;
    case Special::tid_y: return thread / e.x % e.y;
    case Special::tid_z: return thread / e.x / e.y;
    case Special::ntid_x: return e.x;
    case Special::ntid_y: return e.y;
    case Special::ntid_z: return e.z;
    case Special::ctaid_x: return b.id.x;
    case Special::ctaid_y: return b.id.y;
    case Special::ctaid_z: return b.id.z;
    case Special::nctaid_x: return grid.x;
    case Special::nctaid_y: return grid.y;
    case Special::nctaid_z: return grid.z;
    case Special::laneid: return lane;
    case Special::warpid: return thread / 32;
    case Special::nwarpid: return uint32_t(b.warps.size());
    case Special::nsmid: return 1;
    case Special::lanemask_eq: return 1u << lane;
    case Special::lanemask_lt: return (1u << lane) - 1;
    case Special::lanemask_le: return (2u << lane) - 1;
    case Special::lanemask_ge: return ~((1u << lane) - 1);
    case Special::lanemask_gt: return ~((2u << lane) - 1);
    case Special::dynamic_smem_size: return uint32_t(b.launch->launch->dynamic_shared);
    case Special::total_smem_size: return uint32_t(code.static_shared + b.launch->launch->dynamic_shared);
    default: return 0;
  }
}

size_t aligned(size_t n) { return (n + 63) / 64 * 64; }

}  // namespace

void Block::prepare(LaunchState& state, uint64_t seed) {
  launch = &state;
  const Code& code = *state.code;
  extent = state.launch->block;
  threads = extent.x * extent.y * extent.z;
  parameters = state.launch->parameters.data();
  random.state = seed;
  size_t count = (threads + 31) / 32;
  warps.assign(count, Warp());
  recent.assign(code.memory_operations, nullptr);
  size_t shared_bytes = code.static_shared + state.launch->dynamic_shared;
  const Checks& checks = state.settings->checks;
  shared.prepare(uint32_t(shared_bytes), code.granule, checks.initialised, checks.races);
  size_t registers = aligned(code.register_bytes), predicates = aligned(4 * code.predicates);
  size_t local = aligned(64 * code.local_bytes), each = registers + predicates + local;
  if (storage_.size() < count * each + 64) storage_.resize(count * each + 64);
  uint8_t* at = storage_.data() + (64 - reinterpret_cast<uintptr_t>(storage_.data()) % 64) % 64;
  for (size_t k = 0; k < count; k++, at += each) {
    Warp& w = warps[k];
    w.index = uint32_t(k);
    w.block = this;
    w.registers = at;
    w.predicates = reinterpret_cast<uint32_t*>(at + registers);
    w.local = at + registers + predicates;
    for (const Code::Constant& c : code.constants) {
      if (c.wide) std::fill_n(reinterpret_cast<uint64_t*>(w.registers + c.offset), 32, c.value);
      else std::fill_n(reinterpret_cast<uint32_t*>(w.registers + c.offset), 32, uint32_t(c.value));
    }
    for (const Code::SpecialSlot& s : code.specials)
      for (uint32_t l = 0; l < 32; l++)
        reinterpret_cast<uint32_t*>(w.registers + s.offset)[l] = special_value(*this, code, s.special, uint32_t(k) * 32 + l);
  }
}

void Block::start(Warp& w) {
  const Code& code = *launch->code;
  uint32_t lanes = std::min(32u, threads - 32 * w.index);
  w.live = lanes == 32 ? ~0u : (1u << lanes) - 1;
  w.set_active(w.live);
  w.group_count = 0;
  w.find_lowest();
  w.resume = w.run_start = code.instructions.data();
  w.state = Warp::runnable;
  w.executed = w.lane_instructions = 0;
  w.since = 0;
  w.copies.clear();
  std::fill_n(w.commits, 32, 0);
  if (code.local_bytes != 0) memset(w.local + 32 * code.local_bytes, 0, 32 * code.local_bytes);
  for (const Code::SpecialSlot& s : code.specials) {
    if (s.special != Special::ctaid_x && s.special != Special::ctaid_y && s.special != Special::ctaid_z) continue;
    std::fill_n(reinterpret_cast<uint32_t*>(w.registers + s.offset), 32, special_value(*this, code, s.special, 0));
  }
}

void Block::run(Dim3 at) {
  id = at;
  shared.begin_block();
  for (Warp& w : warps) start(w);
  std::fill_n(arrived, 16, 0);
  std::vector<Warp*> runnable;
  for (Warp& w : warps) runnable.push_back(&w);
  while (true) {
    while (!runnable.empty()) {
      if (launch->stopped.load(std::memory_order_relaxed)) return;
      uint32_t k = runnable.size() == 1 ? 0 : random.below(uint32_t(runnable.size()));
      Warp& w = *runnable[k];
      w.deadline = w.executed + 64 + random.below(1024);
      if (w.executed > instruction_limit) w.fault(w.resume, first_lane(w.active), 702, "the launch timed out");
      const Instruction* i = w.resume;
      while (i != nullptr) i = i->run(w, i);
      if (w.state == Warp::runnable) continue;
      if (w.state == Warp::done && !w.copies.empty())
        w.fault(w.copies[0].issued, first_lane(w.copies[0].lanes), 719, "a cp.async that nobody waits for before the thread ends");
      runnable[k] = runnable.back();
      runnable.pop_back();
    }
    bool waiting = false;
    for (const Warp& w : warps) waiting |= w.state == Warp::at_barrier;
    if (!waiting) break;
    release_barriers();
    for (Warp& w : warps)
      if (w.state == Warp::runnable) runnable.push_back(&w);
  }
  uint64_t lane_instructions = 0;
  for (const Warp& w : warps) lane_instructions += w.lane_instructions;
  launch->lane_instructions.fetch_add(lane_instructions, std::memory_order_relaxed);
}

// All warps have ended or wait. A barrier whose count is reached lets its warps go; the full barrier
// counts the warps that have not ended.
void Block::release_barriers() {
  constexpr uint8_t popc = 4, all = 8, aligned_mode = 32;
  bool released = false;
  size_t live = 0;
  for (const Warp& w : warps) live += w.state != Warp::done;
  for (uint32_t b = 0; b < 16; b++) {
    std::vector<Warp*> here;
    for (Warp& w : warps)
      if (w.state == Warp::at_barrier && w.barrier_id == b) here.push_back(&w);
    if (here.empty()) continue;
    const Instruction* at = here[0]->barrier;
    uint32_t expected = here[0]->reg<uint32_t>(at->r[2])[first_lane(here[0]->active)].v;
    if (expected == 0 ? here.size() < live : 32 * here.size() + arrived[b] < expected && here.size() < live) continue;
    arrived[b] = 0;
    for (Warp* w : here) {
      if (w->barrier == at || !(at->mode & aligned_mode)) continue;
      if (expected == 0)
        w->fault(w->barrier, first_lane(w->active), 719, "divergent barrier: another warp of the block waits at line " + std::to_string(at->line));
    }
    uint32_t count = 0, every = 1, any = 0;
    for (Warp* w : here) {
      count += uint32_t(__builtin_popcount(w->barrier_result));
      every &= w->barrier_result == w->active;
      any |= w->barrier_result != 0;
    }
    shared.tick_block();
    for (Warp* w : here) {
      w->barrier_result = at->mode & popc ? count : at->mode & all ? every : any;
      w->state = Warp::runnable;
    }
    released = true;
  }
  if (!released) deadlock();
}

void Block::deadlock() {
  std::string who;
  Warp* first = nullptr;
  for (Warp& w : warps) {
    if (w.state != Warp::at_barrier) continue;
    if (first == nullptr) first = &w;
    who += " warp " + std::to_string(w.index) + " at barrier " + std::to_string(w.barrier_id) + " of line " + std::to_string(w.barrier->line) + ",";
  }
  who.pop_back();
  first->fault(first->barrier, first_lane(first->active), 719, "deadlock: nobody can go on;" + who);
}

}  // namespace softcuda
