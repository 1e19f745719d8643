package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.clamp01;
import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

/** The eyebrow of one identity on the frontal view, for |x|: its line, its thickness, its hairs. */
final class Brow {
  private static final double[] X = {11.6, 24, 38, 51, 60};
  private static final double[] Y = {-54.6, -57.6, -58.9, -56.2, -49.4};

  private final double[] x = new double[5];
  private final double[] y = new double[5];
  private final double thickness;
  private final Noise noise;

  Brow(Identity id, Layout at) {
    Identity.Brows b = id.brows();
    double[] arch = {0.7, -0.3, -1.6, -1.4, 0.4};
    for (int i = 0; i < 5; i++) {
      double t = i / 4.0;
      x[i] = X[i] * at.wide() + 0.6 * (at.eyeX() - 32.3);
      y[i] = Y[i] + 1.5 * arch[i] * b.arch() - 3 * (t - 0.4) * b.slope() - 2.4 * b.height();
    }
    thickness = 3.3 * (1 + 0.5 * b.thickness());
    noise = new Noise(id.seed() * 131 + 17);
  }

  /** Landmark {@code i} of 5 from the inner to the outer end: x of the image-right brow, and y. */
  double[] landmark(int i) {
    return new double[] {x[i], y[i] - 0.35 * thickness};
  }

  /** How much brow covers a frontal position, in [0, 1]; {@code side} only varies the hairs. */
  double cover(double px, double py, int side) {
    double mx = Math.abs(px);
    if (mx < x[0] - 6 || mx > x[4] + 4) {
      return 0;
    }
    double t = (mx - x[0]) / (x[4] - x[0]);
    double half = thickness * mix(1.0, 0.42, smoothstep(0.35, 1.02, t)) * smoothstep(-0.12, 0.1, t);
    double d = py - line(mx);
    if (half < 0.05 || Math.abs(d) > 2.2 * half + 1) {
      return 0;
    }
    // hairs stand at the inner end and lie along the line further out
    double lean = mix(1.25, 0.12, smoothstep(0, 0.45, t)) + 0.25 * d / half;
    double across = mx * Math.sin(lean) + d * Math.cos(lean);
    double stretch = mx * Math.cos(lean) - d * Math.sin(lean);
    double hair = noise.smooth(across * 1.9, stretch * 0.28, 3 + side);
    double ragged = Math.abs(d) / half + 0.45 * hair;
    double body = smoothstep(1.25, 0.55, ragged) * smoothstep(1.06, 0.93, t + 0.04 * hair);
    double blunt = smoothstep(-0.1, 0.16, t + 0.05 * hair);
    return clamp01(body * blunt * (0.98 + 0.22 * hair));
  }

  private double line(double mx) {
    for (int i = 1; i < 5; i++) {
      if (mx <= x[i] || i == 4) {
        double h = x[i] - x[i - 1];
        double t = (mx - x[i - 1]) / h;
        double m0 = slope(i - 1) * h;
        double m1 = slope(i) * h;
        double t2 = t * t;
        double t3 = t2 * t;
        return (2 * t3 - 3 * t2 + 1) * y[i - 1]
            + (t3 - 2 * t2 + t) * m0
            + (3 * t2 - 2 * t3) * y[i]
            + (t3 - t2) * m1;
      }
    }
    throw new AssertionError();
  }

  private double slope(int i) {
    int a = Math.max(0, i - 1);
    int b = Math.min(4, i + 1);
    return (y[b] - y[a]) / (x[b] - x[a]);
  }

  /** Soft shade that a brow leaves on the skin around it. */
  double shade(double px, double py) {
    double mx = Math.abs(px);
    return bell((py - line(Math.clamp(mx, x[0], x[4]))) / (1.3 * thickness))
        * smoothstep(x[0] - 6, x[0] + 2, mx)
        * smoothstep(x[4] + 4, x[4] - 6, mx);
  }
}
