package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that allocate memory. */
record DriverMemory(
    MemorySegment memAlloc,
    MemorySegment memFree,
    MemorySegment memHostAlloc,
    MemorySegment memHostGetDevicePointer,
    MemorySegment memFreeHost) {
  // CUresult cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize)
  private static final MethodHandle MEM_ALLOC = C.function(C.INT, C.POINTER, C.INT64);
  // CUresult cuMemFree_v2(CUdeviceptr dptr)
  private static final MethodHandle MEM_FREE = C.function(C.INT, C.INT64);
  // CUresult cuMemHostAlloc(void **pp, size_t bytesize, unsigned int Flags)
  private static final MethodHandle MEM_HOST_ALLOC = C.function(C.INT, C.POINTER, C.INT64, C.INT);
  // CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr *pdptr, void *p, unsigned int Flags)
  private static final MethodHandle MEM_HOST_GET_DEVICE_POINTER =
      C.function(C.INT, C.POINTER, C.POINTER, C.INT);
  // CUresult cuMemFreeHost(void *p)
  private static final MethodHandle MEM_FREE_HOST = C.function(C.INT, C.POINTER);

  static DriverMemory of(Symbols symbols) {
    return new DriverMemory(
        symbols.address("cuMemAlloc_v2"),
        symbols.address("cuMemFree_v2"),
        symbols.address("cuMemHostAlloc"),
        symbols.address("cuMemHostGetDevicePointer_v2"),
        symbols.address("cuMemFreeHost"));
  }

  int memAlloc(MemorySegment out, long bytes) {
    try {
      return (int) MEM_ALLOC.invokeExact(memAlloc, out, bytes);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memFree(long address) {
    try {
      return (int) MEM_FREE.invokeExact(memFree, address);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memHostAlloc(MemorySegment out, long bytes, int flags) {
    try {
      return (int) MEM_HOST_ALLOC.invokeExact(memHostAlloc, out, bytes, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memHostGetDevicePointer(MemorySegment out, MemorySegment p, int flags) {
    try {
      return (int) MEM_HOST_GET_DEVICE_POINTER.invokeExact(memHostGetDevicePointer, out, p, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memFreeHost(MemorySegment p) {
    try {
      return (int) MEM_FREE_HOST.invokeExact(memFreeHost, p);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
