package org.likeness.faceset;

import java.lang.foreign.MemorySegment;
import org.bytedeco.opencv.global.opencv_core;

/**
 * Rounds planes of a sample // (size, size, channels), 0..1, to bytes: 255 times the value, limited
 * to a byte, halves to even. Owns the memory for it.
 */
final class Packing {
  private static final double ONE = 255;

  private final long count;
  private final NativeRaster floats; // (size, size, channels)
  private final NativeRaster bytes; // (size, size, channels)

  Packing(int size, int channels) {
    count = (long) size * size * channels;
    floats = NativeRaster.floats(size, channels);
    bytes = NativeRaster.bytes(size, channels);
  }

  /** Writes sample {@code slot} of {@code to} // (batch, size, size, channels). */
  void pack(float[] values, MemorySegment to, int slot) {
    pack(floats.put(values), to, slot);
  }

  /** The same of a raster without a margin. */
  void pack(NativeRaster values, MemorySegment to, int slot) {
    values.mat().convertTo(bytes.mat(), opencv_core.CV_8U, ONE, 0);
    MemorySegment.copy(bytes.memory(), 0, to, count * slot, count);
  }
}
