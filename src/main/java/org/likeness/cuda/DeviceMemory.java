package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Objects;

/** One allocation of device memory. */
public final class DeviceMemory implements AutoCloseable {
  private final CudaContext context;
  private final long address;
  private final long bytes;
  private final LeakAlarm alarm;

  private DeviceMemory(CudaContext context, long address, long bytes) {
    this.context = context;
    this.address = address;
    this.bytes = bytes;
    alarm = LeakAlarm.on(this, bytes + " bytes of " + context);
  }

  static DeviceMemory borrow(CudaContext context, long address, long bytes) {
    DeviceMemory memory = new DeviceMemory(context, address, bytes);
    memory.alarm.disarm();
    return memory;
  }

  static DeviceMemory allocate(CudaContext context, long bytes) {
    context.enter();
    Health health = context.health();
    try {
      long address =
          health.made(
              "cuMemAlloc_v2", out -> context.functions().memory().memAlloc(out, bytes), bytes);
      return new DeviceMemory(context, address, bytes);
    } catch (CudaException e) {
      throw e.outOfMemory() ? lacking(context, e) : e;
    }
  }

  /** Adds to a failure how much memory there is. */
  static CudaException lacking(CudaContext context, CudaException failure) {
    CudaContext.MemoryInfo memory = context.memoryInfo();
    return failure.with(
        String.format(Locale.ROOT, "; %,d of %,d bytes are free", memory.free(), memory.total()));
  }

  /** Returns the first byte's device address: the driver's {@code CUdeviceptr}. */
  public long address() {
    return address;
  }

  /** Returns the size. */
  public long bytes() {
    return bytes;
  }

  /** Copies from the host and waits; {@code from} may be any native memory. */
  public void write(long offset, MemorySegment from) {
    long n = from.byteSize();
    Objects.checkFromIndexSize(offset, n, bytes);
    context.enter();
    context
        .health()
        .check(
            context.functions().copies().memcpyHtoD(address + offset, from, n),
            "cuMemcpyHtoD_v2",
            hex(address + offset),
            hex(from.address()),
            n);
  }

  /** Copies to the host and waits; {@code to} may be any native memory. */
  public void read(long offset, MemorySegment to) {
    long n = to.byteSize();
    Objects.checkFromIndexSize(offset, n, bytes);
    context.enter();
    context
        .health()
        .check(
            context.functions().copies().memcpyDtoH(to, address + offset, n),
            "cuMemcpyDtoH_v2",
            hex(to.address()),
            hex(address + offset),
            n);
  }

  /** Returns an address or handle as messages show it. */
  static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      context
          .health()
          .checkRelease(
              context.functions().memory().memFree(address), "cuMemFree_v2", hex(address));
    }
  }

  @Override
  public String toString() {
    return hex(address) + " (" + bytes + " bytes)";
  }
}
