// Where a warp's memory instruction goes: addresses of its lanes, the checks of each window, and where
// the bytes lie on the host. Used by ld/st, atomics, cp.async and ldmatrix.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "block.hpp"

namespace softcuda {

// Addresses of the lanes; those of inactive lanes repeat an active one, so that whole-warp loops need no
// mask.
inline void lane_addresses(Warp& w, const Instruction* i, int field, uint64_t* at) {
  uint64_t offset = uint64_t(i->imm);
  if (i->mode2) {
    auto base = w.reg<uint32_t>(i->r[field]);
    for (int l = 0; l < 32; l++) at[l] = base[l].v + offset;
  } else {
    auto base = w.reg<uint64_t>(i->r[field]);
    for (int l = 0; l < 32; l++) at[l] = base[l].v + offset;
  }
  if (w.active != ~0u) {
    uint64_t some = at[first_lane(w.active)];
    for (int l = 0; l < 32; l++) at[l] = w.active >> l & 1 ? at[l] : some;
  }
}
inline void shared_offsets(Warp& w, const Instruction* i, int field, uint32_t* at) {
  uint32_t offset = uint32_t(i->imm);
  if (i->mode2) {
    auto base = w.reg<uint32_t>(i->r[field]);
    for (int l = 0; l < 32; l++) at[l] = base[l].v + offset;
  } else {
    auto base = w.reg<uint64_t>(i->r[field]);
    for (int l = 0; l < 32; l++) at[l] = uint32_t(base[l].v) + offset;
  }
  if (w.active != ~0u) {
    uint32_t some = at[first_lane(w.active)];
    for (int l = 0; l < 32; l++) at[l] = w.active >> l & 1 ? at[l] : some;
  }
}

[[noreturn]] void misaligned(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes, const char* verb);
[[noreturn]] void outside(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes, const char* verb);
[[noreturn]] void outside_shared(Warp& w, const Instruction* i, unsigned lane, uint32_t at, unsigned bytes, const char* verb);
[[noreturn]] void unwritten(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes);

// Bounds and alignment of shared offsets (of all 32: see above).
inline void check_shared(Warp& w, const Instruction* i, const uint32_t* at, unsigned bytes, const char* verb) {
  uint32_t high = 0, low_bits = 0;
  for (int l = 0; l < 32; l++) {
    high = at[l] > high ? at[l] : high;
    low_bits |= at[l];
  }
  if (__builtin_expect(low_bits & (bytes - 1), 0)) {
    for (unsigned l = 0; l < 32; l++)
      if ((w.active >> l & 1) && at[l] & (bytes - 1)) misaligned(w, i, l, at[l], bytes, verb);
  }
  if (__builtin_expect(uint64_t(high) + bytes > w.block->shared.size, 0)) {
    for (unsigned l = 0; l < 32; l++)
      if ((w.active >> l & 1) && uint64_t(at[l]) + bytes > w.block->shared.size) outside_shared(w, i, l, at[l], bytes, verb);
  }
}

// The allocation that holds the first lane's address, having checked its bounds and the alignment of all
// lanes; *inside: the lanes of `lanes` that it holds too.
const Allocation* allocation_of(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at, unsigned bytes,
                                const char* verb, uint32_t* inside);

// Is any of the bytes unwritten?
inline bool has_zero(uint64_t v) { return ((v - 0x0101010101010101u) & ~v & 0x8080808080808080u) != 0; }
// Is any shadow byte 0 or `tag`?
inline bool any_marked(const uint8_t* shadow, unsigned bytes, uint8_t tag) {
  uint64_t v, high = ~uint64_t(0), tags = tag * 0x0101010101010101u;
  if (bytes >= 8) {
    memcpy(&v, shadow, 8);
    if (bytes == 16) memcpy(&high, shadow + 8, 8);
  } else {
    v = ~uint64_t(0) << (8 * bytes);
    uint64_t low = 0;
    memcpy(&low, shadow, bytes);
    v |= low;
    tags = tags & ~(~uint64_t(0) << (8 * bytes));
  }
  return has_zero(v) || has_zero(high) || (tag != 0 && (has_zero(v ^ tags) || (bytes == 16 && has_zero(high ^ tags))));
}
inline bool any_unwritten(const uint8_t* shadow, unsigned bytes) { return any_marked(shadow, bytes, 0); }

}  // namespace softcuda
