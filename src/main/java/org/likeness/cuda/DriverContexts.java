package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that concern a GPU's context. */
record DriverContexts(
    MemorySegment devicePrimaryCtxRetain,
    MemorySegment devicePrimaryCtxRelease,
    MemorySegment ctxSetCurrent,
    MemorySegment memGetInfo) {
  // CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev)
  private static final MethodHandle DEVICE_PRIMARY_CTX_RETAIN = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev)
  private static final MethodHandle DEVICE_PRIMARY_CTX_RELEASE = C.function(C.INT, C.INT);
  // CUresult cuCtxSetCurrent(CUcontext ctx)
  private static final MethodHandle CTX_SET_CURRENT = C.function(C.INT, C.HANDLE);
  // CUresult cuMemGetInfo_v2(size_t *free, size_t *total)
  private static final MethodHandle MEM_GET_INFO = C.function(C.INT, C.POINTER, C.POINTER);

  static DriverContexts of(Symbols symbols) {
    return new DriverContexts(
        symbols.address("cuDevicePrimaryCtxRetain"),
        symbols.address("cuDevicePrimaryCtxRelease_v2"),
        symbols.address("cuCtxSetCurrent"),
        symbols.address("cuMemGetInfo_v2"));
  }

  int devicePrimaryCtxRetain(MemorySegment out, int device) {
    try {
      return (int) DEVICE_PRIMARY_CTX_RETAIN.invokeExact(devicePrimaryCtxRetain, out, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int devicePrimaryCtxRelease(int device) {
    try {
      return (int) DEVICE_PRIMARY_CTX_RELEASE.invokeExact(devicePrimaryCtxRelease, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int ctxSetCurrent(long ctx) {
    try {
      return (int) CTX_SET_CURRENT.invokeExact(ctxSetCurrent, ctx);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memGetInfo(MemorySegment free, MemorySegment total) {
    try {
      return (int) MEM_GET_INFO.invokeExact(memGetInfo, free, total);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
