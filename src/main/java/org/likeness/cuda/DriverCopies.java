package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that copy and fill memory. */
record DriverCopies(
    MemorySegment memcpyHtoD,
    MemorySegment memcpyDtoH,
    MemorySegment memcpyHtoDAsync,
    MemorySegment memcpyDtoHAsync,
    MemorySegment memcpyDtoDAsync,
    MemorySegment memsetD8Async,
    MemorySegment memsetD32Async) {
  // CUresult cuMemcpyHtoD_v2(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount)
  private static final MethodHandle MEMCPY_HTOD = C.function(C.INT, C.INT64, C.POINTER, C.INT64);
  // CUresult cuMemcpyDtoH_v2(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount)
  private static final MethodHandle MEMCPY_DTOH = C.function(C.INT, C.POINTER, C.INT64, C.INT64);
  // CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount,
  //     CUstream hStream)
  private static final MethodHandle MEMCPY_HTOD_ASYNC =
      C.function(C.INT, C.INT64, C.HANDLE, C.INT64, C.HANDLE);
  // CUresult cuMemcpyDtoHAsync_v2(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount,
  //     CUstream hStream)
  private static final MethodHandle MEMCPY_DTOH_ASYNC =
      C.function(C.INT, C.HANDLE, C.INT64, C.INT64, C.HANDLE);
  // CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount,
  //     CUstream hStream)
  private static final MethodHandle MEMCPY_DTOD_ASYNC =
      C.function(C.INT, C.INT64, C.INT64, C.INT64, C.HANDLE);
  // CUresult cuMemsetD8Async(CUdeviceptr dstDevice, unsigned char uc, size_t N, CUstream hStream)
  private static final MethodHandle MEMSET_D8_ASYNC =
      C.function(C.INT, C.INT64, C.BYTE, C.INT64, C.HANDLE);
  // CUresult cuMemsetD32Async(CUdeviceptr dstDevice, unsigned int ui, size_t N, CUstream hStream)
  private static final MethodHandle MEMSET_D32_ASYNC =
      C.function(C.INT, C.INT64, C.INT, C.INT64, C.HANDLE);

  static DriverCopies of(Symbols symbols) {
    return new DriverCopies(
        symbols.address("cuMemcpyHtoD_v2"),
        symbols.address("cuMemcpyDtoH_v2"),
        symbols.address("cuMemcpyHtoDAsync_v2"),
        symbols.address("cuMemcpyDtoHAsync_v2"),
        symbols.address("cuMemcpyDtoDAsync_v2"),
        symbols.address("cuMemsetD8Async"),
        symbols.address("cuMemsetD32Async"));
  }

  int memcpyHtoD(long dstDevice, MemorySegment srcHost, long byteCount) {
    try {
      return (int) MEMCPY_HTOD.invokeExact(memcpyHtoD, dstDevice, srcHost, byteCount);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memcpyDtoH(MemorySegment dstHost, long srcDevice, long byteCount) {
    try {
      return (int) MEMCPY_DTOH.invokeExact(memcpyDtoH, dstHost, srcDevice, byteCount);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memcpyHtoDAsync(long dstDevice, long srcHost, long byteCount, long stream) {
    try {
      return (int)
          MEMCPY_HTOD_ASYNC.invokeExact(memcpyHtoDAsync, dstDevice, srcHost, byteCount, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memcpyDtoHAsync(long dstHost, long srcDevice, long byteCount, long stream) {
    try {
      return (int)
          MEMCPY_DTOH_ASYNC.invokeExact(memcpyDtoHAsync, dstHost, srcDevice, byteCount, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memcpyDtoDAsync(long dstDevice, long srcDevice, long byteCount, long stream) {
    try {
      return (int)
          MEMCPY_DTOD_ASYNC.invokeExact(memcpyDtoDAsync, dstDevice, srcDevice, byteCount, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memsetD8Async(long dstDevice, byte value, long count, long stream) {
    try {
      return (int) MEMSET_D8_ASYNC.invokeExact(memsetD8Async, dstDevice, value, count, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int memsetD32Async(long dstDevice, int value, long count, long stream) {
    try {
      return (int) MEMSET_D32_ASYNC.invokeExact(memsetD32Async, dstDevice, value, count, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
