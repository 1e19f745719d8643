package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory that stays where it is, so that copies from and to it need not wait. */
public final class PinnedMemory implements AutoCloseable {
  static final int PORTABLE = 1;

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
                out -> context.functions().memory().memHostAlloc(out, bytes, PORTABLE),
                bytes,
                PORTABLE);
    return new PinnedMemory(context, MemorySegment.ofAddress(address), bytes);
  }

  /** Returns the memory, which any thread may use until it is closed. */
  public MemorySegment segment() {
    return segment;
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
