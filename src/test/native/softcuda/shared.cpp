// The race and initialisation record of shared memory.
#include "shared.hpp"

#include <algorithm>

#include "block.hpp"

namespace softcuda {

namespace {

constexpr uint32_t thread_mask = (1u << SharedMemory::thread_bits) - 1;
constexpr uint32_t warp_mask = thread_mask & ~31u;
constexpr uint32_t time_limit = 1u << 19;  // of 20 bits

uint32_t kind_of(uint32_t stamp) { return stamp >> SharedMemory::kind_shift & 3; }

// Is the access that left this stamp unordered with one of `thread` now?
inline bool unordered(uint32_t stamp, uint32_t since, uint32_t warp_since, uint32_t thread) {
  bool recent = stamp >= since;
  bool same_warp = ((stamp ^ thread) & warp_mask) == 0;
  bool same_thread = ((stamp ^ thread) & thread_mask) == 0;
  return recent & !same_thread & !(same_warp & (stamp < warp_since));
}

// A reader's stamp after one more read: a single thread, several of one warp, or of several warps.
inline uint32_t merged(uint32_t old, uint32_t now, uint32_t since, uint32_t warp_since) {
  bool same_warp = ((old ^ now) & warp_mask) == 0;
  bool same_thread = ((old ^ now) & thread_mask) == 0;
  uint32_t kind = old >> SharedMemory::kind_shift & 3;
  bool replaces = old < since || (same_thread & (kind == SharedMemory::single)) ||
                  (same_warp & (kind != SharedMemory::several_warps) & (old < warp_since));
  uint32_t grown = same_warp & (kind != SharedMemory::several_warps) ? SharedMemory::one_warp : SharedMemory::several_warps;
  return replaces ? now : now | grown << SharedMemory::kind_shift;
}
// A write conflicts with reads of others.
inline bool read_by_others(uint32_t stamp, uint32_t since, uint32_t warp_since, uint32_t thread) {
  uint32_t kind = stamp >> SharedMemory::kind_shift & 3;
  bool recent = stamp >= since;
  bool same_warp = ((stamp ^ thread) & warp_mask) == 0;
  bool same_thread = ((stamp ^ thread) & thread_mask) == 0;
  bool ordered = ((kind == SharedMemory::single) & same_thread) |
                 ((kind != SharedMemory::several_warps) & same_warp & (stamp < warp_since));
  return recent & !ordered;
}

}  // namespace

void SharedMemory::prepare(uint32_t bytes_wanted, unsigned granule, bool check_initialised, bool check_races) {
  size = bytes_wanted;
  shift = granule == 1 ? 0 : granule == 2 ? 1 : 2;
  initialised = check_initialised;
  races = check_races;
  if (bytes.size() < size + 16u) bytes.resize(size + 16u);
  size_t granules = (size_t(size) >> shift) + 32;
  writer.assign(granules, 0);
  reader.assign(granules, 0);
  time = 1;
}

void SharedMemory::begin_block() {
  if (time > time_limit) {
    std::fill(writer.begin(), writer.end(), 0);
    std::fill(reader.begin(), reader.end(), 0);
    time = 1;
  }
  tick_block();
  start = since;
  // Only what is read without having been written could show the last block's contents.
  if (!initialised) std::fill(bytes.begin(), bytes.begin() + size, 0xff);
}

void SharedMemory::report(Warp& w, const Instruction* i, unsigned lane, uint32_t granule, bool writing) {
  uint32_t thread = 32 * w.index + lane;
  std::string at = "byte " + std::to_string(granule << shift) + " of shared memory";
  auto name = [&](uint32_t stamp) {
    uint32_t t = stamp & thread_mask;
    const Dim3& e = w.block->extent;
    return "(" + std::to_string(t % e.x) + "," + std::to_string(t / e.x % e.y) + "," + std::to_string(t / e.x / e.y) + ")";
  };
  uint32_t last = writer[granule];
  if (last == pending) w.fault(i, lane, 719, std::string(writing ? "writes " : "reads ") + at + " while a cp.async to it has not been waited for");
  if (!writing && initialised && last < start) w.fault(i, lane, 719, "uninitialised read: reads " + at + ", where this block has written nothing");
  if (last >= since && unordered(last, since, w.since, thread))
    w.fault(i, lane, 719, "race: " + std::string(writing ? "writes " : "reads ") + at + ", which thread " + name(last) + " has written since the last barrier");
  uint32_t seen = reader[granule];
  w.fault(i, lane, 719, "race: writes " + at + ", which " + (kind_of(seen) == single ? "thread " + name(seen) + " has read" : kind_of(seen) == one_warp ? "other threads of the warp of thread " + name(seen) + " have read" : "threads of several warps have read") + " since the last barrier");
}

void SharedMemory::read_one(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes_read) {
  uint32_t thread = 32 * w.index + lane, now = time << time_shift | thread;
  uint32_t first = offset >> shift, end = (offset + bytes_read + (1u << shift) - 1) >> shift;
  for (uint32_t g = first; g < end; g++) {
    uint32_t last = writer[g];
    if (__builtin_expect(!settled(last), 0)) {
      if ((initialised && last < start) || last == pending || (races && unordered(last, since, w.since, thread))) report(w, i, lane, g, false);
    }
    reader[g] = merged(reader[g], now, since, w.since);
  }
}

void SharedMemory::write_one(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes_written) {
  uint32_t thread = 32 * w.index + lane, now = time << time_shift | thread;
  uint32_t first = offset >> shift, end = (offset + bytes_written + (1u << shift) - 1) >> shift;
  for (uint32_t g = first; g < end; g++) {
    if (__builtin_expect(writer[g] >= since || reader[g] >= since, 0) && (writer[g] == pending || (races && (unordered(writer[g], since, w.since, thread) || read_by_others(reader[g], since, w.since, thread))))) report(w, i, lane, g, true);
    writer[g] = now;
  }
}

// The common case of one lane's N granules: nothing in doubt. False, and nothing recorded, otherwise.
template <unsigned N>
inline bool SharedMemory::read_few(const Warp& w, uint32_t first, uint32_t now) {
  const uint32_t* written = writer.data() + first;
  uint32_t* seen = reader.data() + first;
  uint32_t from = start, span = since - start, unsettled = 0, barrier = since, sync = w.since, old[N];
  for (unsigned k = 0; k < N; k++) unsettled |= uint32_t(written[k] - from >= span);
  if (unsettled) return false;
  for (unsigned k = 0; k < N; k++) old[k] = seen[k];
  for (unsigned k = 0; k < N; k++) seen[k] = merged(old[k], now, barrier, sync);
  return true;
}
template <unsigned N>
inline bool SharedMemory::write_few(uint32_t first, uint32_t now) {
  uint32_t* written = writer.data() + first;
  const uint32_t* seen = reader.data() + first;
  uint32_t barrier = since, recent = 0;
  for (unsigned k = 0; k < N; k++) recent |= uint32_t(written[k] >= barrier) | uint32_t(seen[k] >= barrier);
  if (recent) return false;
  for (unsigned k = 0; k < N; k++) written[k] = now;
  return true;
}

// A block of consecutive granules, 2^lane_shift of them to a lane: false (and nothing recorded) if any
// was written since the last barrier or never.
bool SharedMemory::read_block(Warp& w, uint32_t offset, uint32_t bytes_read, unsigned lane_shift, uint32_t kind) {
  uint32_t first = offset >> shift, n = bytes_read >> shift;
  const uint32_t* written = writer.data() + first;
  uint32_t* seen = reader.data() + first;
  uint32_t from = start, span = since - start, unsettled = 0;
  for (uint32_t k = 0; k < n; k++) unsettled |= uint32_t(written[k] - from >= span);
  if (unsettled) return false;
  uint32_t now = time << time_shift | kind << kind_shift | 32 * w.index, barrier = since, sync = w.since;
  for (uint32_t k = 0; k < n; k++) seen[k] = merged(seen[k], now | k >> lane_shift, barrier, sync);
  return true;
}

bool SharedMemory::write_block(Warp& w, uint32_t offset, uint32_t bytes_written, unsigned lane_shift) {
  uint32_t first = offset >> shift, n = bytes_written >> shift;
  uint32_t* written = writer.data() + first;
  const uint32_t* seen = reader.data() + first;
  uint32_t barrier = since, recent = 0;
  for (uint32_t k = 0; k < n; k++) recent |= uint32_t(written[k] >= barrier) | uint32_t(seen[k] >= barrier);
  if (recent) return false;
  uint32_t now = time << time_shift | 32 * w.index;
  for (uint32_t k = 0; k < n; k++) written[k] = now | k >> lane_shift;
  return true;
}

// Lanes that read what another reads too are left out, the other then standing for "several of the warp".
// What remains is often one block of consecutive bytes.
void SharedMemory::read(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes_read) {
  unsigned granules = bytes_read >> shift;
  uint32_t like_before = 0, like_half = 0, consecutive = 0;
  for (unsigned l = 1; l < 32; l++) like_before |= uint32_t(offset[l] == offset[l - 1]) << l;
  for (unsigned l = 16; l < 32; l++) like_half |= uint32_t(offset[l] == offset[l - 16]) << l;
  for (unsigned l = 0; l < 32; l++) consecutive |= uint32_t(offset[l] == offset[0] + l * bytes_read) << l;
  if (lanes == ~0u && granules != 0) {
    unsigned lane_shift = unsigned(__builtin_ctz(granules));
    if (consecutive == ~0u && read_block(w, offset[0], 32 * bytes_read, lane_shift, single)) return;
    if ((consecutive & 0xffff) == 0xffff && like_half == 0xffff0000 && read_block(w, offset[0], 16 * bytes_read, lane_shift, one_warp)) return;
    if (like_before != 0) {
      for (uint32_t firsts = ~like_before; firsts != 0; firsts &= firsts - 1) {
        unsigned l = first_lane(firsts);
        bool alone = l == 31 || !(like_before >> (l + 1) & 1);
        read_lane(w, i, l, alone ? single : one_warp, offset[l], bytes_read);
      }
      return;
    }
  }
  for (uint32_t m = lanes; m != 0; m &= m - 1) read_lane(w, i, first_lane(m), single, offset[first_lane(m)], bytes_read);
}

// What one lane reads, for itself or (kind one_warp) for several with the same address.
inline void SharedMemory::read_lane(Warp& w, const Instruction* i, unsigned lane, uint32_t kind, uint32_t offset, uint32_t bytes_read) {
  uint32_t first = offset >> shift, now = time << time_shift | kind << kind_shift | (32 * w.index + lane);
  switch (bytes_read >> shift) {
    case 1: if (read_few<1>(w, first, now)) return; break;
    case 2: if (read_few<2>(w, first, now)) return; break;
    case 4: if (read_few<4>(w, first, now)) return; break;
    case 8: if (read_few<8>(w, first, now)) return; break;
    default: break;
  }
  read_one(w, i, lane, offset, bytes_read);
  if (kind == single) return;
  // Several lanes read what this one may have written itself: another of them is in conflict.
  uint32_t last = writer[first];
  if (races && last >= since && last != pending && !(((last ^ now) & warp_mask) == 0 && last < w.since)) {
    unsigned other = ((last ^ now) & thread_mask) == 0 ? lane + 1 : lane;
    report(w, i, other, first, false);
  }
  for (uint32_t g = first; g < first + (bytes_read >> shift); g++) reader[g] = merged(reader[g], now, since, w.since);
}

inline void SharedMemory::write_lane(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes_written, uint32_t stamp) {
  uint32_t first = offset >> shift;
  switch (bytes_written >> shift) {
    case 1: if (write_few<1>(first, stamp)) return; break;
    case 2: if (write_few<2>(first, stamp)) return; break;
    case 4: if (write_few<4>(first, stamp)) return; break;
    case 8: if (write_few<8>(first, stamp)) return; break;
    default: break;
  }
  write_one(w, i, lane, offset, bytes_written);
  for (uint32_t g = first; g < (offset + bytes_written + (1u << shift) - 1) >> shift; g++) writer[g] = stamp;
}

void SharedMemory::write(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes_written) {
  if (lanes == ~0u && bytes_written >= 1u << shift) {
    bool consecutive = true;
    for (unsigned l = 0; l < 32; l++) consecutive &= offset[l] == offset[0] + l * bytes_written;
    if (consecutive && write_block(w, offset[0], 32 * bytes_written, unsigned(__builtin_ctz(bytes_written >> shift)))) return;
  }
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    write_lane(w, i, l, offset[l], bytes_written, time << time_shift | (32 * w.index + l));
  }
}

// Atomics are ordered among themselves: their stamps carry the kind one_warp, which plain writes never do.
void SharedMemory::atomic(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* offset, uint32_t bytes_changed) {
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned lane = first_lane(m);
    uint32_t thread = 32 * w.index + lane, now = time << time_shift | one_warp << kind_shift | thread;
    for (uint32_t g = offset[lane] >> shift; g < (offset[lane] + bytes_changed + (1u << shift) - 1) >> shift; g++) {
      uint32_t last = writer[g];
      bool plain = kind_of(last) != one_warp;
      if (initialised && last < start) report(w, i, lane, g, false);
      if (last == pending || (races && ((plain && unordered(last, since, w.since, thread)) || read_by_others(reader[g], since, w.since, thread)))) report(w, i, lane, g, true);
      writer[g] = now;
    }
  }
}

void SharedMemory::issue(Warp& w, const Instruction* i, unsigned lane, uint32_t offset, uint32_t bytes_written) {
  write_lane(w, i, lane, offset, bytes_written, pending);
}

void SharedMemory::deliver(Warp& w, unsigned lane, uint32_t offset, uint32_t bytes_written) {
  uint32_t now = time << time_shift | (32 * w.index + lane);
  for (uint32_t g = offset >> shift; g < (offset + bytes_written) >> shift; g++) writer[g] = now;
}

}  // namespace softcuda
