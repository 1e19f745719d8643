// Groups of lanes: divergence, merging, waiting.
#include "warp.hpp"

#include "block.hpp"

namespace softcuda {

namespace {
const Instruction* const none = reinterpret_cast<const Instruction*>(UINTPTR_MAX);
}

void Warp::find_lowest() {
  lowest = none;
  for (int g = 0; g < group_count; g++)
    if (groups[g].needed == 0 && groups[g].at < lowest) lowest = groups[g].at;
}

void Warp::add_group(const Instruction* at, uint32_t lanes, uint32_t needed, bool barrier) {
  for (int g = 0; g < group_count; g++) {
    if (groups[g].at == at && groups[g].needed == needed && groups[g].barrier == barrier) {
      groups[g].lanes |= lanes;
      return;
    }
  }
  groups[group_count++] = {at, lanes, needed, barrier};
}

// Makes the lowest group that may run the active one; its counter, or nullptr if there is none.
static const Instruction* take_lowest(Warp& w) {
  if (w.lowest == none) return nullptr;
  const Instruction* at = w.lowest;
  uint32_t lanes = 0;
  for (int g = 0; g < w.group_count;) {
    if (w.groups[g].at == at && w.groups[g].needed == 0) {
      lanes |= w.groups[g].lanes;
      w.groups[g] = w.groups[--w.group_count];
    } else {
      g++;
    }
  }
  w.set_active(lanes);
  w.find_lowest();
  w.run_start = at;
  return at;
}

const Instruction* Warp::reschedule(const Instruction* to) {
  if (to >= lowest) {
    add_group(to, active, 0, false);
    to = take_lowest(*this);
  }
  if (executed >= deadline) {
    resume = to;
    return nullptr;
  }
  return to;
}

const Instruction* Warp::diverge(const Instruction* from, uint32_t taken, const Instruction* target,
                                 const Instruction* next) {
  count(from);
  uint32_t others = active & ~taken;
  // The later group waits; the earlier one goes on, unless a third is earlier still.
  if (target < next) {
    add_group(next, others, 0, false);
    active = taken;
    next = target;
  } else {
    add_group(target, taken, 0, false);
    active = others;
  }
  find_lowest();
  full = false;
  run_start = next;
  return next >= lowest || executed >= deadline ? reschedule(next) : next;
}

const Instruction* Warp::exit(const Instruction* from) {
  count(from);
  live &= ~active;
  active = 0;
  return run_other();
}

const Instruction* Warp::run_other() {
  const Instruction* at = take_lowest(*this);
  for (int g = 0; at == nullptr && g < group_count; g++) {
    Group& waiting = groups[g];
    if ((waiting.needed & live & ~waiting.lanes) != 0) continue;
    if (waiting.barrier) {
      fault(waiting.at, first_lane(waiting.lanes), 719,
            "divergent barrier: a part of the warp waits here while the other lanes went another way and ended");
    }
    at = waiting.at;
    uint32_t lanes = waiting.lanes;
    waiting = groups[--group_count];
    set_active(lanes);
    run_start = at;
  }
  if (at != nullptr) {
    if (executed < deadline) return at;
    resume = at;
    return nullptr;
  }
  if (group_count > 0) {
    Group& waiting = groups[0];
    std::string others;
    for (int g = 1; g < group_count; g++)
      others += (g > 1 ? ", line " : " line ") + std::to_string(groups[g].at->line);
    fault(waiting.at, first_lane(waiting.lanes), 719,
          std::string(waiting.barrier ? "divergent barrier" : "deadlock") +
              ": a part of the warp waits here for lanes that wait elsewhere:" + others);
  }
  state = done;
  resume = nullptr;
  return nullptr;
}

bool Warp::gather(const Instruction* at, uint32_t needed, bool barrier, const Instruction** next) {
  needed &= live;
  if ((needed & ~active) == 0) return true;
  uint32_t here = active;
  for (int g = 0; g < group_count;) {
    if (groups[g].at == at && groups[g].needed != 0) {
      here |= groups[g].lanes;
      groups[g] = groups[--group_count];
    } else {
      g++;
    }
  }
  if ((needed & ~here) == 0) {
    set_active(here);
    return true;
  }
  count(at);
  executed--, lane_instructions -= uint64_t(__builtin_popcount(active));  // it will be executed later
  add_group(at, here, needed, barrier);
  active = 0;
  *next = run_other();
  return false;
}

void Warp::fault(const Instruction* at, unsigned lane, int code, const std::string& what) {
  const Dim3& extent = block->extent;
  uint32_t thread = 32 * index + lane;
  auto triple = [](uint32_t x, uint32_t y, uint32_t z) {
    return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
  };
  const Code& from = *block->launch->code;
  throw Fault{code, "kernel " + from.name + ", block " + triple(block->id.x, block->id.y, block->id.z) +
                        ", thread " +
                        triple(thread % extent.x, thread / extent.x % extent.y, thread / extent.x / extent.y) +
                        ": " + what + "; PTX line " + std::to_string(at->line) + ": " +
                        from.source->line(at->line)};
}

}  // namespace softcuda
