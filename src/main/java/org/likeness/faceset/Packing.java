package org.likeness.faceset;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rounds planes of a sample // (size, size, channels), 0..1, to bytes: 255 times the value, limited
 * to a byte, halves up.
 */
final class Packing {
  private static final float ONE = 255;

  private final byte[] bytes;

  Packing(int size, int channels) {
    bytes = new byte[size * size * channels];
  }

  /** Writes sample {@code slot} of {@code to} // (batch, size, size, channels). */
  void pack(float[] values, MemorySegment to, int slot) {
    pack(values, bytes.length, to, (long) slot * bytes.length);
  }

  /** Writes {@code count} values from byte {@code at} on. */
  void pack(float[] values, int count, MemorySegment to, long at) {
    for (int i = 0; i < count; i++) { // in vectors
      float limited = Math.max(0f, Math.min(1f, values[i]));
      bytes[i] = (byte) (int) (limited * ONE + 0.5f);
    }
    MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, at, count);
  }
}
