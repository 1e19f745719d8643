// Names: of statuses, and of functions for cuGetProcAddress_v2.
#include <algorithm>
#include <cctype>
#include <cstring>

#include "driver.hpp"

namespace softcuda::front {
namespace {

struct Status {
  CUresult code;
  const char* name;
  std::string text;  // "illegal address" for CUDA_ERROR_ILLEGAL_ADDRESS
};

std::string words(const char* name) {
  std::string text = name;
  for (const char* prefix : {"CUDA_ERROR_", "CUDA_"}) {
    if (text.rfind(prefix, 0) == 0) text.erase(0, std::strlen(prefix));
  }
  for (char& c : text) c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  return text;
}

const Status* status_of(CUresult code) {
#define NAME(name) {name, #name, words(#name)}
  static const Status all[] = {
      NAME(CUDA_SUCCESS),
      NAME(CUDA_ERROR_INVALID_VALUE),
      NAME(CUDA_ERROR_OUT_OF_MEMORY),
      NAME(CUDA_ERROR_NOT_INITIALIZED),
      NAME(CUDA_ERROR_DEINITIALIZED),
      NAME(CUDA_ERROR_PROFILER_DISABLED),
      NAME(CUDA_ERROR_PROFILER_NOT_INITIALIZED),
      NAME(CUDA_ERROR_PROFILER_ALREADY_STARTED),
      NAME(CUDA_ERROR_PROFILER_ALREADY_STOPPED),
      NAME(CUDA_ERROR_STUB_LIBRARY),
      NAME(CUDA_ERROR_DEVICE_UNAVAILABLE),
      NAME(CUDA_ERROR_NO_DEVICE),
      NAME(CUDA_ERROR_INVALID_DEVICE),
      NAME(CUDA_ERROR_DEVICE_NOT_LICENSED),
      NAME(CUDA_ERROR_INVALID_IMAGE),
      NAME(CUDA_ERROR_INVALID_CONTEXT),
      NAME(CUDA_ERROR_CONTEXT_ALREADY_CURRENT),
      NAME(CUDA_ERROR_MAP_FAILED),
      NAME(CUDA_ERROR_UNMAP_FAILED),
      NAME(CUDA_ERROR_ARRAY_IS_MAPPED),
      NAME(CUDA_ERROR_ALREADY_MAPPED),
      NAME(CUDA_ERROR_NO_BINARY_FOR_GPU),
      NAME(CUDA_ERROR_ALREADY_ACQUIRED),
      NAME(CUDA_ERROR_NOT_MAPPED),
      NAME(CUDA_ERROR_NOT_MAPPED_AS_ARRAY),
      NAME(CUDA_ERROR_NOT_MAPPED_AS_POINTER),
      NAME(CUDA_ERROR_ECC_UNCORRECTABLE),
      NAME(CUDA_ERROR_UNSUPPORTED_LIMIT),
      NAME(CUDA_ERROR_CONTEXT_ALREADY_IN_USE),
      NAME(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED),
      NAME(CUDA_ERROR_INVALID_PTX),
      NAME(CUDA_ERROR_INVALID_GRAPHICS_CONTEXT),
      NAME(CUDA_ERROR_NVLINK_UNCORRECTABLE),
      NAME(CUDA_ERROR_JIT_COMPILER_NOT_FOUND),
      NAME(CUDA_ERROR_UNSUPPORTED_PTX_VERSION),
      NAME(CUDA_ERROR_JIT_COMPILATION_DISABLED),
      NAME(CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY),
      NAME(CUDA_ERROR_UNSUPPORTED_DEVSIDE_SYNC),
      NAME(CUDA_ERROR_INVALID_SOURCE),
      NAME(CUDA_ERROR_FILE_NOT_FOUND),
      NAME(CUDA_ERROR_SHARED_OBJECT_SYMBOL_NOT_FOUND),
      NAME(CUDA_ERROR_SHARED_OBJECT_INIT_FAILED),
      NAME(CUDA_ERROR_OPERATING_SYSTEM),
      NAME(CUDA_ERROR_INVALID_HANDLE),
      NAME(CUDA_ERROR_ILLEGAL_STATE),
      NAME(CUDA_ERROR_LOSSY_QUERY),
      NAME(CUDA_ERROR_NOT_FOUND),
      NAME(CUDA_ERROR_NOT_READY),
      NAME(CUDA_ERROR_ILLEGAL_ADDRESS),
      NAME(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES),
      NAME(CUDA_ERROR_LAUNCH_TIMEOUT),
      NAME(CUDA_ERROR_LAUNCH_INCOMPATIBLE_TEXTURING),
      NAME(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED),
      NAME(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED),
      NAME(CUDA_ERROR_PRIMARY_CONTEXT_ACTIVE),
      NAME(CUDA_ERROR_CONTEXT_IS_DESTROYED),
      NAME(CUDA_ERROR_ASSERT),
      NAME(CUDA_ERROR_TOO_MANY_PEERS),
      NAME(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED),
      NAME(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED),
      NAME(CUDA_ERROR_HARDWARE_STACK_ERROR),
      NAME(CUDA_ERROR_ILLEGAL_INSTRUCTION),
      NAME(CUDA_ERROR_MISALIGNED_ADDRESS),
      NAME(CUDA_ERROR_INVALID_ADDRESS_SPACE),
      NAME(CUDA_ERROR_INVALID_PC),
      NAME(CUDA_ERROR_LAUNCH_FAILED),
      NAME(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE),
      NAME(CUDA_ERROR_NOT_PERMITTED),
      NAME(CUDA_ERROR_NOT_SUPPORTED),
      NAME(CUDA_ERROR_SYSTEM_NOT_READY),
      NAME(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH),
      NAME(CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE),
      NAME(CUDA_ERROR_MPS_CONNECTION_FAILED),
      NAME(CUDA_ERROR_MPS_RPC_FAILURE),
      NAME(CUDA_ERROR_MPS_SERVER_NOT_READY),
      NAME(CUDA_ERROR_MPS_MAX_CLIENTS_REACHED),
      NAME(CUDA_ERROR_MPS_MAX_CONNECTIONS_REACHED),
      NAME(CUDA_ERROR_MPS_CLIENT_TERMINATED),
      NAME(CUDA_ERROR_CDP_NOT_SUPPORTED),
      NAME(CUDA_ERROR_CDP_VERSION_MISMATCH),
      NAME(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED),
      NAME(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED),
      NAME(CUDA_ERROR_STREAM_CAPTURE_MERGE),
      NAME(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED),
      NAME(CUDA_ERROR_STREAM_CAPTURE_UNJOINED),
      NAME(CUDA_ERROR_STREAM_CAPTURE_ISOLATION),
      NAME(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT),
      NAME(CUDA_ERROR_CAPTURED_EVENT),
      NAME(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD),
      NAME(CUDA_ERROR_TIMEOUT),
      NAME(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE),
      NAME(CUDA_ERROR_EXTERNAL_DEVICE),
      NAME(CUDA_ERROR_INVALID_CLUSTER_SIZE),
      NAME(CUDA_ERROR_FUNCTION_NOT_LOADED),
      NAME(CUDA_ERROR_INVALID_RESOURCE_TYPE),
      NAME(CUDA_ERROR_INVALID_RESOURCE_CONFIGURATION),
      NAME(CUDA_ERROR_UNKNOWN),
  };
#undef NAME
  const Status* found = std::find_if(std::begin(all), std::end(all), [&](auto& each) { return each.code == code; });
  return found == std::end(all) ? nullptr : found;
}

struct Function {
  const char* name;  // as exported
  int since;         // the CUDA version that brought this form of it
  void* address;

  // The name without its version suffix, as clients ask for it.
  std::string base() const {
    std::string text = name;
    size_t end = text.size();
    bool versioned = end > 3 && text[end - 3] == '_' && text[end - 2] == 'v';
    return versioned ? text.substr(0, end - 3) : text;
  }
};

const std::vector<Function>& functions() {
#define ENTRY(name, since) {#name, since, reinterpret_cast<void*>(&name)}
  static const std::vector<Function> all = {
      ENTRY(cuInit, 2000),
      ENTRY(cuDriverGetVersion, 2020),
      ENTRY(cuGetErrorName, 6000),
      ENTRY(cuGetErrorString, 6000),
      ENTRY(cuGetProcAddress_v2, 12000),
      ENTRY(cuDeviceGetCount, 2000),
      ENTRY(cuDeviceGet, 2000),
      ENTRY(cuDeviceGetName, 2000),
      ENTRY(cuDeviceGetUuid, 9020),
      ENTRY(cuDeviceGetUuid_v2, 11040),
      ENTRY(cuDeviceTotalMem_v2, 3020),
      ENTRY(cuDeviceGetAttribute, 2000),
      ENTRY(cuDeviceGetPCIBusId, 4010),
      ENTRY(cuDeviceCanAccessPeer, 4000),
      ENTRY(cuDevicePrimaryCtxRetain, 7000),
      ENTRY(cuDevicePrimaryCtxRelease_v2, 11000),
      ENTRY(cuDevicePrimaryCtxSetFlags_v2, 11000),
      ENTRY(cuDevicePrimaryCtxGetState, 7000),
      ENTRY(cuDevicePrimaryCtxReset_v2, 11000),
      ENTRY(cuCtxSetCurrent, 4000),
      ENTRY(cuCtxGetCurrent, 4000),
      ENTRY(cuCtxPushCurrent_v2, 4000),
      ENTRY(cuCtxPopCurrent_v2, 4000),
      ENTRY(cuCtxSynchronize, 2000),
      ENTRY(cuCtxGetStreamPriorityRange, 5050),
      ENTRY(cuCtxEnablePeerAccess, 4000),
      ENTRY(cuMemGetInfo_v2, 3020),
      ENTRY(cuMemAlloc_v2, 3020),
      ENTRY(cuMemFree_v2, 3020),
      ENTRY(cuMemGetAddressRange_v2, 3020),
      ENTRY(cuMemHostAlloc, 2020),
      ENTRY(cuMemFreeHost, 2000),
      ENTRY(cuMemHostRegister_v2, 6050),
      ENTRY(cuMemHostUnregister, 4000),
      ENTRY(cuMemHostGetDevicePointer_v2, 3020),
      ENTRY(cuMemGetAllocationGranularity, 10020),
      ENTRY(cuMemAddressReserve, 10020),
      ENTRY(cuMemAddressFree, 10020),
      ENTRY(cuMemCreate, 10020),
      ENTRY(cuMemMap, 10020),
      ENTRY(cuMemSetAccess, 10020),
      ENTRY(cuMemUnmap, 10020),
      ENTRY(cuMemRelease, 10020),
      ENTRY(cuMemcpyHtoDAsync_v2, 3020),
      ENTRY(cuMemcpyDtoHAsync_v2, 3020),
      ENTRY(cuMemcpyDtoDAsync_v2, 3020),
      ENTRY(cuMemcpyHtoD_v2, 3020),
      ENTRY(cuMemcpyDtoH_v2, 3020),
      ENTRY(cuMemcpyPeerAsync, 4000),
      ENTRY(cuMemsetD8Async, 3020),
      ENTRY(cuMemsetD32Async, 3020),
      ENTRY(cuStreamCreate, 2000),
      ENTRY(cuStreamCreateWithPriority, 5050),
      ENTRY(cuStreamDestroy_v2, 4000),
      ENTRY(cuStreamSynchronize, 2000),
      ENTRY(cuStreamQuery, 2000),
      ENTRY(cuStreamWaitEvent, 3020),
      ENTRY(cuLaunchHostFunc, 10000),
      ENTRY(cuEventCreate, 2000),
      ENTRY(cuEventRecord, 2000),
      ENTRY(cuEventQuery, 2000),
      ENTRY(cuEventSynchronize, 2000),
      ENTRY(cuEventElapsedTime, 2000),
      ENTRY(cuEventDestroy_v2, 4000),
      ENTRY(cuModuleLoadData, 2000),
      ENTRY(cuModuleLoadDataEx, 2010),
      ENTRY(cuModuleUnload, 2000),
      ENTRY(cuModuleGetFunction, 2000),
      ENTRY(cuModuleGetFunctionCount, 12040),
      ENTRY(cuModuleGetGlobal_v2, 3020),
      ENTRY(cuFuncLoad, 12040),
      ENTRY(cuFuncGetName, 12030),
      ENTRY(cuFuncGetParamInfo, 12040),
      ENTRY(cuFuncGetAttribute, 2020),
      ENTRY(cuFuncSetAttribute, 9000),
      ENTRY(cuLaunchKernel, 4000),
      ENTRY(cuLaunchKernelEx, 11060),
      ENTRY(cuLaunchCooperativeKernel, 9000),
      ENTRY(cuOccupancyMaxActiveBlocksPerMultiprocessor, 6050),
      ENTRY(cuStreamBeginCapture_v2, 10010),
      ENTRY(cuStreamEndCapture, 10000),
      ENTRY(cuStreamIsCapturing, 10000),
      ENTRY(cuStreamGetCaptureInfo_v2, 11030),
      ENTRY(cuThreadExchangeStreamCaptureMode, 10010),
      ENTRY(cuGraphInstantiateWithFlags, 11040),
      ENTRY(cuGraphInstantiateWithParams, 12000),
      ENTRY(cuGraphUpload, 11010),
      ENTRY(cuGraphLaunch, 10000),
      ENTRY(cuGraphExecUpdate_v2, 12000),
      ENTRY(cuGraphExecKernelNodeSetParams_v2, 12000),
      ENTRY(cuGraphGetNodes, 10000),
      ENTRY(cuGraphNodeGetType, 10000),
      ENTRY(cuGraphDebugDotPrint, 11030),
      ENTRY(cuGraphExecDestroy, 10000),
      ENTRY(cuGraphDestroy, 10000),
      {"cuGraphInstantiate", 12000, reinterpret_cast<void*>(&cuGraphInstantiateWithFlags)},
  };
#undef ENTRY
  return all;
}

}  // namespace
}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuGetErrorName(CUresult code, const char** name) {
  const Status* status = status_of(code);
  if (name) *name = status ? status->name : nullptr;
  return status && name ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char** text) {
  const Status* status = status_of(code);
  if (text) *text = status ? status->text.c_str() : nullptr;
  return status && text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetProcAddress_v2(const char* name, void** address, int version, cuuint64_t flags,
                             CUdriverProcAddressQueryResult* status) {
  if (name == nullptr || address == nullptr || flags > CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  std::lock_guard guard(driver().lock);
  if (!driver().configured) configure("");
  CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  int newest = 0;
  *address = nullptr;
  for (const Function& each : functions()) {
    if (each.base() != name || each.since > driver().options.driver) continue;
    if (found == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND) found = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
    if (each.since > version || each.since < newest) continue;
    found = CU_GET_PROC_ADDRESS_SUCCESS;
    newest = each.since;
    *address = each.address;
  }
  if (status) *status = found;
  return CUDA_SUCCESS;
}
