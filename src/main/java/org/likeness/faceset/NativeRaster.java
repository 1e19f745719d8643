package org.likeness.faceset;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/** A square picture // (size, size, channels) in native memory that both Java and OpenCV see. */
final class NativeRaster {
  private static final int ALIGNMENT = 64;

  private final MemorySegment memory;
  private final Mat mat;

  /** JavaCPP's view of memory that it does not own. */
  private static final class Address extends Pointer {
    Address(MemorySegment memory) {
      address = memory.address();
    }
  }

  private NativeRaster(int size, int type, int bytesPerPixel) {
    memory = Arena.ofAuto().allocate((long) bytesPerPixel * size * size, ALIGNMENT);
    mat = new Mat(size, size, type, new Address(memory), Mat.AUTO_STEP);
  }

  static NativeRaster floats(int size, int channels) {
    return new NativeRaster(size, opencv_core.CV_32FC(channels), 4 * channels);
  }

  static NativeRaster shorts(int size, int channels) {
    int type = channels == 1 ? opencv_core.CV_16UC1 : opencv_core.CV_16SC(channels);
    return new NativeRaster(size, type, 2 * channels);
  }

  MemorySegment memory() {
    return memory;
  }

  Mat mat() {
    return mat;
  }

  /** Copies as many values as fit here. */
  NativeRaster put(float[] values, int count) {
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, count);
    return this;
  }

  void get(float[] values, int count) {
    MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, values, 0, count);
  }
}
