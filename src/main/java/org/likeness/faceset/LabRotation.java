package org.likeness.faceset;

import org.bytedeco.opencv.global.opencv_imgproc;

/** MVE's random_color (spec data.md 7.6): turns the (a, b) plane of LAB. */
final class LabRotation {
  private LabRotation() {}

  /** Changes BGR pixels in place by the rotation that {@code seed} draws. */
  static void apply(float[] image, int seed, Canvas canvas) {
    double[] m = new Mt19937(seed).rotation(2);
    canvas.convert(image, opencv_imgproc.COLOR_BGR2Lab);
    for (int i = 0; i < image.length; i += 3) {
      double a = image[i + 1];
      double b = image[i + 2];
      image[i] = Math.clamp(image[i], 0f, 100f);
      image[i + 1] = (float) Math.clamp(a * m[0] + b * m[2], -127.0, 127.0);
      image[i + 2] = (float) Math.clamp(a * m[1] + b * m[3], -127.0, 127.0);
    }
    canvas.convert(image, opencv_imgproc.COLOR_Lab2BGR);
    for (int i = 0; i < image.length; i++) {
      image[i] = Math.clamp(image[i], 0f, 1f);
    }
  }
}
