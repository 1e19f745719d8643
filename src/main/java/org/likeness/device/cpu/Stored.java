package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;

/** How a tensor lies in the CPU device's memory, and the way there and back. */
interface Stored {
  /** Returns the bytes it takes, padding included. */
  long bytes();

  /** Copies dense contents into the stored form; padding becomes zero. */
  void pack(MemorySegment dense, MemorySegment stored);

  /** Copies stored contents into the dense form. */
  void unpack(MemorySegment stored, MemorySegment dense);

  /** Returns the form that is the dense one. */
  static Stored dense(long bytes) {
    return new Stored() {
      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public void pack(MemorySegment dense, MemorySegment stored) {
        MemorySegment.copy(dense, 0, stored, 0, bytes);
      }

      @Override
      public void unpack(MemorySegment stored, MemorySegment dense) {
        MemorySegment.copy(stored, 0, dense, 0, bytes);
      }
    };
  }
}
