// Device memory as the interpreter sees it: a snapshot of the allocations, sorted by address.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine.hpp"

namespace softcuda {

struct Allocation {
  uint64_t base = 0, end = 0;
  uint8_t* host = nullptr;
  uint8_t* shadow = nullptr;  // 0: unwritten; 1: written; above: written by the launch of that tag
  std::shared_ptr<void> storage;

  bool holds(uint64_t address, uint64_t bytes) const {
    return address >= base && address <= end && bytes <= end - address;
  }
};

using Snapshot = std::shared_ptr<const std::vector<Allocation>>;

// The allocation that holds the address, or nullptr.
const Allocation* allocation_at(const std::vector<Allocation>& all, uint64_t address);

struct Memory::Impl {
  std::mutex mutex;
  Snapshot allocations = std::make_shared<std::vector<Allocation>>();
  uint64_t next;
  uint8_t tag = 1;

  Snapshot snapshot();
  // A tag for the writes of one launch, so that ld.global.nc can tell them from older ones. When the
  // 254 tags are used up, all shadows are swept back to "written".
  uint8_t next_tag();
};

}  // namespace softcuda
