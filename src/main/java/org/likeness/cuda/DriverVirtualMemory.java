package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that reserve addresses and put memory behind them. */
record DriverVirtualMemory(
    MemorySegment memGetAllocationGranularity,
    MemorySegment memAddressReserve,
    MemorySegment memAddressFree,
    MemorySegment memCreate,
    MemorySegment memRelease,
    MemorySegment memMap,
    MemorySegment memUnmap,
    MemorySegment memSetAccess) {
  // CUresult cuMemGetAllocationGranularity(size_t *granularity, const CUmemAllocationProp *prop,
  //     CUmemAllocationGranularity_flags option)
  private static final MethodHandle MEM_GET_ALLOCATION_GRANULARITY =
      C.function(C.INT, C.POINTER, C.POINTER, C.INT);
  // CUresult cuMemAddressReserve(CUdeviceptr *ptr, size_t size, size_t alignment, CUdeviceptr addr,
  //     unsigned long long flags)
  private static final MethodHandle MEM_ADDRESS_RESERVE =
      C.function(C.INT, C.POINTER, C.INT64, C.INT64, C.INT64, C.INT64);
  // CUresult cuMemAddressFree(CUdeviceptr ptr, size_t size)
  private static final MethodHandle MEM_ADDRESS_FREE = C.function(C.INT, C.INT64, C.INT64);
  // CUresult cuMemCreate(CUmemGenericAllocationHandle *handle, size_t size,
  //     const CUmemAllocationProp *prop, unsigned long long flags)
  private static final MethodHandle MEM_CREATE =
      C.function(C.INT, C.POINTER, C.INT64, C.POINTER, C.INT64);
  // CUresult cuMemRelease(CUmemGenericAllocationHandle handle)
  private static final MethodHandle MEM_RELEASE = C.function(C.INT, C.INT64);
  // CUresult cuMemMap(CUdeviceptr ptr, size_t size, size_t offset,
  //     CUmemGenericAllocationHandle handle, unsigned long long flags)
  private static final MethodHandle MEM_MAP =
      C.function(C.INT, C.INT64, C.INT64, C.INT64, C.INT64, C.INT64);
  // CUresult cuMemUnmap(CUdeviceptr ptr, size_t size)
  private static final MethodHandle MEM_UNMAP = C.function(C.INT, C.INT64, C.INT64);
  // CUresult cuMemSetAccess(CUdeviceptr ptr, size_t size, const CUmemAccessDesc *desc,
  //     size_t count)
  private static final MethodHandle MEM_SET_ACCESS =
      C.function(C.INT, C.INT64, C.INT64, C.POINTER, C.INT64);

  static DriverVirtualMemory of(Symbols symbols) {
    return new DriverVirtualMemory(
        symbols.address("cuMemGetAllocationGranularity"),
        symbols.address("cuMemAddressReserve"),
        symbols.address("cuMemAddressFree"),
        symbols.address("cuMemCreate"),
        symbols.address("cuMemRelease"),
        symbols.address("cuMemMap"),
        symbols.address("cuMemUnmap"),
        symbols.address("cuMemSetAccess"));
  }

  int memGetAllocationGranularity(MemorySegment granularity, MemorySegment prop, int option) {
    try {
      return (int)
          MEM_GET_ALLOCATION_GRANULARITY.invokeExact(
              memGetAllocationGranularity, granularity, prop, option);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memAddressReserve(MemorySegment out, long size, long alignment, long wanted, long flags) {
    try {
      return (int)
          MEM_ADDRESS_RESERVE.invokeExact(memAddressReserve, out, size, alignment, wanted, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memAddressFree(long address, long size) {
    try {
      return (int) MEM_ADDRESS_FREE.invokeExact(memAddressFree, address, size);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memCreate(MemorySegment handle, long size, MemorySegment prop, long flags) {
    try {
      return (int) MEM_CREATE.invokeExact(memCreate, handle, size, prop, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memRelease(long handle) {
    try {
      return (int) MEM_RELEASE.invokeExact(memRelease, handle);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memMap(long address, long size, long offset, long handle, long flags) {
    try {
      return (int) MEM_MAP.invokeExact(memMap, address, size, offset, handle, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memUnmap(long address, long size) {
    try {
      return (int) MEM_UNMAP.invokeExact(memUnmap, address, size);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memSetAccess(long address, long size, MemorySegment desc, long count) {
    try {
      return (int) MEM_SET_ACCESS.invokeExact(memSetAccess, address, size, desc, count);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
