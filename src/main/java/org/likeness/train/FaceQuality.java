package org.likeness.train;

/**
 * How close a face is to the true one, inside a mask: PSNR in decibels over all masked values and
 * the mean SSIM over masked pixels (Wang et al. 2004: 11 × 11 Gaussian of sigma 1.5, K 0.01 and
 * 0.03), both for values from 0 to 1.
 */
record FaceQuality(double psnr, double ssim) {
  private static final int TAPS = 11;
  private static final double SIGMA = 1.5;
  private static final double C1 = 0.01 * 0.01;
  private static final double C2 = 0.03 * 0.03;
  private static final double MASKED = 0.5;
  private static final double[] WINDOW = window();

  /**
   * Compares two images of {@code side × side} pixels and 3 channels where the mask exceeds one
   * half. PSNR of equal images is infinite.
   *
   * @param face (side, side, 3)
   * @param truth (side, side, 3)
   * @param mask (side, side, 1)
   */
  static FaceQuality of(float[] face, float[] truth, float[] mask, int side) {
    int pixels = side * side;
    if (face.length != 3 * pixels || truth.length != 3 * pixels || mask.length != pixels) {
      throw new IllegalArgumentException(
          "faces of side %d have %d values and masks %d, not %d, %d and %d"
              .formatted(side, 3 * pixels, pixels, face.length, truth.length, mask.length));
    }
    return new FaceQuality(psnr(face, truth, mask), ssim(face, truth, mask, side));
  }

  /** The mean over faces. */
  static FaceQuality mean(Iterable<FaceQuality> faces) {
    double psnr = 0;
    double ssim = 0;
    int n = 0;
    for (FaceQuality face : faces) {
      psnr += face.psnr;
      ssim += face.ssim;
      n++;
    }
    return new FaceQuality(psnr / n, ssim / n);
  }

  private static double psnr(float[] face, float[] truth, float[] mask) {
    double sum = 0;
    long n = 0;
    for (int i = 0; i < face.length; i++) {
      if (mask[i / 3] > MASKED) {
        double d = (double) face[i] - truth[i];
        sum += d * d;
        n++;
      }
    }
    if (n == 0) {
      throw new IllegalArgumentException("the mask is empty");
    }
    return -10 * Math.log10(sum / n);
  }

  private static double ssim(float[] face, float[] truth, float[] mask, int side) {
    double sum = 0;
    long n = 0;
    for (int channel = 0; channel < 3; channel++) {
      double[][] moments = moments(face, truth, channel, side); // x, y, xx, yy, xy
      int valid = side - TAPS + 1;
      for (int i = 0; i < valid * valid; i++) {
        int centre = (i / valid + TAPS / 2) * side + i % valid + TAPS / 2;
        if (mask[centre] > MASKED) {
          double x = moments[0][i];
          double y = moments[1][i];
          double variances = moments[2][i] + moments[3][i] - x * x - y * y;
          double covariance = moments[4][i] - x * y;
          sum +=
              (2 * x * y + C1) * (2 * covariance + C2) / ((x * x + y * y + C1) * (variances + C2));
          n++;
        }
      }
    }
    return sum / n;
  }

  private static double[][] moments(float[] face, float[] truth, int channel, int side) {
    double[][] planes = new double[5][side * side];
    for (int i = 0; i < side * side; i++) {
      double x = face[3 * i + channel];
      double y = truth[3 * i + channel];
      planes[0][i] = x;
      planes[1][i] = y;
      planes[2][i] = x * x;
      planes[3][i] = y * y;
      planes[4][i] = x * y;
    }
    for (int m = 0; m < planes.length; m++) {
      planes[m] = blur(planes[m], side);
    }
    return planes;
  }

  /** Gaussian means over whole windows only: (side, side) to (side − 10, side − 10). */
  private static double[] blur(double[] plane, int side) {
    int valid = side - TAPS + 1;
    double[] rows = new double[side * valid];
    for (int i = 0; i < rows.length; i++) {
      int at = i / valid * side + i % valid;
      for (int t = 0; t < TAPS; t++) {
        rows[i] += WINDOW[t] * plane[at + t];
      }
    }
    double[] both = new double[valid * valid];
    for (int i = 0; i < both.length; i++) {
      for (int t = 0; t < TAPS; t++) {
        both[i] += WINDOW[t] * rows[i + t * valid];
      }
    }
    return both;
  }

  private static double[] window() {
    double[] window = new double[TAPS];
    double sum = 0;
    for (int t = 0; t < TAPS; t++) {
      double d = t - TAPS / 2;
      window[t] = Math.exp(-d * d / (2 * SIGMA * SIGMA));
      sum += window[t];
    }
    for (int t = 0; t < TAPS; t++) {
      window[t] /= sum;
    }
    return window;
  }
}
