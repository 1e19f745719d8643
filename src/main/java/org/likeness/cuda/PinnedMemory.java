package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory that stays where it is, so that copies from and to it need not wait. */
public final class PinnedMemory implements AutoCloseable {
  /** CU_MEMHOSTALLOC_PORTABLE and CU_MEMHOSTALLOC_DEVICEMAP. */
  static final int PORTABLE = 1;

  static final int MAPPED = 2;

  private final CudaContext context;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private final LeakAlarm alarm;

  private PinnedMemory(CudaContext context, MemorySegment unsized, long bytes) {
    this.context = context;
    segment = unsized.reinterpret(bytes, arena, null);
    alarm = LeakAlarm.on(this, bytes + " pinned bytes");
  }

  static PinnedMemory allocate(CudaContext context, long bytes) {
    context.enter();
    long address =
        context
            .health()
            .made(
                "cuMemHostAlloc",
                out -> context.functions().memory().memHostAlloc(out, bytes, PORTABLE | MAPPED),
                bytes,
                PORTABLE | MAPPED);
    return new PinnedMemory(context, MemorySegment.ofAddress(address), bytes);
  }

  /** Returns the memory, which any thread may use until it is closed. */
  public MemorySegment segment() {
    return segment;
  }

  /** Returns where kernels find the memory, which they reach over the bus. */
  public long deviceAddress() {
    context.enter();
    return context
        .health()
        .made(
            "cuMemHostGetDevicePointer_v2",
            out -> context.functions().memory().memHostGetDevicePointer(out, segment, 0),
            DeviceMemory.hex(segment.address()),
            0);
  }

  /** Frees the memory; no copy from or to it may be under way. */
  @Override
  public void close() {
    if (alarm.disarm()) {
      long address = segment.address();
      arena.close();
      if (context.enterToRelease()) {
        context
            .health()
            .checkRelease(
                context.functions().memory().memFreeHost(MemorySegment.ofAddress(address)),
                "cuMemFreeHost",
                DeviceMemory.hex(address));
      }
    }
  }
}
