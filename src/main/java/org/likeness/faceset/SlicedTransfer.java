package org.likeness.faceset;

import java.util.Arrays;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;

/**
 * Sliced optimal transport (Bonneel; spec data.md 7.2, sot): along random directions, the k-th
 * darkest pixel takes the place of the reference's k-th. Ties are ordered as NumPy orders them
 * where that shows: in the image, of whose pixels many are of one colour. The reference gives only
 * its values, and is sorted by radix.
 */
final class SlicedTransfer {
  static final int STEPS = 10;
  static final int DIRECTIONS = 5; // in a step
  private static final double SIGMA_COLOUR = 5;
  private static final double SIGMA_SPACE = 16;
  private static final int RADIX_BITS = 11;

  private final int[] counts = new int[1 << RADIX_BITS];
  private long[] keys = {};
  private long[] spare = {};
  private long[] referenceKeys = {};
  private float[] advance = {};
  private float[] before = {};

  /**
   * Recolours {@code image} // (pixels, 3) in place; {@code normals} // (50, 3) are directions of
   * any length.
   */
  void apply(float[] image, float[] reference, double[] normals, Canvas canvas) {
    before = before.length == image.length ? before : new float[image.length];
    System.arraycopy(image, 0, before, 0, image.length);
    transport(image, reference, normals);
    for (int i = 0; i < image.length; i++) {
      image[i] -= before[i];
    }
    opencv_imgproc.bilateralFilter(
        canvas.floats(image),
        canvas.scratch(),
        0,
        SIGMA_COLOUR,
        SIGMA_SPACE,
        opencv_core.BORDER_DEFAULT);
    canvas.read(canvas.scratch(), image);
    for (int i = 0; i < image.length; i++) {
      image[i] = Math.clamp(before[i] + image[i], 0f, 1f);
    }
  }

  /** Moves pixels without smoothing what moved. */
  void transport(float[] image, float[] reference, double[] normals) {
    if (image.length != reference.length) {
      throw new IllegalArgumentException(
          "sot: the reference has %d values, the image %d"
              .formatted(reference.length, image.length));
    }
    int pixels = image.length / 3;
    if (keys.length != pixels) {
      keys = new long[pixels];
      spare = new long[pixels];
      referenceKeys = new long[pixels];
      advance = new float[image.length];
    }
    for (int step = 0; step < STEPS; step++) {
      Arrays.fill(advance, 0);
      for (int d = 0; d < DIRECTIONS; d++) {
        slide(image, reference, direction(normals, 3 * (step * DIRECTIONS + d)));
      }
      for (int i = 0; i < image.length; i++) {
        image[i] += advance[i] / DIRECTIONS;
      }
    }
  }

  private static float[] direction(double[] normals, int at) {
    float[] d = {(float) normals[at], (float) normals[at + 1], (float) normals[at + 2]};
    float square = (float) ((double) (d[0] * d[0]) + d[1] * d[1] + d[2] * d[2]);
    float length = (float) Math.sqrt(square);
    return new float[] {d[0] / length, d[1] / length, d[2] / length};
  }

  private void slide(float[] image, float[] reference, float[] d) {
    project(image, d);
    TieOrder.sort(keys);
    long[] sorted = keys;
    keys = referenceKeys;
    project(reference, d);
    sort();
    referenceKeys = keys;
    keys = sorted;
    for (int k = 0; k < keys.length; k++) {
      int pixel = (int) keys[k];
      float by = value(referenceKeys[k]) - value(keys[k]);
      advance[3 * pixel] += by * d[0];
      advance[3 * pixel + 1] += by * d[1];
      advance[3 * pixel + 2] += by * d[2];
    }
  }

  /** Fills {@code keys} with projections in the upper half, pixels in the lower. */
  private void project(float[] image, float[] d) {
    for (int i = 0; i < keys.length; i++) {
      float p = image[3 * i] * d[0] + image[3 * i + 1] * d[1] + image[3 * i + 2] * d[2];
      int bits = Float.floatToRawIntBits(p + 0f); // one zero
      int ordered = bits ^ (bits >> 31 | 0x80000000); // as unsigned, in the order of floats
      keys[i] = (long) ordered << 32 | i;
    }
  }

  private void sort() {
    for (int shift = 32; shift < 64; shift += RADIX_BITS) {
      Arrays.fill(counts, 0);
      for (long key : keys) {
        counts[digit(key, shift)]++;
      }
      int sum = 0;
      for (int i = 0; i < counts.length; i++) {
        int count = counts[i];
        counts[i] = sum;
        sum += count;
      }
      for (long key : keys) {
        spare[counts[digit(key, shift)]++] = key;
      }
      long[] swapped = keys;
      keys = spare;
      spare = swapped;
    }
  }

  private static int digit(long key, int shift) {
    return (int) (key >>> shift) & (1 << RADIX_BITS) - 1;
  }

  private static float value(long key) {
    int ordered = (int) (key >>> 32);
    return Float.intBitsToFloat(ordered ^ (~ordered >> 31 | 0x80000000));
  }
}
