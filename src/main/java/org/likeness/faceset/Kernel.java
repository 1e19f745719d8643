package org.likeness.faceset;

/** Interpolation between pixels, with OpenCV's coefficients (spec data.md appendix B). */
enum Kernel {
  /** Two taps. */
  LINEAR(2),
  /** Four taps, Keys with A = -0.75; may overshoot. */
  CUBIC(4);

  private static final double A = -0.75;

  private final int taps;

  Kernel(int taps) {
    this.taps = taps;
  }

  int taps() {
    return taps;
  }

  /**
   * Writes the weights of the taps around a position that lies {@code t} (0..1) after its pixel.
   */
  void weights(double t, double[] out, int at) {
    if (this == LINEAR) {
      out[at] = 1 - t;
      out[at + 1] = t;
      return;
    }
    double u = 1 - t;
    out[at] = ((A * (t + 1) - 5 * A) * (t + 1) + 8 * A) * (t + 1) - 4 * A;
    out[at + 1] = ((A + 2) * t - (A + 3)) * t * t + 1;
    out[at + 2] = ((A + 2) * u - (A + 3)) * u * u + 1;
    out[at + 3] = 1 - out[at] - out[at + 1] - out[at + 2];
  }

  /** Offset of the first tap from the pixel: 0 or -1. */
  int first() {
    return 1 - taps / 2;
  }
}
