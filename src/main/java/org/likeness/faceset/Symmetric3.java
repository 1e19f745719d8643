package org.likeness.faceset;

/** A symmetric 3 x 3 matrix as {@code sum of value_k vector_k vector_k^T}, by Jacobi rotations. */
record Symmetric3(double[] values, double[] vectors) { // (3), (3, 3) by columns
  private static final int SWEEPS = 32;

  static Symmetric3 of(double[] matrix) {
    double[] a = matrix.clone();
    double[] v = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int p = 0; p < 2; p++) {
        for (int q = p + 1; q < 3; q++) {
          rotate(a, v, p, q);
        }
      }
    }
    return new Symmetric3(new double[] {a[0], a[4], a[8]}, v);
  }

  private static void rotate(double[] a, double[] v, int p, int q) {
    if (a[3 * p + q] == 0) {
      return;
    }
    double theta = (a[4 * q] - a[4 * p]) / (2 * a[3 * p + q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double c = 1 / Math.hypot(t, 1);
    double s = t * c;
    for (int k = 0; k < 3; k++) {
      double left = a[3 * k + p];
      a[3 * k + p] = c * left - s * a[3 * k + q];
      a[3 * k + q] = s * left + c * a[3 * k + q];
    }
    for (int k = 0; k < 3; k++) {
      double upper = a[3 * p + k];
      a[3 * p + k] = c * upper - s * a[3 * q + k];
      a[3 * q + k] = s * upper + c * a[3 * q + k];
      double left = v[3 * k + p];
      v[3 * k + p] = c * left - s * v[3 * k + q];
      v[3 * k + q] = s * left + c * v[3 * k + q];
    }
  }

  /** The matrix to that power, its values at least {@code floor}. */
  double[] power(double exponent, double floor) {
    double[] out = new double[9];
    for (int k = 0; k < 3; k++) {
      double value = Math.pow(Math.max(values[k], floor), exponent);
      for (int i = 0; i < 9; i++) {
        out[i] += value * vectors[i / 3 * 3 + k] * vectors[i % 3 * 3 + k];
      }
    }
    return out;
  }

  static double[] product(double[] a, double[] b) {
    double[] out = new double[9];
    for (int i = 0; i < 9; i++) {
      int row = i / 3 * 3;
      int column = i % 3;
      out[i] = a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6];
    }
    return out;
  }
}
