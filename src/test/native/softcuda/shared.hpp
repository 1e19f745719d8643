// Shared memory of a block, with a record of who wrote and who read each granule last.
//
// A stamp is  time << 12 | kind << 10 | thread.  The block's clock ticks at every barrier and every
// warp-level synchronisation; an access is ordered before the present one if its stamp is older than
// the last block barrier, or comes from the same warp and is older than that warp's last
// synchronisation. A writer's stamp older than the block's start means: not written by this block.
#pragma once

#include <cstdint>
#include <vector>

namespace softcuda {

struct Warp;
struct Instruction;

struct SharedMemory {
  static constexpr uint32_t thread_bits = 10, kind_shift = 10, time_shift = 12;
  static constexpr uint32_t single = 0, one_warp = 1, several_warps = 2;
  static constexpr uint32_t pending = 0xffffffff;  // writer's stamp: a cp.async that nobody has waited for

  std::vector<uint8_t> bytes;
  std::vector<uint32_t> writer, reader;  // per granule
  uint32_t size = 0;
  unsigned shift = 2;  // log2 of the granule
  uint32_t time = 1;
  uint32_t start = 0;  // stamps: of the block's start and of the last barrier
  uint32_t since = 0;
  bool initialised = true, races = true;

  void prepare(uint32_t size, unsigned granule, bool initialised, bool races);
  void begin_block();
  void tick_block() { since = ++time << time_shift; }
  uint32_t tick_warp() { return ++time << time_shift; }
  bool checked() const { return initialised || races; }

  // Records accesses of `bytes` at each active lane's offset, and reports what must not be. Bounds and
  // alignment have been checked.
  void read(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes);
  void write(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes);
  // An atomic access is a write that races with plain accesses alone.
  void atomic(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes);
  // cp.async: issue is a write whose bytes nobody may touch until delivery.
  void issue(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes);
  void deliver(Warp& w, unsigned lane, uint32_t offset, uint32_t bytes);

 private:
  // No access since the last barrier: nothing can be in conflict with it.
  bool settled(uint32_t stamp) const { return stamp - start < since - start; }
  template <unsigned N>
  bool read_few(const Warp& w, uint32_t first, uint32_t now);
  template <unsigned N>
  bool write_few(uint32_t first, uint32_t now);
  void read_lane(Warp& w, const Instruction* i, unsigned lane, uint32_t kind, uint32_t offset, uint32_t bytes);
  bool read_block(Warp& w, uint32_t offset, uint32_t bytes, unsigned lane_shift, uint32_t kind);
  bool write_block(Warp& w, uint32_t offset, uint32_t bytes, unsigned lane_shift);
  void read_one(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes);
  void write_one(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes);
  void write_lane(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes, uint32_t stamp);
  [[noreturn]] void report(Warp& w, const Instruction* i, unsigned lane, uint32_t granule, bool writing);
};

}  // namespace softcuda
