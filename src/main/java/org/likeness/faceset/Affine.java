package org.likeness.faceset;

/**
 * The 2x3 matrix {@code [m00 m01 m02; m10 m11 m12]} that maps source pixels to destination pixels,
 * centres on integers.
 */
public record Affine(double m00, double m01, double m02, double m10, double m11, double m12) {
  /** Column of the mapped point. */
  public double x(double x, double y) {
    return m00 * x + m01 * y + m02;
  }

  /** Row of the mapped point. */
  public double y(double x, double y) {
    return m10 * x + m11 * y + m12;
  }

  /** Destination to source; a singular matrix inverts to zeros, as in OpenCV. */
  public Affine inverse() {
    double det = m00 * m11 - m01 * m10;
    double d = det != 0 ? 1 / det : 0;
    double i00 = m11 * d;
    double i01 = m01 * -d;
    double i10 = m10 * -d;
    double i11 = m00 * d;
    return new Affine(i00, i01, -i00 * m02 - i01 * m12, i10, i11, -i10 * m02 - i11 * m12);
  }
}
