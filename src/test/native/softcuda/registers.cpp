// The last step of decoding: liveness of the virtual registers and their places in the register file
// (so that a warp's working set stays in the cache: a kernel names 700 registers and needs 60), then
// branch targets as pointers.
#include <algorithm>
#include <queue>

#include "decoder.hpp"

namespace softcuda {

namespace {

constexpr uint32_t narrow_bytes = 128, wide_bytes = 256;

using Bits = std::vector<uint64_t>;
bool bit(const Bits& b, uint32_t k) { return b[k / 64] >> (k % 64) & 1; }
void set(Bits& b, uint32_t k) { b[k / 64] |= uint64_t(1) << (k % 64); }

struct Block {
  uint32_t first, last;
  Bits used, defined, live_in, live_out;  // used: before any definition in the block
  std::vector<uint32_t> next;
};

}  // namespace

std::vector<Decoder::LiveRange> Decoder::live_ranges() {
  uint32_t n = uint32_t(code_.instructions.size());
  std::vector<bool> leads(n + 1, false);
  leads[0] = leads[n] = true;
  auto target = [&](uint32_t k) { return uint32_t(labels_[size_t(flows_[k].label)]); };
  for (uint32_t k = 0; k < n; k++) {
    if (flows_[k].label >= 0) leads[target(k)] = true;
    if (flows_[k].label >= 0 || !flows_[k].falls) leads[k + 1] = true;
  }
  std::vector<Block> blocks;
  std::vector<uint32_t> block_of(n);
  size_t words = registers_.size() / 64 + 1;
  for (uint32_t k = 0; k < n; k++) {
    if (leads[k]) blocks.push_back({k, k, Bits(words), Bits(words), Bits(words), Bits(words), {}});
    blocks.back().last = k;
    block_of[k] = uint32_t(blocks.size() - 1);
  }
  for (Block& b : blocks) {
    if (flows_[b.last].falls && b.last + 1 < n) b.next.push_back(block_of[b.last + 1]);
    if (flows_[b.last].label >= 0) b.next.push_back(block_of[target(b.last)]);
  }
  std::stable_sort(references_.begin(), references_.end(), [](const Reference& a, const Reference& b) {
    return a.instruction != b.instruction ? a.instruction < b.instruction : a.definition < b.definition;
  });
  std::vector<LiveRange> ranges(registers_.size());
  for (uint32_t r = 0; r < ranges.size(); r++) ranges[r] = {r, UINT32_MAX, 0};
  auto extend = [&](uint32_t r, uint32_t at) {
    ranges[r].first = std::min(ranges[r].first, at);
    ranges[r].last = std::max(ranges[r].last, at);
  };
  for (const Reference& ref : references_) {
    if (registers_[ref.reg].constant || registers_[ref.reg].special) continue;
    Block& b = blocks[block_of[ref.instruction]];
    if (ref.definition) set(b.defined, ref.reg);
    else if (!bit(b.defined, ref.reg)) set(b.used, ref.reg);
    extend(ref.reg, ref.instruction);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t k = blocks.size(); k-- > 0;) {
      Block& b = blocks[k];
      for (size_t w = 0; w < words; w++) {
        uint64_t out = 0;
        for (uint32_t next : b.next) out |= blocks[next].live_in[w];
        b.live_out[w] = out;
        uint64_t in = b.used[w] | (out & ~b.defined[w]);
        changed |= in != b.live_in[w];
        b.live_in[w] = in;
      }
    }
  }
  for (const Block& b : blocks) {
    for (size_t w = 0; w < words; w++) {
      for (uint64_t m = b.live_in[w]; m != 0; m &= m - 1) extend(uint32_t(64 * w) + uint32_t(__builtin_ctzll(m)), b.first);
      for (uint64_t m = b.live_out[w]; m != 0; m &= m - 1) extend(uint32_t(64 * w) + uint32_t(__builtin_ctzll(m)), b.last);
    }
  }
  return ranges;
}

// Linear scan. A register's place is free again only after the instruction that reads it last, so a
// destination never lies over a source of another width (handlers' loops rely on it).
void Decoder::assign_registers() {
  std::vector<LiveRange> ranges = live_ranges();
  std::sort(ranges.begin(), ranges.end(), [](const LiveRange& a, const LiveRange& b) { return a.first < b.first; });
  auto later = [](const LiveRange& a, const LiveRange& b) { return a.last > b.last; };
  std::priority_queue<LiveRange, std::vector<LiveRange>, decltype(later)> active(later);
  std::vector<uint32_t> free_narrow, free_wide;
  uint32_t bytes = 0;
  for (const LiveRange& range : ranges) {
    if (range.first == UINT32_MAX) continue;
    while (!active.empty() && active.top().last < range.first) {
      const Register& old = registers_[active.top().reg];
      (old.bits == 64 ? free_wide : free_narrow).push_back(old.offset);
      active.pop();
    }
    Register& reg = registers_[range.reg];
    auto& free = reg.bits == 64 ? free_wide : free_narrow;
    if (free.empty()) {
      reg.offset = bytes;
      bytes += reg.bits == 64 ? wide_bytes : narrow_bytes;
    } else {
      reg.offset = free.back();
      free.pop_back();
    }
    active.push(range);
  }
  for (Register& reg : registers_) {
    if (!reg.constant && !reg.special) continue;
    reg.offset = bytes;
    bytes += reg.bits == 64 ? wide_bytes : narrow_bytes;
    if (reg.special) code_.specials.push_back({reg.offset, Special(reg.value)});
    else code_.constants.push_back({reg.offset, reg.bits == 64, reg.value});
  }
  code_.register_bytes = bytes;
}

void Decoder::finish() {
  if (extern_register_ != UINT32_MAX) {
    // Dynamic shared memory starts here; the padding counts as static.
    code_.static_shared = (code_.static_shared + extern_align_ - 1) / extern_align_ * extern_align_;
    registers_[extern_register_].value = code_.static_shared;
  }
  assign_registers();
  for (const Reference& ref : references_) {
    uint32_t offset = registers_[ref.reg].offset;
    if (ref.position < 5) code_.instructions[ref.instruction].r[ref.position] = offset;
    else code_.lists[ref.position - 5] = offset;
  }
  for (size_t k = 0; k < code_.instructions.size(); k++) {
    if (flows_[k].label < 0) continue;
    Instruction& i = code_.instructions[k];
    i.target = &code_.instructions[size_t(labels_[size_t(flows_[k].label)])];
    while (i.target->run == run_join) i.target++;
    // Lanes that branch to the end are gone at once; they keep nobody waiting at a barrier.
    if (i.target->run != run_exit) continue;
    if (i.run == run_branch_if) i.run = run_exit_if;
    else if (i.run == run_branch_unless) i.run = run_exit_unless;
  }
}

}  // namespace softcuda
