// The engine of softcuda: PTX in, memory and launches. The driver API (driver*.cpp) stands on this
// header alone; everything about instructions, warps and checks lies behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace softcuda {

struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;
};

// A kernel's parameter: where the launch block holds it.
struct Parameter {
  size_t offset, size;
};

// What a person is told of something that a kernel did and must not do. `code` is the CUresult that
// the card would give (700 illegal address, 716 misaligned, 719 launch failed, 715 illegal
// instruction, 710 assert); findings that a card does not see (uninitialised read, race, divergent
// barrier) are 719 as well. The message names kernel, block, thread, PTX line and address.
struct Fault {
  int code;
  std::string message;
};

// An error in PTX: `code` is 218 INVALID_PTX, 222 UNSUPPORTED_PTX_VERSION or 209 NO_BINARY_FOR_GPU;
// an unknown opcode is named.
struct PtxError {
  int code;
  std::string message;
};

struct Checks {
  bool memory = true;   // bounds and alignment
  bool initialised = true;
  bool races = true;
};

// Device memory: host memory with red zones, a shadow byte per byte that says "written", and a unique
// device address range for each allocation. Thread-safe.
class Memory {
 public:
  Memory();
  ~Memory();
  uint64_t allocate(size_t bytes, size_t alignment);  // never 0; contents unwritten (poisoned)
  bool release(uint64_t address);                     // false: not the start of an allocation
  // The allocation that holds [address, address + bytes), or false.
  bool find(uint64_t address, size_t bytes, uint64_t* base, size_t* size);
  uint8_t* host(uint64_t address, size_t bytes);      // nullptr when not inside one allocation
  void mark_written(uint64_t address, size_t bytes, bool written);  // false forgets (poisons) it
  // The first byte of the range that nothing has written, or -1.
  int64_t first_unwritten(uint64_t address, size_t bytes);
  struct Impl;
  std::unique_ptr<Impl> impl;
};

class Module;
struct Code;

struct Function {
  std::string name;
  std::vector<Parameter> parameters;
  size_t parameter_bytes = 0;
  size_t static_shared = 0, local_bytes = 0;
  int max_threads = 1024;  // .maxntid
  const Module* module = nullptr;
  std::shared_ptr<const Code> code;  // the engine's own
};

class Module {
 public:
  virtual ~Module() = default;
  int ptx_version = 0;  // 84 for .version 8.4
  int target = 0;       // 80 for .target sm_80
  std::map<std::string, std::unique_ptr<Function>> functions;  // entries only
  std::map<std::string, std::pair<uint64_t, size_t>> globals;  // address, bytes
};

// Parses and decodes PTX text; module globals are allocated in `memory`. Throws PtxError.
std::unique_ptr<Module> load(const char* ptx, Memory& memory);

struct Launch {
  const Function* function;
  Dim3 grid, block;
  size_t dynamic_shared = 0;
  std::vector<uint8_t> parameters;  // laid out as Function::parameters says
};

struct Settings {
  Checks checks;
  uint64_t seed = 1;     // order of blocks and warps
  int threads = 0;       // 0: all processors
  int mma = 0;           // 0: f64 sum rounded once; 80 or 90: the hardware's model
  double perturb = 0;    // share of the promised bound by which .approx results are shifted
};

// Runs a launch to its end. Throws Fault.
void run(const Launch& launch, Memory& memory, const Settings& settings);

// Instructions times active lanes of the last launch that ran to its end, for measurements.
uint64_t lane_instructions();

}  // namespace softcuda
