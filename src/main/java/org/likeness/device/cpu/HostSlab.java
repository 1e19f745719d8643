package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Host memory for the values of a step. */
record HostSlab(Arena arena, MemorySegment memory) implements AutoCloseable {
  /** What a slab is filled with: NaN, so that a value read before it is written shows. */
  static final byte UNWRITTEN = (byte) 0xff;

  static HostSlab allocate(long bytes) {
    Arena arena = Arena.ofShared();
    return new HostSlab(arena, arena.allocate(bytes, CpuDevice.ALIGNMENT).fill(UNWRITTEN));
  }

  @Override
  public void close() {
    arena.close();
  }
}
