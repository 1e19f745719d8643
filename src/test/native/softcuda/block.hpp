// A block of a launch: its warps, its shared memory, and what its launch has in common.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "memory.hpp"
#include "shared.hpp"
#include "warp.hpp"

namespace softcuda {

// A small seeded generator (splitmix64): order of blocks and warps, perturbations.
struct Random {
  uint64_t state = 0;
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint32_t below(uint32_t n) { return uint32_t((next() >> 32) * n >> 32); }
};

// What all blocks of a launch share.
struct LaunchState {
  const Launch* launch;
  const Settings* settings;
  const Code* code;
  Snapshot allocations;
  uint8_t tag;
  std::atomic<bool> stopped{false};
  std::atomic<uint64_t> next_block{0};
  std::atomic<uint64_t> lane_instructions{0};
};

struct Block {
  LaunchState* launch = nullptr;
  Dim3 id;
  Dim3 extent;
  uint32_t threads = 0;
  SharedMemory shared;
  std::vector<Warp> warps;
  std::vector<const Allocation*> recent;  // per memory instruction: the allocation last hit
  const uint8_t* parameters = nullptr;
  uint32_t arrived[16] = {};  // threads that bar.arrive has counted, per barrier
  Random random;

  // Sets up buffers for the launch; then any number of its blocks may run.
  void prepare(LaunchState& state, uint64_t seed);
  void run(Dim3 at);

 private:
  std::vector<uint8_t> storage_;
  void start(Warp& warp);
  void release_barriers();
  [[noreturn]] void deadlock();
};

}  // namespace softcuda
