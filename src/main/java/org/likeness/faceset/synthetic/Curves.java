package org.likeness.faceset.synthetic;

/** Scalar shaping functions shared by the sculptor, the painter and the shader. */
final class Curves {
  private Curves() {}

  static double clamp01(double t) {
    return t < 0 ? 0 : Math.min(t, 1);
  }

  static double mix(double a, double b, double t) {
    return a + (b - a) * t;
  }

  /** 0 below {@code a}, 1 above {@code b}, a cubic ease between them; {@code a > b} reverses it. */
  static double smoothstep(double a, double b, double v) {
    double t = clamp01((v - a) / (b - a));
    return t * t * (3 - 2 * t);
  }

  /** The bell exp(-t²/2). */
  static double bell(double t) {
    return Math.exp(-0.5 * t * t);
  }

  static double bell(double dx, double dy, double sx, double sy) {
    double u = dx / sx;
    double v = dy / sy;
    double e = u * u + v * v;
    return e > 30 ? 0 : Math.exp(-0.5 * e);
  }

  /** The smaller of two values with the corner between them rounded over a width {@code k}. */
  static double softMin(double a, double b, double k) {
    double h = Math.max(k - Math.abs(a - b), 0) / k;
    return Math.min(a, b) - h * h * k * 0.25;
  }

  /** Piecewise linear: {@code table} holds x, y pairs with rising x; constant outside. */
  static double polyline(double x, double... table) {
    if (x <= table[0]) {
      return table[1];
    }
    for (int i = 2; i < table.length; i += 2) {
      if (x <= table[i]) {
        return mix(table[i - 1], table[i + 1], (x - table[i - 2]) / (table[i] - table[i - 2]));
      }
    }
    return table[table.length - 1];
  }
}
