// ld and st: windows, checks, and the bytes themselves.
#include "access.hpp"

#include <cstring>

#include "decoder.hpp"
#include "lanes.hpp"

namespace softcuda {

namespace {

std::string hex(uint64_t v) {
  char text[32];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}
std::string access_text(uint64_t at, unsigned bytes, const char* verb) {
  return std::string(verb) + " " + std::to_string(bytes) + (bytes == 1 ? " byte at " : " bytes at ") + hex(at);
}

}  // namespace

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

namespace {

enum Flags : uint8_t { read_only = 1 };  // ld.global.nc

// Registers of the V components.
template <int V>
const uint32_t* components(Warp& w, const Instruction* i) {
  if constexpr (V == 1) return &i->r[0];
  else return w.block->launch->code->lists.data() + i->list;
}

// Four lanes' vectors of four words, from rows to columns.
using Words = uint32_t __attribute__((vector_size(16), may_alias, aligned(4)));
inline void transpose(Words& a, Words& b, Words& c, Words& d) {
  using Mask = int __attribute__((vector_size(16)));
  Words ab = __builtin_shuffle(a, b, Mask{0, 4, 1, 5}), ab2 = __builtin_shuffle(a, b, Mask{2, 6, 3, 7});
  Words cd = __builtin_shuffle(c, d, Mask{0, 4, 1, 5}), cd2 = __builtin_shuffle(c, d, Mask{2, 6, 3, 7});
  a = __builtin_shuffle(ab, cd, Mask{0, 1, 4, 5});
  b = __builtin_shuffle(ab, cd, Mask{2, 3, 6, 7});
  c = __builtin_shuffle(ab2, cd2, Mask{0, 1, 4, 5});
  d = __builtin_shuffle(ab2, cd2, Mask{2, 3, 6, 7});
}
template <class P>
inline Words& words(P* p) {
  return *reinterpret_cast<Words*>(const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(p)));
}

// R: the register's cells; T: the value in memory.
template <class R, class T, int V, class Place>
inline void load_lanes(Warp& w, const Instruction* i, uint32_t lanes, Place place) {
  const uint32_t* reg = components<V>(w, i);
  Cell<R>* d[V];
  for (int v = 0; v < V; v++) d[v] = w.reg<R>(reg[v]);
  if constexpr (V == 4 && sizeof(R) == 4 && sizeof(T) == 4) {
    if (lanes == ~0u) {
      for (int l = 0; l < 32; l += 4) {
        Words x = words(place(l)), y = words(place(l + 1)), z = words(place(l + 2)), u = words(place(l + 3));
        transpose(x, y, z, u);
        words(d[0] + l) = x, words(d[1] + l) = y, words(d[2] + l) = z, words(d[3] + l) = u;
      }
      return;
    }
  }
  if (lanes == ~0u) {
    for (int l = 0; l < 32; l++) {
      const uint8_t* p = place(l);
      for (int v = 0; v < V; v++) d[v][l].v = R(reinterpret_cast<const Cell<T>*>(p)[v].v);
    }
  } else {
    for (uint32_t m = lanes; m != 0; m &= m - 1) {
      unsigned l = first_lane(m);
      const uint8_t* p = place(int(l));
      for (int v = 0; v < V; v++) d[v][l].v = R(reinterpret_cast<const Cell<T>*>(p)[v].v);
    }
  }
}
template <class T, int V, class Place>
inline void store_lanes(Warp& w, const Instruction* i, uint32_t lanes, Place place) {
  const uint32_t* reg = components<V>(w, i);
  Cell<Stored<T>>* a[V];
  for (int v = 0; v < V; v++) a[v] = w.reg<Stored<T>>(reg[v]);
  if constexpr (V == 4 && sizeof(T) == 4) {
    if (lanes == ~0u) {
      for (int l = 0; l < 32; l += 4) {
        Words x = words(a[0] + l), y = words(a[1] + l), z = words(a[2] + l), u = words(a[3] + l);
        transpose(x, y, z, u);
        words(place(l)) = x, words(place(l + 1)) = y, words(place(l + 2)) = z, words(place(l + 3)) = u;
      }
      return;
    }
  }
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    uint8_t* p = place(int(l));
    for (int v = 0; v < V; v++) reinterpret_cast<Cell<T>*>(p)[v].v = T(a[v][l].v);
  }
}

template <class A>
inline bool consecutive(const A* at, unsigned step) {
  bool yes = true;
  for (unsigned l = 0; l < 32; l++) yes &= at[l] == A(at[0] + l * step);
  return yes;
}

// --- shared ---
template <class R, class T, int V>
void load_shared(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  check_shared(w, i, at, bytes, "reads");
  SharedMemory& shared = w.block->shared;
  if (shared.checked()) shared.read(w, i, lanes, at, bytes);
  const uint8_t* base = shared.bytes.data();
  if constexpr (V == 1 && sizeof(R) == sizeof(T)) {
    if (lanes == ~0u && consecutive(at, sizeof(T))) {
      memcpy(w.reg<R>(i->r[0]), base + at[0], 32 * sizeof(T));
      return;
    }
  }
  load_lanes<R, T, V>(w, i, lanes, [=](int l) { return base + at[l]; });
}
template <class T, int V>
void store_shared(Warp& w, const Instruction* i, uint32_t lanes, const uint32_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  check_shared(w, i, at, bytes, "writes");
  SharedMemory& shared = w.block->shared;
  if (shared.checked()) shared.write(w, i, lanes, at, bytes);
  uint8_t* base = shared.bytes.data();
  store_lanes<T, V>(w, i, lanes, [=](int l) { return base + at[l]; });
}

// --- device ---
void report_marked(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at, const uint8_t* shadow, unsigned bytes, uint8_t tag) {
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    if (any_unwritten(shadow + at[l], bytes)) unwritten(w, i, l, at[l], bytes);
    if (tag != 0 && memchr(shadow + at[l], tag, bytes) != nullptr)
      w.fault(i, l, 719, access_text(at[l], bytes, "reads") + " as read-only (.nc) what this launch has written");
  }
}
template <class R, class T, int V>
void load_device(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  const Checks& checks = w.block->launch->settings->checks;
  while (lanes != 0) {
    uint32_t inside;
    const Allocation* a = allocation_of(w, i, lanes, at, bytes, "reads", &inside);
    const uint8_t* host = a->host;
    uint64_t base = a->base;
    bool whole = inside == ~0u && consecutive(at, bytes);
    if (checks.initialised) {
      const uint8_t* shadow = a->shadow;
      uint8_t tag = i->mode & read_only ? w.block->launch->tag : 0;
      uint32_t bad = 0;
      if (whole) {
        const uint8_t* s = shadow + (at[0] - base);
        uint8_t found = 0;
        for (unsigned k = 0; k < 32 * bytes; k++) found |= uint8_t((s[k] == 0) | (s[k] == tag));
        bad = found;
      } else {
        for (uint32_t m = inside; m != 0; m &= m - 1) bad |= any_marked(shadow + (at[first_lane(m)] - base), bytes, tag);
      }
      if (__builtin_expect(bad, 0)) report_marked(w, i, inside, at, shadow - base, bytes, tag);
    }
    if constexpr (V == 1 && sizeof(R) == sizeof(T)) {
      if (whole) {
        memcpy(w.reg<R>(i->r[0]), host + (at[0] - base), 32 * sizeof(T));
        return;
      }
    }
    load_lanes<R, T, V>(w, i, inside, [=](int l) { return host + (at[l] - base); });
    lanes &= ~inside;
  }
}
template <class T, int V>
void store_device(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  const Checks& checks = w.block->launch->settings->checks;
  uint8_t tag = w.block->launch->tag;
  while (lanes != 0) {
    uint32_t inside;
    const Allocation* a = allocation_of(w, i, lanes, at, bytes, "writes", &inside);
    uint8_t* host = a->host;
    uint64_t base = a->base;
    bool whole = inside == ~0u && consecutive(at, bytes);
    if (checks.initialised) {
      if (whole) {
        memset(a->shadow + (at[0] - base), tag, 32 * bytes);
      } else {
        for (uint32_t m = inside; m != 0; m &= m - 1) memset(a->shadow + (at[first_lane(m)] - base), tag, bytes);
      }
    }
    if constexpr (V == 1 && sizeof(T) >= 4) {
      if (whole) {
        memcpy(host + (at[0] - base), w.reg<T>(i->r[0]), 32 * sizeof(T));
        return;
      }
    }
    store_lanes<T, V>(w, i, inside, [=](int l) { return host + (at[l] - base); });
    lanes &= ~inside;
  }
}

// --- local: per lane, with its shadow behind it ---
uint8_t* local_place(Warp& w, const Instruction* i, unsigned lane, uint64_t at, unsigned bytes, const char* verb) {
  size_t size = w.block->launch->code->local_bytes;
  uint64_t offset = at & 0xffffffff;
  if (offset & (bytes - 1)) misaligned(w, i, lane, at, bytes, verb);
  if (offset + bytes > size)
    w.fault(i, lane, 700, access_text(at, bytes, verb) + " of local memory, beyond the thread's " + std::to_string(size) + " bytes");
  return w.local + lane * size + offset;
}
template <class R, class T, int V>
void load_local(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  size_t shadow = 32 * w.block->launch->code->local_bytes;
  const uint8_t* place[32];
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    place[l] = local_place(w, i, l, at[l], bytes, "reads");
    if (w.block->launch->settings->checks.initialised && any_unwritten(place[l] + shadow, bytes)) unwritten(w, i, l, at[l], bytes);
  }
  load_lanes<R, T, V>(w, i, lanes, [&](int l) { return place[l]; });
}
template <class T, int V>
void store_local(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  size_t shadow = 32 * w.block->launch->code->local_bytes;
  uint8_t* place[32];
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    place[l] = local_place(w, i, l, at[l], bytes, "writes");
    memset(place[l] + shadow, 1, bytes);
  }
  store_lanes<T, V>(w, i, lanes, [&](int l) { return place[l]; });
}

template <class R, class T, int V>
void load_parameter(Warp& w, const Instruction* i, uint32_t lanes, const uint64_t* at) {
  constexpr unsigned bytes = sizeof(T) * V;
  const uint8_t* block = w.block->parameters;
  for (uint32_t m = lanes; m != 0; m &= m - 1) {
    unsigned l = first_lane(m);
    uint64_t offset = at[l] & 0xffffffff;
    if (offset + bytes > w.block->launch->code->parameter_bytes) outside(w, i, l, at[l], bytes, "reads");
  }
  load_lanes<R, T, V>(w, i, lanes, [=](int l) { return block + (at[l] & 0xffffffff); });
}

// --- handlers ---
enum class Window { shared, device, local, parameter, generic };

template <class F, class G, class H, class P>
inline void by_window(Warp& w, const uint64_t* at, F shared, G device, H local, P parameter) {
  uint32_t todo = w.active;
  while (todo != 0) {
    unsigned first = first_lane(todo);
    uint64_t window = at[first] >= global_start ? global_start : at[first] >> 40 << 40;
    uint32_t same = 0;
    for (unsigned l = 0; l < 32; l++)
      same |= uint32_t((at[l] >= global_start ? global_start : at[l] >> 40 << 40) == window) << l;
    same &= todo;
    uint64_t there[32];
    uint32_t offset[32];
    for (unsigned l = 0; l < 32; l++) {
      there[l] = same >> l & 1 ? at[l] : at[first];
      offset[l] = uint32_t(there[l]);
    }
    if (window == shared_window) shared(same, offset);
    else if (window == local_window) local(same, there);
    else if (window == param_window) parameter(same, there);
    else device(same, there);
    todo &= ~same;
  }
}

template <class R, class T, int V, Window window>
const Instruction* run_load(Warp& w, const Instruction* i) {
  if constexpr (window == Window::shared) {
    uint32_t at[32];
    shared_offsets(w, i, 1, at);
    load_shared<R, T, V>(w, i, w.active, at);
  } else {
    uint64_t at[32];
    lane_addresses(w, i, 1, at);
    if constexpr (window == Window::device) {
      load_device<R, T, V>(w, i, w.active, at);
    } else if constexpr (window == Window::local) {
      load_local<R, T, V>(w, i, w.active, at);
    } else if constexpr (window == Window::parameter) {
      load_parameter<R, T, V>(w, i, w.active, at);
    } else {
      by_window(w, at, [&](uint32_t lanes, const uint32_t* a) { load_shared<R, T, V>(w, i, lanes, a); },
                [&](uint32_t lanes, const uint64_t* a) { load_device<R, T, V>(w, i, lanes, a); },
                [&](uint32_t lanes, const uint64_t* a) { load_local<R, T, V>(w, i, lanes, a); },
                [&](uint32_t lanes, const uint64_t* a) { load_parameter<R, T, V>(w, i, lanes, a); });
    }
  }
  return i + 1;
}
template <class T, int V, Window window>
const Instruction* run_store(Warp& w, const Instruction* i) {
  if constexpr (window == Window::shared) {
    uint32_t at[32];
    shared_offsets(w, i, 1, at);
    store_shared<T, V>(w, i, w.active, at);
  } else {
    uint64_t at[32];
    lane_addresses(w, i, 1, at);
    if constexpr (window == Window::device) {
      store_device<T, V>(w, i, w.active, at);
    } else if constexpr (window == Window::local) {
      store_local<T, V>(w, i, w.active, at);
    } else {
      by_window(w, at, [&](uint32_t lanes, const uint32_t* a) { store_shared<T, V>(w, i, lanes, a); },
                [&](uint32_t lanes, const uint64_t* a) { store_device<T, V>(w, i, lanes, a); },
                [&](uint32_t lanes, const uint64_t* a) { store_local<T, V>(w, i, lanes, a); },
                [&](uint32_t, const uint64_t* a) { outside(w, i, first_lane(w.active), a[first_lane(w.active)], sizeof(T) * V, "writes"); });
    }
  }
  return i + 1;
}

template <class R, class T, int V>
Handler load_from(Window window) {
  switch (window) {
    case Window::shared: return run_load<R, T, V, Window::shared>;
    case Window::device: return run_load<R, T, V, Window::device>;
    case Window::local: return run_load<R, T, V, Window::local>;
    case Window::parameter: return run_load<R, T, V, Window::parameter>;
    default: return run_load<R, T, V, Window::generic>;
  }
}
template <class R, class T>
Handler load_vector(int v, Window window) {
  if (v == 1) return load_from<R, T, 1>(window);
  if (v == 2) return load_from<R, T, 2>(window);
  if constexpr (sizeof(T) <= 4) return load_from<R, T, 4>(window);
  return nullptr;
}
Handler load_handler(Type t, bool wide, int v, Window window) {
  bool sign = t == Type::s8 || t == Type::s16 || t == Type::s32;
  switch (size_of(t)) {
    case 1:
      if (wide) return v != 1 ? nullptr : sign ? load_from<uint64_t, int8_t, 1>(window) : load_from<uint64_t, uint8_t, 1>(window);
      return sign ? load_vector<uint32_t, int8_t>(v, window) : load_vector<uint32_t, uint8_t>(v, window);
    case 2:
      if (wide) return v != 1 ? nullptr : sign ? load_from<uint64_t, int16_t, 1>(window) : load_from<uint64_t, uint16_t, 1>(window);
      return sign ? load_vector<uint32_t, int16_t>(v, window) : load_vector<uint32_t, uint16_t>(v, window);
    case 4:
      if (wide) return v != 1 ? nullptr : sign ? load_from<uint64_t, int32_t, 1>(window) : load_from<uint64_t, uint32_t, 1>(window);
      return load_vector<uint32_t, uint32_t>(v, window);
    default:
      return load_vector<uint64_t, uint64_t>(v, window);
  }
}

template <class T, int V>
Handler store_to(Window window) {
  switch (window) {
    case Window::shared: return run_store<T, V, Window::shared>;
    case Window::device: return run_store<T, V, Window::device>;
    case Window::local: return run_store<T, V, Window::local>;
    default: return run_store<T, V, Window::generic>;
  }
}
Handler store_handler(Type t, int v, Window window) {
#define STORE(T) v == 1 ? store_to<T, 1>(window) : v == 2 ? store_to<T, 2>(window) : store_to<T, 4>(window)
  switch (size_of(t)) {
    case 1: return STORE(uint8_t);
    case 2: return STORE(uint16_t);
    case 4: return STORE(uint32_t);
    default: return v == 1 ? store_to<uint64_t, 1>(window) : v == 2 ? store_to<uint64_t, 2>(window) : nullptr;
  }
#undef STORE
}

// Where `[name+8]` of ld.param/st.param lies: a kernel's parameter, or a call's in local memory.
Window parameter_window(Decoder& d, const Operand& address) {
  uint64_t at;
  Decoder::Home home = d.home(address.text, &at);
  if (home == Decoder::Home::local) return Window::local;
  return Window::parameter;
}

}  // namespace

bool decode_access(Decoder& d, const Statement& s, Opcode& op) {
  bool loads = op.name() == "ld" || op.name() == "ldu";
  if (!loads && op.name() != "st") return false;
  op.take_one("volatile relaxed acquire release weak");
  op.take_one("cta gpu sys");
  std::string_view space = op.take_one("global shared shared::cta local param const");
  bool nc = op.take("nc");
  while (!op.take_one("ca cg cs lu cv wb wt L1::no_allocate L1::evict_first L1::evict_last L1::evict_normal "
                      "L1::evict_unchanged L2::64B L2::128B L2::256B").empty()) {}
  int v = op.take("v2") ? 2 : op.take("v4") ? 4 : 1;
  Type t = op.take_type();
  d.expect(t != Type::none && s.operands.size() == 2, "a memory access wants a type and two operands");
  const Operand& value = s.operands[loads ? 0 : 1];
  const Operand& address = s.operands[loads ? 1 : 0];
  d.expect(address.kind == Operand::address, "expected an address in brackets");
  Window window = space == "global" || space == "const" ? Window::device
                  : space == "local" ? Window::local
                  : space == "param" ? parameter_window(d, address)
                  : space.empty() ? Window::generic : Window::shared;
  if (v > 1) d.expect(value.kind == Operand::vector && int(value.items.size()) == v, "a vector of the wrong length");
  bool wide = d.register_bits(v > 1 ? value.items[0] : value) == 64;
  Handler run = loads ? load_handler(t, wide, v, window) : store_handler(t, v, window);
  if (run == nullptr) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  Instruction& i = d.emit(run);
  i.mode = nc ? read_only : 0;
  d.code().reads_only |= nc;
  d.memory_operation();
  // Generic accesses may be to shared memory too; only narrow ones matter for the race record.
  if (window == Window::shared || window == Window::generic) d.shared_access(size_of(t));
  auto operand = [&](const Operand& o, bool listed) {
    Type as = loads && wide ? Type::b64 : t;
    if (loads) listed ? d.list_destination(o, as) : d.destination(0, o, as);
    else listed ? d.list_source(o, as) : d.source(0, o, as);
  };
  if (v == 1) operand(value, false);
  else for (const Operand& o : value.items) operand(o, true);
  d.address(1, address);
  return true;
}

}  // namespace softcuda
