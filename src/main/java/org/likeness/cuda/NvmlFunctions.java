package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of NVML that read sensors. */
record NvmlFunctions(
    MemorySegment initAddress,
    MemorySegment shutdownAddress,
    MemorySegment errorString,
    MemorySegment systemGetDriverVersion,
    MemorySegment deviceGetHandleByUuid,
    MemorySegment deviceGetClockInfo,
    MemorySegment deviceGetTemperature,
    MemorySegment deviceGetPowerUsage,
    MemorySegment deviceGetMemoryInfo) {
  // nvmlReturn_t nvmlInit_v2(void)
  private static final MethodHandle INIT = C.function(C.INT);
  // nvmlReturn_t nvmlShutdown(void)
  private static final MethodHandle SHUTDOWN = C.function(C.INT);
  // const char *nvmlErrorString(nvmlReturn_t result)
  private static final MethodHandle ERROR_STRING = C.function(C.POINTER, C.INT);
  // nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length)
  private static final MethodHandle SYSTEM_GET_DRIVER_VERSION = C.function(C.INT, C.POINTER, C.INT);
  // nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device)
  private static final MethodHandle DEVICE_GET_HANDLE_BY_UUID =
      C.function(C.INT, C.POINTER, C.POINTER);
  // nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned *MHz)
  private static final MethodHandle DEVICE_GET_CLOCK_INFO =
      C.function(C.INT, C.HANDLE, C.INT, C.POINTER);
  // nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t, unsigned
  // *)
  private static final MethodHandle DEVICE_GET_TEMPERATURE =
      C.function(C.INT, C.HANDLE, C.INT, C.POINTER);
  // nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts)
  private static final MethodHandle DEVICE_GET_POWER_USAGE = C.function(C.INT, C.HANDLE, C.POINTER);
  // nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
  private static final MethodHandle DEVICE_GET_MEMORY_INFO = C.function(C.INT, C.HANDLE, C.POINTER);

  static NvmlFunctions of(NativeLibrary.Exports exports) {
    return new NvmlFunctions(
        exports.address("nvmlInit_v2"),
        exports.address("nvmlShutdown"),
        exports.address("nvmlErrorString"),
        exports.address("nvmlSystemGetDriverVersion"),
        exports.address("nvmlDeviceGetHandleByUUID"),
        exports.address("nvmlDeviceGetClockInfo"),
        exports.address("nvmlDeviceGetTemperature"),
        exports.address("nvmlDeviceGetPowerUsage"),
        exports.address("nvmlDeviceGetMemoryInfo"));
  }

  int init() {
    try {
      return (int) INIT.invokeExact(initAddress);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int shutdown() {
    try {
      return (int) SHUTDOWN.invokeExact(shutdownAddress);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  MemorySegment errorString(int status) {
    try {
      return (MemorySegment) ERROR_STRING.invokeExact(errorString, status);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int systemGetDriverVersion(MemorySegment version, int length) {
    try {
      return (int) SYSTEM_GET_DRIVER_VERSION.invokeExact(systemGetDriverVersion, version, length);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetHandleByUuid(MemorySegment uuid, MemorySegment out) {
    try {
      return (int) DEVICE_GET_HANDLE_BY_UUID.invokeExact(deviceGetHandleByUuid, uuid, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetClockInfo(long device, int type, MemorySegment out) {
    try {
      return (int) DEVICE_GET_CLOCK_INFO.invokeExact(deviceGetClockInfo, device, type, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetTemperature(long device, int sensor, MemorySegment out) {
    try {
      return (int) DEVICE_GET_TEMPERATURE.invokeExact(deviceGetTemperature, device, sensor, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetPowerUsage(long device, MemorySegment out) {
    try {
      return (int) DEVICE_GET_POWER_USAGE.invokeExact(deviceGetPowerUsage, device, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int deviceGetMemoryInfo(long device, MemorySegment out) {
    try {
      return (int) DEVICE_GET_MEMORY_INFO.invokeExact(deviceGetMemoryInfo, device, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
