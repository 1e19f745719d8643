package org.likeness.train;

/**
 * How far off a replay may be (spec golden.md); infinite where a number is only reported.
 *
 * @param grad of each gradient's tensor
 * @param gradAll of all gradients together
 * @param change of each weight's change
 * @param changeAll of all changes together
 * @param curve of a long run: per sample up to step 24, 49 and later, of means of 8 and of the last
 *     50 steps
 */
record Tolerances(
    double forward,
    double losses,
    double grad,
    double gradAll,
    double change,
    double changeAll,
    CurveTolerances curve) {
  private static final double REPORTED = Double.POSITIVE_INFINITY;

  /** Those of {@link Curve}. */
  record CurveTolerances(double to24, double to49, double from50, double mean8, double mean50) {}

  /** In f32 and f64. */
  static final Tolerances EXACT =
      new Tolerances(
          1e-3,
          1e-4,
          1e-3,
          REPORTED,
          2e-2,
          5e-3,
          new CurveTolerances(1e-3, 1e-2, 2e-2, 5e-3, 1e-3));

  /** In mixed precision. */
  static final Tolerances MIXED =
      new Tolerances(
          5e-2,
          1e-2,
          REPORTED,
          5e-2,
          REPORTED,
          REPORTED,
          new CurveTolerances(REPORTED, REPORTED, REPORTED, REPORTED, 2e-2));
}
