// Decoded instructions: what the interpreter's loop runs over.
//
// A program counter is a pointer to an Instruction; function bodies are inlined at decode time, so one
// pointer says it all and the smallest one is the group of lanes to run next (spec softcuda.md 4).
// Registers are arrays of 32 lanes, addressed by their byte offset in the warp's register file;
// immediates and special registers are such arrays too, filled once. Predicates are 32-bit masks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ptx.hpp"

namespace softcuda {

struct Warp;
struct Instruction;
// Executes one instruction and returns the next, or nullptr when the warp must stop for now.
using Handler = const Instruction* (*)(Warp&, const Instruction*);

struct alignas(64) Instruction {
  Handler run = nullptr;
  uint32_t r[5] = {};               // register offsets: r[0] the destination, then sources
  uint32_t list = 0;                // first of further register offsets in Code::lists
  int64_t imm = 0;                  // address offset, or what the handler says
  const Instruction* target = nullptr;
  uint16_t p[3] = {};               // predicate indices
  uint8_t mode = 0, mode2 = 0;      // what the handler says
  uint32_t line = 0;
};
static_assert(sizeof(Instruction) == 64, "one cache line");

// The lanes of a register, readable as whatever type the opcode says.
template <class T>
struct __attribute__((may_alias)) Cell {
  T v;
};

enum class Special : uint8_t {
  tid_x, tid_y, tid_z, ntid_x, ntid_y, ntid_z, ctaid_x, ctaid_y, ctaid_z, nctaid_x, nctaid_y, nctaid_z,
  laneid, warpid, nwarpid, smid, nsmid, lanemask_eq, lanemask_le, lanemask_lt, lanemask_ge, lanemask_gt,
  dynamic_smem_size, total_smem_size, gridid, clock
};

// An entry ready to run.
struct Code {
  struct Constant {
    uint32_t offset;
    bool wide;
    uint64_t value;
  };
  struct SpecialSlot {
    uint32_t offset;
    Special special;
  };
  std::string name;
  int target = 0;
  std::shared_ptr<ptx::Source> source;
  std::vector<Instruction> instructions;
  std::vector<uint32_t> lists;
  std::vector<Constant> constants;
  std::vector<SpecialSlot> specials;
  size_t register_bytes = 0;  // of one warp
  size_t predicates = 0;
  size_t local_bytes = 0;     // of one thread
  size_t static_shared = 0;
  unsigned granule = 4;       // narrowest access to shared memory: what a race record stands for
  size_t parameter_bytes = 0;
  unsigned memory_operations = 0;
  bool reads_only = false;    // has ld.global.nc
};

// Where the windows of generic addresses lie; device allocations start at global_start.
constexpr uint64_t shared_window = uint64_t(1) << 40, local_window = uint64_t(2) << 40,
                   param_window = uint64_t(3) << 40, global_start = uint64_t(16) << 40;

}  // namespace softcuda
