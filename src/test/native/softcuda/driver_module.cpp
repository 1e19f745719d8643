// Modules and functions: PTX is read when it is loaded; what an older driver or card would refuse is
// refused by number, and why stands in the log buffer.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "driver.hpp"

namespace softcuda::front {
namespace {

// The first PTX version that each driver no longer knows lies behind its own (CUDA 12.4: PTX 8.4).
int newest_ptx(int version) {
  static const std::pair<int, int> known[] = {
      {13010, 91}, {13000, 90}, {12090, 88}, {12080, 87}, {12070, 86}, {12050, 85}, {12040, 84}, {12030, 83},
      {12020, 82}, {12010, 81}, {12000, 80}, {11080, 78}, {11070, 77}, {11060, 76}, {11050, 75}, {11040, 74}};
  for (auto [driver, ptx] : known) {
    if (version >= driver) return ptx;
  }
  return 70;
}

// What PTX says of itself in its first directives.
struct Header {
  int major = 0, minor = 0, target = 0;
  char variant = 0;  // the a of sm_90a
};

// The text after the first `directive` that begins a line.
const char* directive(const char* text, const char* name) {
  for (const char* at = text; (at = std::strstr(at, name)) != nullptr; at++) {
    const char* line = at;
    while (line > text && (line[-1] == ' ' || line[-1] == '\t')) line--;
    if (line == text || line[-1] == '\n' || line[-1] == '\r') return at + std::strlen(name);
  }
  return nullptr;
}

Header header(const char* text) {
  Header h;
  const char* version = directive(text, ".version");
  if (version == nullptr || std::sscanf(version, " %d.%d", &h.major, &h.minor) != 2) {
    refuse(CUDA_ERROR_INVALID_PTX, "the image has no .version: it is no PTX text");
  }
  const char* target = directive(text, ".target");
  if (target == nullptr || std::sscanf(target, " sm_%d%c", &h.target, &h.variant) < 1) {
    refuse(CUDA_ERROR_INVALID_PTX, "the PTX has no .target sm_NN");
  }
  if (h.variant != 'a') h.variant = 0;
  return h;
}

void check(const Header& h) {
  const Options& options = driver().options;
  char why[200];
  if (h.major * 10 + h.minor > newest_ptx(options.driver)) {
    std::snprintf(why, sizeof why, "Unsupported .version %d.%d; current version is '%d.%d'", h.major, h.minor,
                  newest_ptx(options.driver) / 10, newest_ptx(options.driver) % 10);
    refuse(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, why);
  }
  if (h.target > options.cc || (h.variant && h.target != options.cc)) {
    std::snprintf(why, sizeof why, "PTX for sm_%d%s does not run on compute capability %d.%d", h.target,
                  h.variant ? "a" : "", options.cc / 10, options.cc % 10);
    refuse(CUDA_ERROR_NO_BINARY_FOR_GPU, why);
  }
}

// The number behind `"key": ` in [from, to) of JSON text, or -1.
int number_at(const std::string& text, const std::string& key, size_t from, size_t to) {
  size_t at = text.find("\"" + key + "\": ", from);
  return at < to ? std::atoi(text.c_str() + at + key.size() + 4) : -1;
}

// Registers of a kernel as the report that the setting `registers` names has them; 32 where it has none.
// An entry stands there once for each PTX file, with the architectures that the file serves.
int registers_of(const std::string& entry) {
  const Options& options = driver().options;
  if (options.registers.empty()) return 32;
  std::ifstream file(options.registers);
  require(file.good(), CUDA_ERROR_FILE_NOT_FOUND, "the setting registers names no file that can be read");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string name = "\"entry\": \"";
  for (size_t at = text.find(name + entry + "\""); at != std::string::npos;) {
    size_t end = std::min(text.find(name, at + 1), text.size());
    for (size_t row = text.find("{\"sm\": ", at); row < end; row = text.find("{\"sm\": ", row + 1)) {
      if (number_at(text, "sm", row, end) == options.cc) return number_at(text, "registers", row, end);
    }
    at = text.find(name + entry + "\"", end);
  }
  return 32;
}

// A buffer for the compiler's words, as cuModuleLoadDataEx's options describe it.
struct Log {
  char* text = nullptr;
  void** size = nullptr;  // its size comes in this slot, and what is written goes back

  void write(const std::string& words) const {
    if (size == nullptr) return;
    size_t room = reinterpret_cast<size_t>(*size) & 0xffffffff, written = 0;
    if (text != nullptr && room > 0) {
      written = std::min(words.size() + 1, room);
      std::memcpy(text, words.c_str(), written - 1);
      text[written - 1] = 0;
    }
    *size = reinterpret_cast<void*>(written);
  }
};

struct Logs {
  Log info, error;
};

Logs logs_of(unsigned count, CUjit_option* options, void** values) {
  require(count == 0 || (options && values), CUDA_ERROR_INVALID_VALUE, "options without their values");
  Logs logs;
  for (unsigned i = 0; i < count; i++) {
    require(options[i] >= 0 && options[i] < CU_JIT_NUM_OPTIONS, CUDA_ERROR_INVALID_VALUE, "no such JIT option");
    if (options[i] == CU_JIT_INFO_LOG_BUFFER) logs.info.text = static_cast<char*>(values[i]);
    if (options[i] == CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES) logs.info.size = &values[i];
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER) logs.error.text = static_cast<char*>(values[i]);
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) logs.error.size = &values[i];
  }
  return logs;
}

// Modules that were read before, by their text: tests load the same kernels hundreds of times, and reading
// all of them takes a third of a second. One with globals has memory of its own and is read each time.
std::unordered_map<std::string, std::shared_ptr<const Module>>& known_modules() {
  static std::unordered_map<std::string, std::shared_ptr<const Module>> known;
  return known;
}

std::shared_ptr<const Module> read(const char* ptx) {
  require(std::memcmp(ptx, "\x7f" "ELF", 4) != 0, CUDA_ERROR_NO_BINARY_FOR_GPU, "softcuda runs PTX, not cubins");
  check(header(ptx));
  auto& known = known_modules();
  std::string text = ptx;
  auto found = known.find(text);
  if (found != known.end()) return found->second;
  try {
    std::shared_ptr<const Module> module = load(ptx, *driver().memory);
    for (auto& [name, function] : module->functions) {
      if (function->static_shared > 48 << 10) {
        refuse(CUDA_ERROR_INVALID_PTX, name + " uses " + std::to_string(function->static_shared) +
                                           " bytes of static shared memory, more than 49152");
      }
    }
    if (module->globals.empty() && known.size() < 256) known.emplace(std::move(text), module);
    return module;
  } catch (const PtxError& error) {
    refuse(static_cast<CUresult>(error.code), error.message);
  }
}

void load_module(Context& context, CUmodule* handle, const void* image, const Logs& logs) {
  require(handle != nullptr && image != nullptr, CUDA_ERROR_INVALID_VALUE, "module or image is null");
  refuse_while_capturing("a module is loaded");
  auto loaded = std::make_shared<LoadedModule>();
  try {
    loaded->code = read(static_cast<const char*>(image));
  } catch (const Refusal& refusal) {
    logs.info.write("");
    logs.error.write(refusal.why);
    throw;
  }
  logs.info.write("softcuda: " + std::to_string(loaded->code->functions.size()) + " entries");
  logs.error.write("");
  auto made = std::make_unique<ModuleObject>();
  made->module = loaded;
  *handle = adopt(std::move(made), &context).as<CUmodule>();
}

FunctionObject& function_of(ModuleObject& module, const std::string& name) {
  auto known = module.functions.find(name);
  if (known != module.functions.end()) return *known->second;
  auto entry = module.module->code->functions.find(name);
  if (entry == module.module->code->functions.end()) {
    refuse(CUDA_ERROR_NOT_FOUND, "the module has no entry " + name);
  }
  auto made = std::make_unique<FunctionObject>();
  made->code = entry->second.get();
  made->module = module.module;
  made->registers = registers_of(name);
  made->max_dynamic = (48 << 10) - made->code->static_shared;
  FunctionObject& function = adopt(std::move(made), module.context);
  module.functions.emplace(name, &function);
  return function;
}

int attribute_of(const FunctionObject& function, CUfunction_attribute which) {
  switch (which) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return std::min({1024, function.code->max_threads, (64 << 10) / std::max(1, function.registers) / 32 * 32});
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(function.code->static_shared);
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return static_cast<int>(function.code->local_bytes);
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return function.registers;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: return function.module->code->target;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return driver().options.cc;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return static_cast<int>(function.max_dynamic);
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return function.carveout;
    default:
      require(which >= 0 && which < CU_FUNC_ATTRIBUTE_MAX, CUDA_ERROR_INVALID_VALUE, "no such attribute");
      return 0;
  }
}

}  // namespace
}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return inside(__func__, [&](Context& context) { load_module(context, module, image, {}); });
}

CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, CUjit_option* options, void** values) {
  return inside(__func__, [&](Context& context) {
    load_module(context, module, image, logs_of(count, options, values));
  });
}

CUresult cuModuleUnload(CUmodule handle) {
  return releasing(__func__, [&](Context& context) {
    ModuleObject& module = resolve<ModuleObject>(handle);
    if (!driver().failing) refuse_while_capturing("a module is unloaded");
    settle(context);
    module.module->unloaded = true;
    for (auto& [name, function] : module.functions) forget(*function);
    forget(module);
  });
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return inside(__func__, [&](Context&) {
    require(function && name, CUDA_ERROR_INVALID_VALUE, "function or name is null");
    *function = function_of(resolve<ModuleObject>(module), name).as<CUfunction>();
  });
}

CUresult cuModuleGetFunctionCount(unsigned* count, CUmodule module) {
  return inside(__func__, [&](Context&) {
    require(count != nullptr, CUDA_ERROR_INVALID_VALUE, "count is null");
    *count = static_cast<unsigned>(resolve<ModuleObject>(module).module->code->functions.size());
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* bytes, CUmodule module, const char* name) {
  return inside(__func__, [&](Context&) {
    require(name != nullptr, CUDA_ERROR_INVALID_VALUE, "name is null");
    auto& globals = resolve<ModuleObject>(module).module->code->globals;
    auto found = globals.find(name);
    require(found != globals.end(), CUDA_ERROR_NOT_FOUND, "the module has no such global");
    if (address) *address = found->second.first;
    if (bytes) *bytes = found->second.second;
  });
}

CUresult cuFuncLoad(CUfunction function) {
  return inside(__func__, [&](Context&) { resolve<FunctionObject>(function); });
}

CUresult cuFuncGetName(const char** name, CUfunction function) {
  return inside(__func__, [&](Context&) {
    require(name != nullptr, CUDA_ERROR_INVALID_VALUE, "name is null");
    *name = resolve<FunctionObject>(function).code->name.c_str();
  });
}

CUresult cuFuncGetParamInfo(CUfunction function, size_t index, size_t* offset, size_t* bytes) {
  return inside(__func__, [&](Context&) {
    require(offset != nullptr, CUDA_ERROR_INVALID_VALUE, "offset is null");
    auto& parameters = resolve<FunctionObject>(function).code->parameters;
    require(index < parameters.size(), CUDA_ERROR_INVALID_VALUE, "the kernel has no such parameter");
    *offset = parameters[index].offset;
    if (bytes) *bytes = parameters[index].size;
  });
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute which, CUfunction function) {
  return inside(__func__, [&](Context&) {
    require(value != nullptr, CUDA_ERROR_INVALID_VALUE, "value is null");
    *value = attribute_of(resolve<FunctionObject>(function), which);
  });
}

CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute which, int value) {
  return inside(__func__, [&](Context&) {
    FunctionObject& function = resolve<FunctionObject>(handle);
    if (which == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
      require(value >= 0 && value + function.code->static_shared <= architecture().optin, CUDA_ERROR_INVALID_VALUE,
              "static and dynamic shared memory exceed what a block of this architecture may opt into");
      function.max_dynamic = value;
    } else if (which == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
      require(value >= -1 && value <= 100, CUDA_ERROR_INVALID_VALUE, "the carveout is -1 or a percentage");
      function.carveout = value;
    } else {
      refuse(CUDA_ERROR_INVALID_VALUE, "the attribute cannot be set");
    }
  });
}

// cuDNN links these even where it never calls them.

CUresult cuTensorMapEncodeTiled(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                const cuuint64_t*, const cuuint32_t*, const cuuint32_t*, CUtensorMapInterleave,
                                CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  return outside(__func__, [] { refuse(CUDA_ERROR_NOT_SUPPORTED, "softcuda has no tensor maps"); });
}

CUresult cuTensorMapEncodeIm2col(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                 const cuuint64_t*, const int*, const int*, cuuint32_t, cuuint32_t,
                                 const cuuint32_t*, CUtensorMapInterleave, CUtensorMapSwizzle,
                                 CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  return outside(__func__, [] { refuse(CUDA_ERROR_NOT_SUPPORTED, "softcuda has no tensor maps"); });
}
