// Allocations of device memory with a shadow byte per byte. Address ranges are never reused and lie a
// page or more apart, so a stray access finds no allocation; freed storage lives on while a launch
// still holds a snapshot.
#include "memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "instruction.hpp"

namespace softcuda {

namespace {

constexpr uint64_t page = 4096;
constexpr uint64_t gap = 64 * 1024;
// Contents of fresh memory: a NaN in f32, f16 and bf16. Beyond this size zeros must do, since touching
// every page would cost more than the launch.
constexpr uint8_t poison = 0xff;
constexpr size_t poison_limit = size_t(32) << 20;

struct Mapping {
  void* start;
  size_t bytes;
  Mapping(size_t n) : bytes(n) {
    start = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
  }
  ~Mapping() { munmap(start, bytes); }
};

}  // namespace

const Allocation* allocation_at(const std::vector<Allocation>& all, uint64_t address) {
  auto after = std::upper_bound(all.begin(), all.end(), address,
                                [](uint64_t a, const Allocation& b) { return a < b.base; });
  if (after == all.begin()) return nullptr;
  const Allocation& found = *--after;
  return address < found.end ? &found : nullptr;
}

Snapshot Memory::Impl::snapshot() {
  std::lock_guard<std::mutex> lock(mutex);
  return allocations;
}

uint8_t Memory::Impl::next_tag() {
  std::lock_guard<std::mutex> lock(mutex);
  if (tag == 255) {
    for (const Allocation& a : *allocations) {
      // The shadow is padded to whole pages. Words without tags are not written: their pages may be
      // untouched.
      auto words = reinterpret_cast<uint64_t*>(a.shadow);
      for (uint64_t k = 0; k < (a.end - a.base + 7) / 8; k++) {
        if ((words[k] & 0xfefefefefefefefeu) == 0) continue;
        for (uint64_t b = 8 * k; b < 8 * k + 8; b++) a.shadow[b] = a.shadow[b] != 0;
      }
    }
    tag = 1;
  }
  return ++tag;
}

Memory::Memory() : impl(new Impl) { impl->next = global_start; }
Memory::~Memory() = default;

uint64_t Memory::allocate(size_t bytes, size_t alignment) {
  size_t whole = (std::max<size_t>(bytes, 1) + page - 1) / page * page;
  auto mapping = std::make_shared<Mapping>(2 * whole);
  std::lock_guard<std::mutex> lock(impl->mutex);
  uint64_t step = std::max<uint64_t>(alignment, page);
  Allocation a;
  a.base = (impl->next + step - 1) / step * step;
  a.end = a.base + bytes;
  a.host = static_cast<uint8_t*>(mapping->start);
  a.shadow = a.host + whole;
  a.storage = mapping;
  impl->next = a.base + whole + gap;
  if (bytes <= poison_limit) memset(a.host, poison, whole);
  auto changed = std::make_shared<std::vector<Allocation>>(*impl->allocations);
  changed->push_back(a);  // addresses only grow: still sorted
  impl->allocations = changed;
  return a.base;
}

bool Memory::release(uint64_t address) {
  std::lock_guard<std::mutex> lock(impl->mutex);
  auto changed = std::make_shared<std::vector<Allocation>>(*impl->allocations);
  auto found = std::find_if(changed->begin(), changed->end(), [&](const Allocation& a) { return a.base == address; });
  if (found == changed->end()) return false;
  changed->erase(found);
  impl->allocations = changed;
  return true;
}

bool Memory::find(uint64_t address, size_t bytes, uint64_t* base, size_t* size) {
  Snapshot all = impl->snapshot();
  const Allocation* a = allocation_at(*all, address);
  if (a == nullptr || !a->holds(address, bytes)) return false;
  if (base != nullptr) *base = a->base;
  if (size != nullptr) *size = a->end - a->base;
  return true;
}

uint8_t* Memory::host(uint64_t address, size_t bytes) {
  Snapshot all = impl->snapshot();
  const Allocation* a = allocation_at(*all, address);
  return a != nullptr && a->holds(address, bytes) ? a->host + (address - a->base) : nullptr;
}

void Memory::mark_written(uint64_t address, size_t bytes, bool written) {
  Snapshot all = impl->snapshot();
  const Allocation* a = allocation_at(*all, address);
  if (a != nullptr && a->holds(address, bytes)) memset(a->shadow + (address - a->base), written, bytes);
}

int64_t Memory::first_unwritten(uint64_t address, size_t bytes) {
  Snapshot all = impl->snapshot();
  const Allocation* a = allocation_at(*all, address);
  if (a == nullptr || !a->holds(address, bytes)) return 0;
  const void* found = memchr(a->shadow + (address - a->base), 0, bytes);
  return found == nullptr ? -1 : static_cast<const uint8_t*>(found) - (a->shadow + (address - a->base));
}

}  // namespace softcuda
