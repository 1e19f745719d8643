package org.likeness.faceset.synthetic;

/**
 * What a face does at one moment. Amounts are in [0, 1] except {@code smile} (-1 = corners pulled
 * down) and the gaze in [-1, 1] (positive = image right and down). Left and right are the image's.
 */
public record Expression(
    double jawOpen,
    double smile,
    double pucker,
    double browRaise,
    double browFrown,
    double blinkLeft,
    double blinkRight,
    double gazeX,
    double gazeY) {

  /** A resting face that looks ahead. */
  public static final Expression NEUTRAL = new Expression(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Refuses values outside their range. */
  public Expression {
    within(0, 1, jawOpen, pucker, browRaise, browFrown, blinkLeft, blinkRight);
    within(-1, 1, smile, gazeX, gazeY);
  }

  private static void within(double low, double high, double... values) {
    for (double v : values) {
      if (!(v >= low && v <= high)) {
        throw new IllegalArgumentException(
            "expression: " + v + " is outside [" + low + ", " + high + "]");
      }
    }
  }
}
