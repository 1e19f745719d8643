package org.likeness.faceset;

import org.bytedeco.opencv.global.opencv_imgproc;

/** Colour transfers that match mean and spread (spec data.md 7.2): rct, lct and mkl. */
final class LinearTransfer {
  private static final double LCT_REGULARISER = 1e-5;
  private static final double LEAST_VARIANCE = 1e-6; // a deviation of a quarter of a byte
  private static final float[] LOWEST = {0, -127, -127};
  private static final float[] HIGHEST = {100, 127, 127};

  private LinearTransfer() {}

  /** Mean of each channel, and of each pair of channels' product of deviations, over all pixels. */
  private record Moments(double[] mean, double[] covariance) {
    static Moments of(float[] image) {
      int pixels = image.length / 3;
      double[] mean = new double[3];
      for (int i = 0; i < image.length; i += 3) {
        mean[0] += image[i];
        mean[1] += image[i + 1];
        mean[2] += image[i + 2];
      }
      for (int c = 0; c < 3; c++) {
        mean[c] /= pixels;
      }
      double xx = 0;
      double xy = 0;
      double xz = 0;
      double yy = 0;
      double yz = 0;
      double zz = 0;
      for (int i = 0; i < image.length; i += 3) {
        double x = image[i] - mean[0];
        double y = image[i + 1] - mean[1];
        double z = image[i + 2] - mean[2];
        xx += x * x;
        xy += x * y;
        xz += x * z;
        yy += y * y;
        yz += y * z;
        zz += z * z;
      }
      double[] covariance = {xx, xy, xz, xy, yy, yz, xz, yz, zz};
      for (int i = 0; i < 9; i++) {
        covariance[i] /= pixels;
      }
      return new Moments(mean, covariance);
    }

    double[] plus(double diagonal) {
      double[] sum = covariance.clone();
      for (int i = 0; i < 9; i += 4) {
        sum[i] += diagonal;
      }
      return sum;
    }
  }

  /** Reinhard et al. 2001, in LAB; a constant channel becomes the reference's mean. */
  static void rct(float[] image, float[] reference, Canvas canvas) {
    float[] from = reference.clone();
    canvas.convert(image, opencv_imgproc.COLOR_BGR2Lab);
    canvas.convert(from, opencv_imgproc.COLOR_BGR2Lab);
    Moments x = Moments.of(image);
    Moments z = Moments.of(from);
    for (int c = 0; c < 3; c++) {
      double deviation = Math.sqrt(x.covariance[4 * c]);
      double scale = deviation == 0 ? 0 : Math.sqrt(z.covariance[4 * c]) / deviation;
      for (int i = c; i < image.length; i += 3) {
        float moved = (float) ((image[i] - x.mean[c]) * scale + z.mean[c]);
        image[i] = Math.clamp(moved, LOWEST[c], HIGHEST[c]);
      }
    }
    canvas.convert(image, opencv_imgproc.COLOR_Lab2BGR);
  }

  /** Matches means and covariances by symmetric square roots. */
  static void lct(float[] image, float[] reference) {
    Moments x = Moments.of(image);
    Moments z = Moments.of(reference);
    double[] to = Symmetric3.of(z.plus(LCT_REGULARISER)).power(0.5, 0);
    double[] from = Symmetric3.of(x.plus(LCT_REGULARISER)).power(-0.5, 0);
    map(image, Symmetric3.product(to, from), x.mean, z.mean);
  }

  /** Pitie and Kokaram 2007: the least movement that matches means and covariances. */
  static void mkl(float[] image, float[] reference) {
    Moments x = Moments.of(image);
    Moments z = Moments.of(reference);
    Symmetric3 a = Symmetric3.of(x.covariance);
    double[] root = a.power(0.5, LEAST_VARIANCE);
    double[] inverse = a.power(-0.5, LEAST_VARIANCE);
    double[] c = Symmetric3.product(Symmetric3.product(root, z.covariance), root);
    double[] middle = Symmetric3.of(c).power(0.5, 0);
    map(image, Symmetric3.product(Symmetric3.product(inverse, middle), inverse), x.mean, z.mean);
  }

  private static void map(float[] image, double[] m, double[] from, double[] to) {
    for (int i = 0; i < image.length; i += 3) {
      double x = image[i] - from[0];
      double y = image[i + 1] - from[1];
      double z = image[i + 2] - from[2];
      for (int c = 0; c < 3; c++) {
        double moved = m[3 * c] * x + m[3 * c + 1] * y + m[3 * c + 2] * z + to[c];
        image[i + c] = (float) Math.clamp(moved, 0, 1);
      }
    }
  }
}
