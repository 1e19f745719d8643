package org.likeness.faceset.synthetic;

/** 2×3 matrices stored row by row. */
final class Affine {
  private Affine() {}

  static double[] invert(double[] m) {
    double det = m[0] * m[4] - m[1] * m[3];
    if (!(Math.abs(det) > 1e-12)) {
      throw new IllegalArgumentException("crop: the matrix has no inverse");
    }
    double a = m[4] / det;
    double b = -m[1] / det;
    double c = -m[3] / det;
    double d = m[0] / det;
    return new double[] {a, b, -(a * m[2] + b * m[5]), c, d, -(c * m[2] + d * m[5])};
  }
}
