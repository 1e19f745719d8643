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
  private final Tolerances.CurveTolerances tolerances;

  /** Takes losses in the order of steps, each step's samples together. */
  Curve(double[] ours, double[] theirs, int steps, Tolerances.CurveTolerances tolerances) {
    this.tolerances = tolerances;
    this.ours = ours;
    this.theirs = theirs;
    this.steps = steps;
    batch = theirs.length / steps;
  }

  /** Returns the comparisons of one side: sample by sample in three ranges, then of means. */
  List<Verification.Group> groups(String side) {
    return List.of(
        samples("curve_to_24", side, 0, 25, tolerances.to24()),
        samples("curve_to_49", side, 25, 50, tolerances.to49()),
        samples("curve_from_50", side, 50, steps, tolerances.from50()),
        means(side),
        last(side));
  }

  private Verification.Group samples(
      String group, String side, int from, int to, double tolerance) {
    double worst = 0;
    int at = from;
    for (int i = from * batch; i < to * batch; i++) {
      double error = Math.abs(ours[i] - theirs[i]) / Math.abs(theirs[i]);
      if (!(error <= worst) && !Double.isNaN(worst)) {
        worst = error;
        at = i / batch;
      }
    }
    return new Verification.Group(group, worst, tolerance, side + " at step " + at);
  }

  private Verification.Group means(String side) {
    double worst = 0;
    int at = 0;
    for (int s = 0; s + WINDOW <= steps; s += WINDOW) {
      double error = error(s, s + WINDOW);
      if (!(error <= worst) && !Double.isNaN(worst)) {
        worst = error;
        at = s;
      }
    }
    return new Verification.Group(
        "curve_mean_8", worst, tolerances.mean8(), side + " from step " + at);
  }

  private Verification.Group last(String side) {
    return new Verification.Group(
        "curve_mean_50", error(steps - LAST, steps), tolerances.mean50(), side);
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
