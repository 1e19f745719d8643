// What is said of accesses that must not be, and where an address lies.
#include <cstdio>

#include "access.hpp"

namespace softcuda {

namespace {

std::string hex(uint64_t v) {
  char text[32];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}
}  // namespace

std::string access_text(uint64_t at, unsigned bytes, const char* verb) {
  return std::string(verb) + " " + std::to_string(bytes) + (bytes == 1 ? " byte at " : " bytes at ") + hex(at);
}

void misaligned(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes, const char* verb) {
  w.fault(i, lane, 716, access_text(at, bytes, verb) + ", which is not a multiple of " + std::to_string(bytes));
}
void outside(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes, const char* verb) {
  const auto& all = *w.block->launch->allocations;
  std::string where = "outside of every allocation";
  const Allocation* before = nullptr;
  for (const Allocation& a : all)
    if (a.base <= at) before = &a;
  if (before != nullptr)
    where += " (the one before it is [" + hex(before->base) + ", " + hex(before->end) + "), " +
             std::to_string(before->end - before->base) + " bytes)";
  w.fault(i, lane, 700, access_text(at, bytes, verb) + ", " + where);
}
void outside_shared(Warp& w, const Instruction* i, unsigned lane, uint32_t at, unsigned bytes, const char* verb) {
  w.fault(i, lane, 700, access_text(at, bytes, verb) + " of shared memory, beyond the block's " +
                            std::to_string(w.block->shared.size) + " bytes");
}
void unwritten(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes) {
  w.fault(i, lane, 719, access_text(at, bytes, "uninitialised read: reads") + ", where nothing has been written");
}

const Allocation* allocation_of(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at, unsigned bytes,
                                const char* verb, uint32_t* inside) {
  uint64_t low = at[0], high = at[0], low_bits = 0;
  for (int l = 0; l < 32; l++) {
    low = at[l] < low ? at[l] : low;
    high = at[l] > high ? at[l] : high;
    low_bits |= at[l];
  }
  if (__builtin_expect(low_bits & (bytes - 1), 0)) {
    for (unsigned l = 0; l < 32; l++)
      if ((lanes >> l & 1) && at[l] & (bytes - 1)) misaligned(w, i, l, at[l], bytes, verb);
  }
  const Allocation*& recent = w.block->recent[i->r[4]];
  if (__builtin_expect(recent != nullptr && low >= recent->base && high <= recent->end && bytes <= recent->end - high, 1)) {
    *inside = lanes;
    return recent;
  }
  unsigned first = first_lane(lanes);
  const Allocation* found = allocation_at(*w.block->launch->allocations, at[first]);
  if (found == nullptr || !found->holds(at[first], bytes)) outside(w, i, first, at[first], bytes, verb);
  recent = found;
  *inside = 0;
  for (unsigned l = 0; l < 32; l++)
    if ((lanes >> l & 1) && found->holds(at[l], bytes)) *inside |= 1u << l;
  return found;
}

}  // namespace softcuda
