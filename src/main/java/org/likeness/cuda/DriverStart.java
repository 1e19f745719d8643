package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that concern it as a whole, and those that describe its GPUs. */
record DriverStart(
    MemorySegment init,
    MemorySegment driverGetVersion,
    MemorySegment getErrorName,
    MemorySegment getErrorString,
    MemorySegment deviceGetCount,
    MemorySegment deviceGet,
    MemorySegment deviceGetName,
    MemorySegment deviceGetUuid,
    MemorySegment deviceTotalMem,
    MemorySegment deviceGetAttribute) {
  // CUresult cuInit(unsigned int Flags)
  private static final MethodHandle INIT = C.function(C.INT, C.INT);
  // CUresult cuDriverGetVersion(int *driverVersion)
  private static final MethodHandle DRIVER_GET_VERSION = C.function(C.INT, C.POINTER);
  // CUresult cuGetErrorName(CUresult error, const char **pStr)
  private static final MethodHandle GET_ERROR_NAME = C.function(C.INT, C.INT, C.POINTER);
  // CUresult cuGetErrorString(CUresult error, const char **pStr)
  private static final MethodHandle GET_ERROR_STRING = C.function(C.INT, C.INT, C.POINTER);
  // CUresult cuDeviceGetCount(int *count)
  private static final MethodHandle DEVICE_GET_COUNT = C.function(C.INT, C.POINTER);
  // CUresult cuDeviceGet(CUdevice *device, int ordinal)
  private static final MethodHandle DEVICE_GET = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuDeviceGetName(char *name, int len, CUdevice dev)
  private static final MethodHandle DEVICE_GET_NAME = C.function(C.INT, C.POINTER, C.INT, C.INT);
  // CUresult cuDeviceGetUuid_v2(CUuuid *uuid, CUdevice dev)
  private static final MethodHandle DEVICE_GET_UUID = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice dev)
  private static final MethodHandle DEVICE_TOTAL_MEM = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuDeviceGetAttribute(int *pi, CUdevice_attribute attrib, CUdevice dev)
  private static final MethodHandle DEVICE_GET_ATTRIBUTE =
      C.function(C.INT, C.POINTER, C.INT, C.INT);

  static DriverStart of(Symbols symbols) {
    return new DriverStart(
        symbols.address("cuInit"),
        symbols.address("cuDriverGetVersion"),
        symbols.address("cuGetErrorName"),
        symbols.address("cuGetErrorString"),
        symbols.address("cuDeviceGetCount"),
        symbols.address("cuDeviceGet"),
        symbols.address("cuDeviceGetName"),
        symbols.address("cuDeviceGetUuid_v2"),
        symbols.address("cuDeviceTotalMem_v2"),
        symbols.address("cuDeviceGetAttribute"));
  }

  int init(int flags) {
    try {
      return (int) INIT.invokeExact(init, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int driverGetVersion(MemorySegment driverVersion) {
    try {
      return (int) DRIVER_GET_VERSION.invokeExact(driverGetVersion, driverVersion);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int getErrorName(int error, MemorySegment text) {
    try {
      return (int) GET_ERROR_NAME.invokeExact(getErrorName, error, text);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int getErrorString(int error, MemorySegment text) {
    try {
      return (int) GET_ERROR_STRING.invokeExact(getErrorString, error, text);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetCount(MemorySegment count) {
    try {
      return (int) DEVICE_GET_COUNT.invokeExact(deviceGetCount, count);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGet(MemorySegment out, int ordinal) {
    try {
      return (int) DEVICE_GET.invokeExact(deviceGet, out, ordinal);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetName(MemorySegment name, int len, int device) {
    try {
      return (int) DEVICE_GET_NAME.invokeExact(deviceGetName, name, len, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetUuid(MemorySegment uuid, int device) {
    try {
      return (int) DEVICE_GET_UUID.invokeExact(deviceGetUuid, uuid, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceTotalMem(MemorySegment bytes, int device) {
    try {
      return (int) DEVICE_TOTAL_MEM.invokeExact(deviceTotalMem, bytes, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetAttribute(MemorySegment out, int attribute, int device) {
    try {
      return (int) DEVICE_GET_ATTRIBUTE.invokeExact(deviceGetAttribute, out, attribute, device);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
