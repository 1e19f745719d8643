// Launches: limits checked and parameters copied at the call, as a card does; and occupancy.
#include <algorithm>
#include <cstring>

#include "driver.hpp"

namespace softcuda::front {
namespace {

void check_size(const FunctionObject& function, Dim3 grid, Dim3 block, size_t shared) {
  require(grid.x && grid.y && grid.z && block.x && block.y && block.z, CUDA_ERROR_INVALID_VALUE,
          "a dimension of the grid or the block is 0");
  require(grid.x <= 0x7fffffff && grid.y <= 65535 && grid.z <= 65535, CUDA_ERROR_INVALID_VALUE,
          "the grid exceeds 2147483647, 65535, 65535");
  require(block.x <= 1024 && block.y <= 1024 && block.z <= 64, CUDA_ERROR_INVALID_VALUE,
          "the block exceeds 1024, 1024, 64");
  size_t threads = size_t{block.x} * block.y * block.z;
  require(threads <= 1024, CUDA_ERROR_INVALID_VALUE, "the block has more than 1024 threads");
  require(threads <= static_cast<size_t>(function.code->max_threads), CUDA_ERROR_INVALID_VALUE,
          "the block has more threads than the kernel's .maxntid");
  require(shared <= function.max_dynamic, CUDA_ERROR_INVALID_VALUE,
          "more dynamic shared memory than the kernel's attribute 8 allows");
  require(blocks_per_multiprocessor(function, static_cast<int>(threads), shared) > 0,
          CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "one block needs more registers than a multiprocessor has");
}

void copy_parameters(const Function& function, void** parameters, std::vector<uint8_t>& block) {
  for (size_t i = 0; i < function.parameters.size(); i++) {
    require(parameters[i] != nullptr, CUDA_ERROR_INVALID_VALUE, "a parameter's address is null");
    std::memcpy(block.data() + function.parameters[i].offset, parameters[i], function.parameters[i].size);
  }
}

void copy_block(void** extra, std::vector<uint8_t>& block) {
  const void* buffer = nullptr;
  const size_t* size = nullptr;
  for (; *extra != CU_LAUNCH_PARAM_END; extra += 2) {
    if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = extra[1];
    } else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      size = static_cast<const size_t*>(extra[1]);
    } else {
      refuse(CUDA_ERROR_INVALID_VALUE, "extra has an unknown entry");
    }
  }
  require(buffer && size, CUDA_ERROR_INVALID_VALUE, "extra has no buffer or no size");
  require(*size == block.size(), CUDA_ERROR_INVALID_VALUE, "the parameter buffer has not the kernel's size");
  std::memcpy(block.data(), buffer, *size);
}

void check_attributes(const CUlaunchConfig& config) {
  require(config.numAttrs == 0 || config.attrs, CUDA_ERROR_INVALID_VALUE, "attributes are missing");
  for (unsigned i = 0; i < config.numAttrs; i++) {
    switch (config.attrs[i].id) {
      case CU_LAUNCH_ATTRIBUTE_IGNORE:
      case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      case CU_LAUNCH_ATTRIBUTE_COOPERATIVE: break;
      case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION:
        require(driver().options.cc >= 90, CUDA_ERROR_NOT_SUPPORTED, "needs compute capability 9.0");
        break;
      default: refuse(CUDA_ERROR_NOT_SUPPORTED, "softcuda does not know this launch attribute");
    }
  }
}

void launch(Context& context, CUfunction handle, Dim3 grid, Dim3 block, size_t shared, CUstream where,
            void** parameters, void** extra) {
  FunctionObject& function = resolve<FunctionObject>(handle);
  require(function.context == &context, CUDA_ERROR_INVALID_HANDLE, "the function belongs to another context");
  Stream& stream = stream_of(context, where);
  submit(stream, kernel(function, grid, block, shared, parameters, extra));
}

}  // namespace

Kernel kernel(FunctionObject& function, Dim3 grid, Dim3 block, size_t shared, void** parameters, void** extra) {
  check_size(function, grid, block, shared);
  Kernel work{{function.code, grid, block, shared, {}}, function.module};
  work.launch.parameters.resize(function.code->parameter_bytes);
  require(!(parameters && extra), CUDA_ERROR_INVALID_VALUE, "parameters and extra exclude each other");
  if (extra) {
    copy_block(extra, work.launch.parameters);
  } else if (!function.code->parameters.empty()) {
    require(parameters != nullptr, CUDA_ERROR_INVALID_VALUE, "the kernel has parameters and none are given");
    copy_parameters(*function.code, parameters, work.launch.parameters);
  }
  return work;
}

int blocks_per_multiprocessor(const FunctionObject& function, int threads, size_t dynamic_shared) {
  const Architecture& a = architecture();
  const auto round_up = [](size_t value, size_t unit) { return (value + unit - 1) / unit * unit; };
  size_t warps = round_up(threads, 32) / 32;
  size_t registers_per_warp = round_up(static_cast<size_t>(function.registers) * 32, 256);
  size_t warps_by_registers = (64 << 10) / registers_per_warp / 4 * 4;
  size_t shared = round_up(function.code->static_shared + dynamic_shared + a.reserved, 128);
  size_t blocks = std::min<size_t>(a.blocks, a.threads / 32 / warps);
  blocks = std::min(blocks, warps_by_registers / warps);
  if (shared > 0) blocks = std::min(blocks, a.shared / shared);
  return static_cast<int>(blocks);
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared, CUstream stream, void** parameters,
                        void** extra) {
  if (driver().options.accept) return accept(function, parameters);
  return inside(__func__, [&](Context& context) {
    launch(context, function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, parameters,
           extra);
  });
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** parameters, void** extra) {
  return inside(__func__, [&](Context& context) {
    require(config != nullptr, CUDA_ERROR_INVALID_VALUE, "config is null");
    check_attributes(*config);
    launch(context, function, {config->gridDimX, config->gridDimY, config->gridDimZ},
           {config->blockDimX, config->blockDimY, config->blockDimZ}, config->sharedMemBytes, config->hStream,
           parameters, extra);
  });
}

CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                   unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                                   CUstream stream, void** parameters) {
  return inside(__func__, [&](Context& context) {
    int threads = static_cast<int>(block_x * block_y * block_z);
    size_t room = threads <= 0 || threads > 1024
                      ? 0
                      : size_t{1} * architecture().multiprocessors *
                            blocks_per_multiprocessor(resolve<FunctionObject>(function), threads, shared);
    require(size_t{grid_x} * grid_y * grid_z <= room, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE,
            "the blocks are not all resident at once");
    launch(context, function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, parameters,
           nullptr);
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads,
                                                     size_t dynamic_shared) {
  return inside(__func__, [&](Context&) {
    require(blocks != nullptr && threads > 0 && threads <= 1024, CUDA_ERROR_INVALID_VALUE, "no such block");
    *blocks = blocks_per_multiprocessor(resolve<FunctionObject>(function), threads, dynamic_shared);
  });
}
