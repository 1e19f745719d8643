package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.ffi.C;

/**
 * The primary context of a GPU: what makes memory, streams, events and modules on it. Those methods
 * and {@code close} make it current by themselves; a thread that launches, copies or records calls
 * {@link #enter} once before. After a kernel's fault everything here fails with the first cause.
 */
public final class CudaContext implements AutoCloseable {
  static final int NON_BLOCKING = 1;
  static final int BLOCKING_SYNC = 1;
  static final int DISABLE_TIMING = 2;

  private final DriverFunctions functions;
  private final Gpu gpu;
  private final Health health;
  private final long handle;
  private final LeakAlarm alarm;

  private CudaContext(DriverFunctions functions, Gpu gpu, Health health, long handle) {
    this.functions = functions;
    this.gpu = gpu;
    this.health = health;
    this.handle = handle;
    alarm = LeakAlarm.on(this, "the context of " + health);
  }

  static CudaContext retain(DriverFunctions functions, Gpu gpu) {
    Health health = new Health(functions.start(), gpu.device() + " (" + gpu.name() + ")");
    long handle =
        health.made(
            "cuDevicePrimaryCtxRetain",
            out -> functions.contexts().devicePrimaryCtxRetain(out, gpu.ordinal()),
            gpu.ordinal());
    CudaContext context = new CudaContext(functions, gpu, health, handle);
    try {
      context.enter();
      return context;
    } catch (CudaException e) {
      context.close();
      throw e;
    }
  }

  /** Makes the context current on this thread. */
  public void enter() {
    health.ensureUsable();
    health.check(functions.contexts().ctxSetCurrent(handle), "cuCtxSetCurrent");
  }

  /** Returns what the driver says of the GPU. */
  public Gpu gpu() {
    return gpu;
  }

  /** Bytes of the GPU's memory, over all processes. */
  public record MemoryInfo(long free, long total) {}

  /** Returns how much memory the GPU has and how much of it nothing uses. */
  public MemoryInfo memoryInfo() {
    enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(C.INT64);
      MemorySegment total = arena.allocate(C.INT64);
      health.check(functions.contexts().memGetInfo(free, total), "cuMemGetInfo_v2");
      return new MemoryInfo(free.get(C.INT64, 0), total.get(C.INT64, 0));
    }
  }

  /** Allocates device memory, its contents undefined; the address is a multiple of 256. */
  public DeviceMemory allocate(long bytes) {
    return DeviceMemory.allocate(this, bytes);
  }

  /** Reserves a range of addresses that memory can be put behind, a part at a time. */
  public VirtualMemory reserve(long bytes) {
    return VirtualMemory.reserve(this, bytes);
  }

  /** Allocates host memory that the GPU copies from and to at full speed and without waiting. */
  public PinnedMemory pin(long bytes) {
    return PinnedMemory.allocate(this, bytes);
  }

  /** Makes a stream that does not wait for the legacy one. */
  public CudaStream stream() {
    enter();
    return CudaStream.own(
        this,
        health.made(
            "cuStreamCreate",
            out -> functions.streams().streamCreate(out, NON_BLOCKING),
            NON_BLOCKING));
  }

  /**
   * Returns a stream that another library made in this context, by its {@code CUstream}; 0 is the
   * legacy stream. Closing it leaves it to its owner.
   */
  public CudaStream borrowStream(long handle) {
    return CudaStream.borrow(this, handle);
  }

  /**
   * Returns device memory that another library allocated, by its {@code CUdeviceptr} and size in
   * bytes. Closing it leaves it to its owner.
   */
  public DeviceMemory borrowMemory(long address, long bytes) {
    return DeviceMemory.borrow(this, address, bytes);
  }

  /** Makes an event to order streams by, or to wait for asleep; it tells no time. */
  public CudaEvent event() {
    return event(BLOCKING_SYNC | DISABLE_TIMING);
  }

  /** Makes an event that also tells when the stream came to it. */
  public CudaEvent timer() {
    return event(0);
  }

  private CudaEvent event(int flags) {
    enter();
    return new CudaEvent(
        this,
        health.made("cuEventCreate", out -> functions.streams().eventCreate(out, flags), flags));
  }

  /**
   * Compiles PTX for this GPU and loads it.
   *
   * @param name how messages call it, such as "conv_forward.sm80"
   * @param ptx its text, with or without a NUL at the end
   * @throws CudaException with the compiler's own words
   */
  public CudaModule load(String name, byte[] ptx) {
    return CudaModule.load(this, name, ptx);
  }

  DriverFunctions functions() {
    return functions;
  }

  Health health() {
    return health;
  }

  /**
   * Makes the context current so that something can be given back; false when nothing needs to be,
   * as the context took it along. Never fails: what follows does.
   */
  boolean enterToRelease() {
    boolean open = !health.closed();
    if (open) {
      functions.contexts().ctxSetCurrent(handle);
    }
    return open;
  }

  /** Gives the context back; with the last one of this process, everything on it goes. */
  @Override
  public void close() {
    if (alarm.disarm()) {
      health.close();
      health.checkRelease(
          functions.contexts().devicePrimaryCtxRelease(gpu.ordinal()),
          "cuDevicePrimaryCtxRelease_v2",
          gpu.ordinal());
    }
  }

  @Override
  public String toString() {
    return health.toString();
  }
}
