// A warp: 32 lanes that run decoded instructions, in groups of lanes that share a program counter.
//
// The group with the smallest counter runs; groups merge where they meet. A group that waits for other
// lanes (at a barrier or a *.sync instruction) is parked: it takes no part in the choice until the
// lanes that it waits for arrive (spec softcuda.md 4).
#pragma once

#include <string>
#include <vector>

#include "instruction.hpp"

namespace softcuda {

struct Block;

struct Group {
  const Instruction* at;
  uint32_t lanes;
  uint32_t needed;  // 0: may run; else parked until these lanes (the living of them) are here
  bool barrier;     // parked at a block barrier
};

// A cp.async that has been issued and not delivered.
struct AsyncCopy {
  const Instruction* issued;
  uint32_t lanes;
  uint32_t group;
  uint32_t bytes;
  uint32_t to[32];
  uint32_t taken[32];  // bytes read; the rest are zeros
  const uint8_t* from[32];
};

struct Warp {
  enum State { runnable, at_barrier, done };

  uint8_t* registers = nullptr;
  uint32_t* predicates = nullptr;
  uint32_t active = 0, live = 0;
  bool full = false;  // all living lanes are active: writes need no mask
  const Instruction* lowest = nullptr;  // smallest counter of the groups that may run
  const Instruction* run_start = nullptr;
  uint64_t executed = 0, deadline = 0, lane_instructions = 0;
  const Instruction* resume = nullptr;
  Group groups[33];
  int group_count = 0;
  State state = done;
  uint32_t index = 0;  // in the block; thread = 32 * index + lane
  Block* block = nullptr;

  const Instruction* barrier = nullptr;  // where it waits
  uint32_t barrier_id = 0;
  uint32_t barrier_result = 0;

  uint32_t since = 0;  // stamp of the last warp-level synchronisation (shared.hpp)
  uint8_t* local = nullptr;  // [lane][local_bytes], then its shadow
  std::vector<AsyncCopy> copies;
  uint32_t commits[32] = {};

  template <class T>
  Cell<T>* reg(uint32_t offset) {
    return reinterpret_cast<Cell<T>*>(registers + offset);
  }
  void set_active(uint32_t lanes) {
    active = lanes;
    full = active == live;
  }
  void count(const Instruction* last) {
    uint64_t n = uint64_t(last - run_start + 1);
    executed += n;
    lane_instructions += n * uint64_t(__builtin_popcount(active));
  }
  // Goes on at `to` after the control instruction `from`, unless another group is first or time is up.
  const Instruction* go(const Instruction* from, const Instruction* to) {
    count(from);
    run_start = to;
    if (__builtin_expect(to >= lowest || executed >= deadline, 0)) return reschedule(to);
    return to;
  }
  const Instruction* reschedule(const Instruction* to);
  // Splits the active lanes: those in `taken` go to `target`, the others to `next`.
  const Instruction* diverge(const Instruction* from, uint32_t taken, const Instruction* target,
                             const Instruction* next);
  // Ends the active lanes.
  const Instruction* exit(const Instruction* from);
  // For instructions that wait for other lanes. True: `needed` (its living part) is here, and active
  // holds every lane that was waiting. False: parked; return *next.
  bool gather(const Instruction* at, uint32_t needed, bool barrier, const Instruction** next);
  // Runs some other group, none being active.
  const Instruction* run_other();
  void add_group(const Instruction* at, uint32_t lanes, uint32_t needed, bool barrier);
  void find_lowest();

  [[noreturn]] void fault(const Instruction* at, unsigned lane, int code, const std::string& what);
};

// Writes f(lane) to the active lanes of d. The loops vectorise: registers either coincide or are
// disjoint (the decoder sees to it), so iterations are independent.
template <class T, class F>
inline __attribute__((always_inline)) void write(Warp& w, uint32_t offset, F f) {
  Cell<T>* d = w.reg<T>(offset);
  if (__builtin_expect(w.full, 1)) {
#pragma GCC ivdep
    for (int l = 0; l < 32; l++) d[l].v = f(l);
  } else {
    uint32_t active = w.active;
#pragma GCC ivdep
    for (int l = 0; l < 32; l++) {
      T value = f(l);
      d[l].v = (active >> l & 1) ? value : d[l].v;
    }
  }
}

inline void write_predicate(Warp& w, uint16_t index, uint32_t mask) {
  uint32_t old = w.predicates[index];
  w.predicates[index] = (old & ~w.active) | (mask & w.active);
}

inline unsigned first_lane(uint32_t mask) { return unsigned(__builtin_ctz(mask)); }

}  // namespace softcuda
