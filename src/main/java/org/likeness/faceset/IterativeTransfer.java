package org.likeness.faceset;

import java.util.Arrays;

/**
 * Iterative distribution transfer (Pitie, Kokaram and Dahyot 2007; spec data.md 7.2, idt): in 20
 * random rotations, each axis's histogram is moved towards the reference's.
 */
final class IterativeTransfer {
  static final int ROUNDS = 20;
  private static final int BINS = 256;

  private final double[] from = new double[BINS]; // cumulative histograms
  private final double[] to = new double[BINS];
  private final double[] mapped = new double[BINS];
  private double low;
  private double width; // of a bin
  private double[] x = {};
  private double[] z = {};
  private double[] moved = {}; // like x, the sum of what each axis moves

  /** Recolours {@code image} // (pixels, 3) in place; {@code rotations} // (20, 3, 3). */
  void apply(float[] image, float[] reference, float[] rotations) {
    int pixels = image.length / 3;
    if (x.length != pixels || z.length != reference.length / 3) {
      x = new double[pixels];
      z = new double[reference.length / 3];
      moved = new double[3 * pixels];
    }
    for (int round = 0; round < ROUNDS; round++) {
      Arrays.fill(moved, 0);
      for (int axis = 0; axis < 3; axis++) {
        int at = 9 * round + 3 * axis;
        project(image, rotations, at, x);
        project(reference, rotations, at, z);
        match();
        for (int i = 0; i < pixels; i++) {
          double by = (map(x[i]) - x[i]) / ROUNDS;
          moved[3 * i] += rotations[at] * by;
          moved[3 * i + 1] += rotations[at + 1] * by;
          moved[3 * i + 2] += rotations[at + 2] * by;
        }
      }
      for (int i = 0; i < image.length; i++) {
        image[i] += (float) moved[i];
      }
    }
    for (int i = 0; i < image.length; i++) {
      image[i] = Math.clamp(image[i], 0f, 1f);
    }
  }

  private static void project(float[] image, float[] rotation, int at, double[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] =
          image[3 * i] * rotation[at]
              + image[3 * i + 1] * rotation[at + 1]
              + image[3 * i + 2] * rotation[at + 2];
    }
  }

  /** Finds, for the right edge of each bin, where the reference has as many below. */
  private void match() {
    low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[] values : new double[][] {x, z}) {
      for (double v : values) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
    }
    width = (high - low) / BINS;
    cumulate(x, from);
    cumulate(z, to);
    for (int k = 0; k < BINS; k++) {
      int after = 0; // the first knot beyond; of knots at one place the last counts
      while (after < BINS && to[after] <= from[k]) {
        after++;
      }
      if (after == 0 || after == BINS) {
        mapped[k] = edge(Math.max(0, after - 1));
      } else {
        double t = (from[k] - to[after - 1]) / (to[after] - to[after - 1]);
        mapped[k] = edge(after - 1) + t * width;
      }
    }
  }

  /** Right edge of a bin. */
  private double edge(int bin) {
    return low + (bin + 1) * width;
  }

  private void cumulate(double[] values, double[] out) {
    Arrays.fill(out, 0);
    for (double v : values) {
      int bin = width == 0 ? 0 : (int) ((v - low) / width);
      out[Math.clamp(bin, 0, BINS - 1)]++;
    }
    for (int k = 1; k < BINS; k++) {
      out[k] += out[k - 1];
    }
    for (int k = 0; k < BINS; k++) {
      out[k] /= values.length;
    }
  }

  /** The original sends what is below the first right edge to 0. */
  private double map(double v) {
    double position = width == 0 ? 0 : (v - low) / width - 1;
    if (position < 0) {
      return width == 0 ? v : 0;
    }
    int bin = Math.min((int) position, BINS - 2);
    return mapped[bin] + (mapped[bin + 1] - mapped[bin]) * (position - bin);
  }
}
