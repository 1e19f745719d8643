// Seeded faults: each must be found, named, and not seen in the sound variant of the same kernel.
#include "engine_test.hpp"

namespace softcuda {
namespace {

template <class F>
std::string fault_of(F f, int* code) {
  *code = 0;
  try {
    f();
  } catch (const Fault& fault) {
    *code = fault.code;
    return fault.message;
  }
  return "no fault";
}

#define FAULTS(wanted, text, ...)                                                                         \
  do {                                                                                                    \
    int code;                                                                                             \
    std::string message = fault_of([&] { __VA_ARGS__; }, &code);                                          \
    CHECK(code == wanted && message.find(text) != std::string::npos, "%d %s", code, message.c_str());    \
  } while (0)
#define SOUND(...)                                                        \
  do {                                                                    \
    int code;                                                             \
    std::string message = fault_of([&] { __VA_ARGS__; }, &code);          \
    CHECK(code == 0, "%d %s", code, message.c_str());                     \
  } while (0)

struct Faults : Bench {
  uint64_t x, y;
  Faults() : Bench("faults.ptx") {
    std::vector<float> values(256);
    for (uint32_t k = 0; k < 256; k++) values[k] = float(k);
    x = put(values);
    y = room<float>(256);
  }
};
constexpr Dim3 one{1, 1, 1}, two_warps{64, 1, 1}, warp{32, 1, 1};

void races_in_shared_memory() {
  for (uint64_t seed = 1; seed <= 5; seed++) {
    Faults t;
    t.settings.seed = seed;
    SOUND(t.launch("reverse_f32", one, two_warps, 0, t.x, t.y, 0));
    int code;
    // Without the barrier the other warp's half is a race or not there yet.
    std::string message = fault_of([&] { t.launch("reverse_f32", one, two_warps, 0, t.x, t.y, 1); }, &code);
    CHECK(code == 719 && (message.find("race") != std::string::npos || message.find("uninitialised") != std::string::npos), "%s", message.c_str());
    SOUND(t.launch("tiles_f32", one, two_warps, 0, t.x, t.y, 1));
    FAULTS(719, "race: ", t.launch("tiles_f32", one, two_warps, 0, t.x, t.y, 0));
    SOUND(t.launch("warp_f32", one, warp, 0, t.x, t.y, 1));
    FAULTS(719, "race: reads byte", t.launch("warp_f32", one, warp, 0, t.x, t.y, 0));
  }
  Faults off;
  off.settings.checks.races = false;
  SOUND(off.launch("warp_f32", one, warp, 0, off.x, off.y, 0));
}

void uninitialised_shared_memory() {
  Faults t;
  FAULTS(719, "uninitialised read: reads byte 160 of shared memory", t.launch("reverse_f32", one, two_warps, 0, t.x, t.y, 2));
  FAULTS(700, "writes 4 bytes at 0x100 of shared memory, beyond the block's 256 bytes", t.launch("reverse_f32", one, two_warps, 0, t.x, t.y, 3));
}

void global_bounds_and_alignment() {
  Faults t;
  SOUND(t.launch("read_f32", one, two_warps, 0, t.x, t.y, 192));
  FAULTS(700, "thread (63,0,0): reads 4 bytes at 0x", t.launch("read_f32", one, two_warps, 0, t.x, t.y, 193));
  FAULTS(700, "outside of every allocation", t.launch("write_f32", one, two_warps, 0, t.y, -1));
  FAULTS(700, "kernel write_f32, block (0,0,0)", t.launch("write_f32", one, two_warps, 0, uint64_t(0), 0));
  FAULTS(716, "which is not a multiple of 16", t.launch("vector_f32", one, {8, 1, 1}, 0, t.x, t.y, 1));
  SOUND(t.launch("vector_f32", one, {8, 1, 1}, 0, t.x, t.y, 4));
  uint64_t freed = t.room<float>(64);
  t.memory.release(freed);
  FAULTS(700, "outside of every allocation", t.launch("write_f32", one, two_warps, 0, freed, 0));
}

void uninitialised_global_memory() {
  Faults t;
  uint64_t half = t.room<float>(64);
  SOUND(t.launch("write_f32", one, warp, 0, half, 0));
  SOUND(t.launch("read_f32", one, warp, 0, half, t.y, 0));
  FAULTS(719, "thread (31,0,0): uninitialised read", t.launch("read_f32", one, warp, 0, half, t.y, 1));
  CHECK(t.memory.first_unwritten(half, 256) == 128, "first unwritten");
  t.settings.checks.initialised = false;
  SOUND(t.launch("read_f32", one, warp, 0, half, t.y, 1));
}

void traps_and_division() {
  Faults t;
  std::vector<int> values = {1, 2, 5, 7};
  uint64_t good = t.put(values);
  values[2] = 0;
  uint64_t zero = t.put(values);
  values[2] = 3;
  uint64_t three = t.put(values);
  SOUND(t.launch("divide_s32", one, {4, 1, 1}, 0, good, t.y));
  FAULTS(719, "thread (2,0,0): integer division by zero", t.launch("divide_s32", one, {4, 1, 1}, 0, zero, t.y));
  SOUND(t.launch("trap_if", one, {4, 1, 1}, 0, good, t.y));
  FAULTS(719, "thread (2,0,0): trap", t.launch("trap_if", one, {4, 1, 1}, 0, three, t.y));
}

void divergent_barriers() {
  Faults t;
  SOUND(t.launch("divergent_f32", one, two_warps, 0, t.y, 1));
  FAULTS(719, "divergent barrier", t.launch("divergent_f32", one, two_warps, 0, t.y, 0));
  FAULTS(719, "divergent barrier", t.launch("two_barriers_f32", one, two_warps, 0, t.y));
  FAULTS(719, "deadlock", t.launch("lonely_shuffle", one, warp, 0, t.x, t.y));
}

void read_only_path() {
  Faults t;
  FAULTS(719, "as read-only (.nc) what this launch has written", t.launch("readonly_f32", one, warp, 0, t.x, t.y));
}

void local_memory() {
  Faults t;
  SOUND(t.launch("local_f32", one, {8, 1, 1}, 0, t.y, 16, 8));
  FAULTS(700, "of local memory, beyond the thread's 64 bytes", t.launch("local_f32", one, {8, 1, 1}, 0, t.y, 16, 9));
  FAULTS(719, "uninitialised read", t.launch("local_f32", one, {8, 1, 1}, 0, t.y, 8, 1));
}

void asynchronous_copies() {
  Faults t;
  SOUND(t.launch("async_f32", one, two_warps, 0, t.x, t.y, 0));
  FAULTS(719, "while a cp.async to it has not been waited for", t.launch("async_f32", one, two_warps, 0, t.x, t.y, 1));
  FAULTS(719, "cp.async", t.launch("async_f32", one, two_warps, 0, t.x, t.y, 2));
  int code;
  std::string message = fault_of([&] { t.launch("async_f32", one, two_warps, 0, t.x, t.y, 3); }, &code);
  CHECK(code == 719 && (message.find("race") != std::string::npos || message.find("cp.async") != std::string::npos), "%s", message.c_str());
}

void atomics_flush_in_global_memory_alone() {
  Faults t;
  uint64_t x = t.put(std::vector<float>{0, 0});
  t.launch("flush_f32", one, {1, 1, 1}, 0, x, 1e-40f);
  CHECK(t.get<float>(x, 2)[0] == 0 && t.get<float>(x, 2)[1] == 1e-40f, "%g %g", t.get<float>(x, 2)[0], t.get<float>(x, 2)[1]);
}

std::string ptx_with(const std::string& statement) {
  return ".version 8.4\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n.reg .b32 %r<4>;\n" + statement + "\nret;\n}\n";
}
void unknown_opcodes_are_named() {
  for (const char* statement : {"frobnicate.u32 %r1, %r2;", "add.frob.u32 %r1, %r2, %r3;", "wgmma.fence.sync.aligned;"}) {
    Memory memory;
    int code = 0;
    std::string message;
    try {
      load(ptx_with(statement).c_str(), memory);
    } catch (const PtxError& error) {
      code = error.code;
      message = error.message;
    }
    std::string opcode = std::string(statement).substr(0, std::string(statement).find_first_of(" ;"));
    CHECK(code == 218 && message.find("PTX line 7: ") != std::string::npos && message.find(opcode) != std::string::npos, "%s", message.c_str());
  }
}

}  // namespace

void add_fault_tests(Tests& tests) {
  tests.push_back({"races in shared memory", races_in_shared_memory});
  tests.push_back({"uninitialised shared memory", uninitialised_shared_memory});
  tests.push_back({"global bounds and alignment", global_bounds_and_alignment});
  tests.push_back({"uninitialised global memory", uninitialised_global_memory});
  tests.push_back({"traps and division", traps_and_division});
  tests.push_back({"divergent barriers", divergent_barriers});
  tests.push_back({"read-only path", read_only_path});
  tests.push_back({"local memory faults", local_memory});
  tests.push_back({"asynchronous copies", asynchronous_copies});
  tests.push_back({"atomics flush", atomics_flush_in_global_memory_alone});
  tests.push_back({"unknown opcodes", unknown_opcodes_are_named});
}

}  // namespace softcuda
