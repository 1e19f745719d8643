package org.likeness.train;

import org.likeness.saehd.LossSettings;
import org.likeness.saehd.StepSettings;

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
  private static final Tolerances MIXED = mixed(5e-2);

  /**
   * Of MS-SSIM in bf16, whose gradient is infinitely steep where the likeness at a scale is zero,
   * as it nearly is in a new model: rounding nothing but the start weights to bf16, and going on in
   * f32, moves the gradients of the recorded runs by up to 7.6e-2, rounding activations alone too.
   */
  private static final Tolerances MIXED_STEEP = mixed(1e-1);

  /** Returns those for a step with these settings. */
  static Tolerances of(StepSettings settings) {
    boolean plain = settings.losses().similarity() == LossSettings.Similarity.SSIM;
    return switch (settings.dtype()) {
      case F16 -> MIXED;
      case BF16 -> plain ? MIXED : MIXED_STEEP;
      case F32, F64, I64, U8 -> EXACT;
    };
  }

  private static Tolerances mixed(double gradAll) {
    return new Tolerances(
        5e-2,
        1e-2,
        REPORTED,
        gradAll,
        REPORTED,
        REPORTED,
        new CurveTolerances(REPORTED, REPORTED, REPORTED, REPORTED, 2e-2));
  }
}
