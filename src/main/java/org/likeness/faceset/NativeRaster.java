package org.likeness.faceset;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.likeness.faceset.Resampler.Border;

/**
 * A square picture // (size, size, channels) in native memory that both Java and OpenCV see, with
 * {@code margin} pixels around it that stand for what lies outside: OpenCV reads pixels inside
 * twice as fast as those that it must look up beyond an edge.
 */
final class NativeRaster {
  private static final int ALIGNMENT = 64;

  private final int size;
  private final int margin;
  private final int bytesPerPixel;
  private final MemorySegment memory; // (side, side, channels), side = size + 2 margin
  private final Mat whole;
  private final Mat inner;

  /** JavaCPP's view of memory that it does not own. */
  private static final class Address extends Pointer {
    Address(MemorySegment memory) {
      address = memory.address();
    }
  }

  private NativeRaster(int size, int margin, int type, int bytesPerPixel) {
    int side = size + 2 * margin;
    this.size = size;
    this.margin = margin;
    this.bytesPerPixel = bytesPerPixel;
    memory = Arena.ofAuto().allocate((long) bytesPerPixel * side * side, ALIGNMENT);
    whole = new Mat(side, side, type, new Address(memory), Mat.AUTO_STEP);
    try (Rect centre = new Rect(margin, margin, size, size)) {
      inner = new Mat(whole, centre);
    }
  }

  /** Without a margin. */
  static NativeRaster floats(int size, int channels) {
    return floats(size, channels, 0);
  }

  static NativeRaster floats(int size, int channels, int margin) {
    return new NativeRaster(size, margin, opencv_core.CV_32FC(channels), 4 * channels);
  }

  static NativeRaster shorts(int size, int channels) {
    int type = channels == 1 ? opencv_core.CV_16UC1 : opencv_core.CV_16SC(channels);
    return new NativeRaster(size, 0, type, 2 * channels);
  }

  static NativeRaster bytes(int size, int channels) {
    return new NativeRaster(size, 0, opencv_core.CV_8UC(channels), channels);
  }

  MemorySegment memory() {
    return memory;
  }

  /** With the margin. */
  Mat whole() {
    return whole;
  }

  /** Without it. */
  Mat mat() {
    return inner;
  }

  /** Copies {@code values} // (size, size, channels) into the picture. */
  NativeRaster put(float[] values) {
    int row = size * bytesPerPixel / Float.BYTES;
    for (int y = 0; y < size; y++) {
      MemorySegment.copy(
          values, y * row, memory, ValueLayout.JAVA_FLOAT, at(y + margin, margin), row);
    }
    return this;
  }

  /** Copies the picture, which has no margin. */
  void get(float[] values, int count) {
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, count);
  }

  /** Fills the margin. */
  NativeRaster surround(Border border) {
    long side = size + 2L * margin;
    for (int y = margin; y < margin + size; y++) {
      for (int x = 0; x < margin; x++) {
        pixel(border, at(y, margin), at(y, x));
        pixel(border, at(y, margin + size - 1), at(y, margin + size + x));
      }
    }
    for (int y = 0; y < margin; y++) {
      row(border, at(margin, 0), at(y, 0), side);
      row(border, at(margin + size - 1, 0), at(margin + size + y, 0), side);
    }
    return this;
  }

  private void pixel(Border border, long from, long to) {
    for (int i = 0; i < bytesPerPixel; i += Float.BYTES) {
      float value =
          border == Border.ZERO ? 0 : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, from + i);
      memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to + i, value);
    }
  }

  private void row(Border border, long from, long to, long pixels) {
    long bytes = pixels * bytesPerPixel;
    if (border == Border.ZERO) {
      memory.asSlice(to, bytes).fill((byte) 0);
    } else {
      MemorySegment.copy(memory, from, memory, to, bytes);
    }
  }

  private long at(int y, int x) {
    return ((long) y * (size + 2 * margin) + x) * bytesPerPixel;
  }
}
