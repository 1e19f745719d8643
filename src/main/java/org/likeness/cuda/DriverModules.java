package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that load PTX and describe its kernels. */
record DriverModules(
    MemorySegment moduleLoadDataEx,
    MemorySegment moduleUnload,
    MemorySegment moduleGetFunction,
    MemorySegment funcLoad,
    MemorySegment funcGetParamInfo,
    MemorySegment funcGetAttribute,
    MemorySegment funcSetAttribute,
    MemorySegment occupancyMaxActiveBlocksPerMultiprocessor,
    MemorySegment launchKernel) {
  // CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions,
  //     CUjit_option *options, void **optionValues)
  private static final MethodHandle MODULE_LOAD_DATA_EX =
      C.function(C.INT, C.POINTER, C.POINTER, C.INT, C.POINTER, C.POINTER);
  // CUresult cuModuleUnload(CUmodule hmod)
  private static final MethodHandle MODULE_UNLOAD = C.function(C.INT, C.HANDLE);
  // CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name)
  private static final MethodHandle MODULE_GET_FUNCTION =
      C.function(C.INT, C.POINTER, C.HANDLE, C.POINTER);
  // CUresult cuFuncLoad(CUfunction function)
  private static final MethodHandle FUNC_LOAD = C.function(C.INT, C.HANDLE);
  // CUresult cuFuncGetParamInfo(CUfunction func, size_t paramIndex, size_t *paramOffset,
  //     size_t *paramSize)
  private static final MethodHandle FUNC_GET_PARAM_INFO =
      C.function(C.INT, C.HANDLE, C.INT64, C.POINTER, C.POINTER);
  // CUresult cuFuncGetAttribute(int *pi, CUfunction_attribute attrib, CUfunction hfunc)
  private static final MethodHandle FUNC_GET_ATTRIBUTE =
      C.function(C.INT, C.POINTER, C.INT, C.HANDLE);
  // CUresult cuFuncSetAttribute(CUfunction hfunc, CUfunction_attribute attrib, int value)
  private static final MethodHandle FUNC_SET_ATTRIBUTE = C.function(C.INT, C.HANDLE, C.INT, C.INT);
  // CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *numBlocks, CUfunction func,
  //     int blockSize, size_t dynamicSMemSize)
  private static final MethodHandle OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR =
      C.function(C.INT, C.POINTER, C.HANDLE, C.INT, C.INT64);
  // CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
  //     unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
  //     unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream, void **kernelParams,
  //     void **extra)
  private static final MethodHandle LAUNCH_KERNEL =
      C.function(
          C.INT, C.HANDLE, C.INT, C.INT, C.INT, C.INT, C.INT, C.INT, C.INT, C.HANDLE, C.POINTER,
          C.POINTER);

  static DriverModules of(Symbols symbols) {
    return new DriverModules(
        symbols.address("cuModuleLoadDataEx"),
        symbols.address("cuModuleUnload"),
        symbols.address("cuModuleGetFunction"),
        symbols.address("cuFuncLoad"),
        symbols.address("cuFuncGetParamInfo"),
        symbols.address("cuFuncGetAttribute"),
        symbols.address("cuFuncSetAttribute"),
        symbols.address("cuOccupancyMaxActiveBlocksPerMultiprocessor"),
        symbols.address("cuLaunchKernel"));
  }

  int moduleLoadDataEx(
      MemorySegment out,
      MemorySegment image,
      int numOptions,
      MemorySegment options,
      MemorySegment optionValues) {
    try {
      return (int)
          MODULE_LOAD_DATA_EX.invokeExact(
              moduleLoadDataEx, out, image, numOptions, options, optionValues);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int moduleUnload(long module) {
    try {
      return (int) MODULE_UNLOAD.invokeExact(moduleUnload, module);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int moduleGetFunction(MemorySegment out, long module, MemorySegment name) {
    try {
      return (int) MODULE_GET_FUNCTION.invokeExact(moduleGetFunction, out, module, name);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int funcLoad(long function) {
    try {
      return (int) FUNC_LOAD.invokeExact(funcLoad, function);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int funcGetParamInfo(
      long function, long paramIndex, MemorySegment paramOffset, MemorySegment paramSize) {
    try {
      return (int)
          FUNC_GET_PARAM_INFO.invokeExact(
              funcGetParamInfo, function, paramIndex, paramOffset, paramSize);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int funcGetAttribute(MemorySegment out, int attribute, long function) {
    try {
      return (int) FUNC_GET_ATTRIBUTE.invokeExact(funcGetAttribute, out, attribute, function);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int funcSetAttribute(long function, int attribute, int value) {
    try {
      return (int) FUNC_SET_ATTRIBUTE.invokeExact(funcSetAttribute, function, attribute, value);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int occupancyMaxActiveBlocksPerMultiprocessor(
      MemorySegment out, long function, int blockSize, long dynamicSMemSize) {
    try {
      return (int)
          OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR.invokeExact(
              occupancyMaxActiveBlocksPerMultiprocessor, out, function, blockSize, dynamicSMemSize);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int launchKernel(
      long function,
      int gridDimX,
      int gridDimY,
      int gridDimZ,
      int blockDimX,
      int blockDimY,
      int blockDimZ,
      int sharedMemBytes,
      long stream,
      MemorySegment kernelParams,
      MemorySegment extra) {
    try {
      return (int)
          LAUNCH_KERNEL.invokeExact(
              launchKernel,
              function,
              gridDimX,
              gridDimY,
              gridDimZ,
              blockDimX,
              blockDimY,
              blockDimZ,
              sharedMemBytes,
              stream,
              kernelParams,
              extra);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
