package org.likeness.train;

import java.util.List;

/** The losses of a long golden run against recorded ones (spec golden.md, curve files). */
final class Curve {
  private static final int WINDOW = 8;
  private static final int LAST = 50;

  private final double[] ours;
  private final double[] theirs;
  private final int steps;
  private final int batch;

  /** Takes losses in the order of steps, each step's samples together. */
  Curve(double[] ours, double[] theirs, int steps) {
    this.ours = ours;
    this.theirs = theirs;
    this.steps = steps;
    batch = theirs.length / steps;
  }

  /**
   * Returns the three comparisons of one side; errors are shares of the tolerance at their step.
   */
  List<Verification.Group> groups(String side) {
    return List.of(samples(side), means(side), last(side));
  }

  private Verification.Group samples(String side) {
    double worst = 0;
    int at = 0;
    for (int i = 0; i < theirs.length; i++) {
      int step = i / batch;
      double tolerance = step < 25 ? 1e-3 : step < 50 ? 1e-2 : 2e-2;
      double share = Math.abs(ours[i] - theirs[i]) / Math.abs(theirs[i]) / tolerance;
      if (!(share <= worst)) {
        worst = share;
        at = step;
      }
    }
    return new Verification.Group("curve", worst, 1, side + " at step " + at + ", in tolerances");
  }

  private Verification.Group means(String side) {
    double worst = 0;
    int at = 0;
    for (int s = 0; s + WINDOW <= steps; s += WINDOW) {
      double error = error(s, s + WINDOW);
      if (!(error <= worst)) {
        worst = error;
        at = s;
      }
    }
    return new Verification.Group("curve_mean_8", worst, 5e-3, side + " from step " + at);
  }

  private Verification.Group last(String side) {
    return new Verification.Group("curve_mean_50", error(steps - LAST, steps), 1e-3, side);
  }

  private double error(int from, int to) {
    double a = mean(ours, from, to);
    double b = mean(theirs, from, to);
    return Math.abs(a - b) / Math.abs(b);
  }

  private double mean(double[] losses, int from, int to) {
    double sum = 0;
    for (int i = from * batch; i < to * batch; i++) {
      sum += losses[i];
    }
    return sum / ((to - from) * batch);
  }
}
