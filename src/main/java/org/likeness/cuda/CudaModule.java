package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.ffi.C;

/** PTX that the driver has compiled for a GPU and loaded there. */
public final class CudaModule implements AutoCloseable {
  static final int ERROR_LOG_BUFFER = 5;
  static final int ERROR_LOG_BYTES = 6;
  private static final int LOG_BYTES = 16 << 10;

  private final CudaContext context;
  private final String name;
  private final long handle;
  private final LeakAlarm alarm;

  private CudaModule(CudaContext context, String name, long handle) {
    this.context = context;
    this.name = name;
    this.handle = handle;
    alarm = LeakAlarm.on(this, "module " + name);
  }

  static CudaModule load(CudaContext context, String name, byte[] ptx) {
    context.enter();
    DriverModules modules = context.functions().modules();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image =
          arena.allocate(ptx.length + 1L); // one NUL more, which may be the second
      MemorySegment.copy(ptx, 0, image, C.BYTE, 0, ptx.length);
      MemorySegment log = arena.allocate(LOG_BYTES);
      MemorySegment options = arena.allocateFrom(C.INT, ERROR_LOG_BUFFER, ERROR_LOG_BYTES);
      MemorySegment values = arena.allocate(C.POINTER, 2);
      values.setAtIndex(C.POINTER, 0, log);
      values.setAtIndex(C.POINTER, 1, MemorySegment.ofAddress(LOG_BYTES)); // a number, not a place
      MemorySegment out = arena.allocate(C.HANDLE);
      int status = modules.moduleLoadDataEx(out, image, 2, options, values);
      if (status != CudaStatus.SUCCESS) {
        throw context.health().failed(status, "cuModuleLoadDataEx", name).with(advice(status, log));
      }
      return new CudaModule(context, name, out.get(C.HANDLE, 0));
    }
  }

  private static String advice(int status, MemorySegment log) {
    String said = log.getString(0).strip();
    String advice =
        status == CudaStatus.UNSUPPORTED_PTX_VERSION
            ? "; the driver is older than these kernels, install R550 or newer"
            : "";
    return advice + (said.isEmpty() ? "" : "; the compiler said: " + said);
  }

  /**
   * Finds a kernel and loads its code now rather than at its first launch.
   *
   * @param entry its name in the PTX
   */
  public CudaFunction function(String entry) {
    context.enter();
    DriverModules modules = context.functions().modules();
    long function;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(entry);
      function =
          context
              .health()
              .made(
                  "cuModuleGetFunction",
                  out -> modules.moduleGetFunction(out, handle, text),
                  name,
                  entry);
    }
    context.health().check(modules.funcLoad(function), "cuFuncLoad", entry);
    return new CudaFunction(context, entry, function);
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      context
          .health()
          .checkRelease(context.functions().modules().moduleUnload(handle), "cuModuleUnload", name);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
