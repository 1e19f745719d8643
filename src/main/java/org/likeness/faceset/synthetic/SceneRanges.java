package org.likeness.faceset.synthetic;

import java.util.SplittableRandom;

/**
 * How much scenes vary: greatest turns in degrees; strength of expressions, gaze, light, framing
 * and clutter in [0, 1] (1 = everything a head can do); how many backgrounds there are.
 */
public record SceneRanges(
    double yaw,
    double pitch,
    double roll,
    double expression,
    double gaze,
    double light,
    double framing,
    double clutter,
    int backgrounds) {
  private static final int FRAME = 512;

  /** Near-frontal faces in even light. */
  public static SceneRanges easy() {
    return new SceneRanges(14, 7, 5, 0.75, 0.4, 0.2, 0.15, 0.2, 3);
  }

  /** Every pose, expression and light. */
  public static SceneRanges full() {
    return new SceneRanges(45, 25, 20, 1, 1, 1, 1, 0.8, 10_000);
  }

  /** Refuses turns beyond 60, 40 and 90 degrees and strengths outside [0, 1]. */
  public SceneRanges {
    if (!(yaw >= 0 && yaw <= 60 && pitch >= 0 && pitch <= 40 && roll >= 0 && roll <= 90)) {
      throw new IllegalArgumentException(
          "scene ranges: yaw %s, pitch %s, roll %s must lie within 0 and 60, 40, 90 degrees"
              .formatted(yaw, pitch, roll));
    }
    for (double v : new double[] {expression, gaze, light, framing, clutter}) {
      if (!(v >= 0 && v <= 1)) {
        throw new IllegalArgumentException("scene ranges: " + v + " is outside [0, 1]");
      }
    }
    if (backgrounds < 1) {
      throw new IllegalArgumentException("scene ranges: there must be at least one background");
    }
  }

  /** Scene {@code index} of the series {@code seed}: always the same one. */
  public Scene scene(long seed, int index) {
    SplittableRandom random =
        new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index * 0xD1342543DE82EF95L + 1);
    random.nextLong();
    return new Scene(
        expression(random), pose(random), camera(random), light(random), background(seed, random));
  }

  private Pose pose(SplittableRandom random) {
    return new Pose(yaw * bent(random), pitch * bent(random), roll * bent(random));
  }

  /** In [-1, 1], a little denser in the middle. */
  private static double bent(SplittableRandom random) {
    double u = 2 * random.nextDouble() - 1;
    return 0.6 * u + 0.4 * u * Math.abs(u);
  }

  private Expression expression(SplittableRandom random) {
    double jaw = chance(random, 0.55) * random.nextDouble();
    double smile = Math.clamp(1.5 * random.nextDouble() - 0.5, -0.6, 1);
    double pucker = chance(random, 0.15) * random.nextDouble();
    double raise = chance(random, 0.4) * random.nextDouble();
    double frown = raise > 0 ? 0 : chance(random, 0.3) * random.nextDouble();
    double lids = 0.15 * random.nextDouble();
    double blink = chance(random, 0.12);
    double wink = chance(random, 0.06);
    double e = expression;
    return new Expression(
        e * jaw * (1 - 0.6 * pucker),
        e * smile * (1 - pucker),
        e * pucker,
        e * raise,
        e * frown,
        Math.min(1, e * lids + Math.max(blink, wink) * (e > 0.3 ? 1 : 0)),
        Math.min(1, e * lids + blink * (e > 0.3 ? 1 : 0)),
        gaze * 0.9 * bent(random),
        gaze * 0.8 * bent(random));
  }

  private static double chance(SplittableRandom random, double p) {
    return random.nextDouble() < p ? 1 : 0;
  }

  private Camera camera(SplittableRandom random) {
    double scale = FRAME / 400.0 * (1 + framing * (0.5 * random.nextDouble() - 0.2));
    double x = FRAME * (0.5 + 0.14 * framing * bent(random));
    double y = FRAME * (0.48 + 0.1 * framing * bent(random));
    return new Camera(FRAME, scale, x, y);
  }

  private Light light(SplittableRandom random) {
    double l = light;
    return new Light(
        Light.STUDIO.azimuth() + l * (35 + 85 * bent(random)),
        Light.STUDIO.elevation() + l * 32 * bent(random),
        1 + 0.35 * l * bent(random),
        1 + 0.45 * l * bent(random),
        0.9 * l * bent(random));
  }

  private Background background(long seed, SplittableRandom random) {
    return new Background(seed * 7919 + random.nextInt(backgrounds), clutter);
  }
}
