package org.likeness.faceset;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * {@link Resampler#sample} by OpenCV's remap, which reads the same pixels with the same weights in
 * 0.9 ms instead of 2.7 (256 px, three channels); for outputs of one size and inputs of the same
 * with a margin. Positions far outside are drawn to the margin, where every tap reads the same.
 */
final class Remap {
  /** Of the pictures read: four taps fit beside the picture. */
  static final int MARGIN = 4;

  private static final int FRACTION_BITS = 5;
  private static final int FRACTION = (1 << FRACTION_BITS) - 1;
  private static final double FINE = 1024;
  private static final float TO_INTEGER = 0x1.8p23f; // added, the sum's last bit is a whole
  private static final int TILE = 16; // a transposed tile stays in the cache
  private static final Scalar ZEROS = Scalar.all(0);

  private final int size;
  private final int margin;
  private final NativeRaster pixels; // whole part of x, and of y
  private final NativeRaster fractions; // 32 y + x
  private final int[] whole; // what pixels gets
  private final short[] rest; // what fractions gets
  private final int[] positions; // in 1/32
  private final int[] columnX; // what a column adds in 1/1024
  private final int[] columnY;

  /** Of pictures with that margin, {@link #MARGIN} or none. */
  Remap(int size, int margin) {
    this.size = size;
    this.margin = margin;
    pixels = NativeRaster.shorts(size, 2);
    fractions = NativeRaster.shorts(size, 1);
    whole = new int[size * size];
    rest = new short[size * size];
    positions = new int[size * size];
    columnX = new int[size];
    columnY = new int[size];
  }

  /** {@link Grid#affine}. */
  Remap affine(Affine m, boolean mirrored) {
    Affine inverse = m.inverse();
    for (int column = 0; column < size; column++) {
      int at = mirrored ? size - 1 - column : column;
      columnX[at] = (int) Math.rint(inverse.m00() * column * FINE);
      columnY[at] = (int) Math.rint(inverse.m10() * column * FINE);
    }
    for (int row = 0; row < size; row++) {
      int rowX = (int) Math.rint((inverse.m01() * row + inverse.m02()) * FINE) + 16;
      int rowY = (int) Math.rint((inverse.m11() * row + inverse.m12()) * FINE) + 16;
      int at = row * size;
      for (int column = 0; column < size; column++) {
        int x = (rowX + columnX[column]) >> 5;
        int y = (rowY + columnY[column]) >> 5;
        whole[at + column] = whole(x, y);
        rest[at + column] = fraction(x, y);
      }
    }
    return copied();
  }

  /** {@link Grid#symmetric}. */
  Remap symmetric(float[] mapX) {
    for (int i = 0; i < positions.length; i++) {
      // rounds half to even, as Math.rint, but in vectors; 32 v is exact
      float shifted = mapX[i] * (FRACTION + 1) + TO_INTEGER;
      positions[i] = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(TO_INTEGER);
    }
    for (int top = 0; top < size; top += TILE) {
      for (int left = 0; left < size; left += TILE) {
        tile(top, left);
      }
    }
    return copied();
  }

  private void tile(int top, int left) {
    for (int row = top; row < Math.min(size, top + TILE); row++) {
      for (int column = left; column < Math.min(size, left + TILE); column++) {
        int x = positions[row * size + column];
        int y = positions[column * size + row];
        whole[row * size + column] = whole(x, y);
        rest[row * size + column] = fraction(x, y);
      }
    }
  }

  private int whole(int x, int y) {
    return inside(x >> FRACTION_BITS) & 0xffff | inside(y >> FRACTION_BITS) << 16;
  }

  private int inside(int pixel) {
    return Math.max(-3, Math.min(pixel, size + 1)) + margin;
  }

  private static short fraction(int x, int y) {
    return (short) ((y & FRACTION) << FRACTION_BITS | x & FRACTION);
  }

  private Remap copied() {
    int n = whole.length;
    MemorySegment.copy(whole, 0, pixels.memory(), ValueLayout.JAVA_INT, 0, n);
    MemorySegment.copy(rest, 0, fractions.memory(), ValueLayout.JAVA_SHORT, 0, n);
    return this;
  }

  /** Reads {@code in}, whose margin is the border, at every position; zeros without a margin. */
  void sample(NativeRaster in, Kernel kernel, NativeRaster out) {
    opencv_imgproc.remap(
        margin == 0 ? in.mat() : in.whole(),
        out.mat(),
        pixels.mat(),
        fractions.mat(),
        kernel == Kernel.CUBIC ? opencv_imgproc.INTER_CUBIC : opencv_imgproc.INTER_LINEAR,
        opencv_core.BORDER_CONSTANT,
        ZEROS);
  }
}
