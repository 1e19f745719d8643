package org.likeness.faceset.synthetic;

/** sRGB to linear light and back, with the soft shoulder that keeps highlights from clipping. */
final class Colour {
  private static final int STEPS = 4096;
  private static final float RANGE = 4;
  private static final float[] DISPLAY = new float[STEPS + 2]; // 0..255

  static {
    for (int i = 0; i < DISPLAY.length; i++) {
      double x = (double) i * RANGE / STEPS;
      double y = x < 0.55 ? x : 0.55 + 0.45 * (1 - Math.exp(-(x - 0.55) / 0.45));
      DISPLAY[i] = (float) (255 * encode(y));
    }
  }

  private Colour() {}

  /** Linear red, green, blue of {@code 0xRRGGBB}. */
  static float[] linear(int rgb) {
    return new float[] {decode(rgb >> 16 & 255), decode(rgb >> 8 & 255), decode(rgb & 255)};
  }

  /** Like {@link #linear}, held below what pale skin reflects: a photograph's white is brighter. */
  static float[] skin(int rgb) {
    float[] c = linear(rgb);
    float scale = 1 - 0.28f * (0.3f * c[0] + 0.6f * c[1] + 0.1f * c[2]);
    return new float[] {c[0] * scale, c[1] * scale, c[2] * scale};
  }

  private static float decode(int v) {
    double s = v / 255.0;
    return (float) (s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4));
  }

  private static double encode(double l) {
    return l <= 0.0031308 ? 12.92 * l : 1.055 * Math.pow(l, 1 / 2.4) - 0.055;
  }

  /** The display value in [0, 255] of a linear one, highlights rolled off. */
  static float display(float linear) {
    float x = linear * (STEPS / RANGE);
    if (!(x > 0)) {
      return 0;
    }
    if (x >= STEPS) {
      return DISPLAY[STEPS];
    }
    int i = (int) x;
    return DISPLAY[i] + (DISPLAY[i + 1] - DISPLAY[i]) * (x - i);
  }

  static float[] mix(float[] a, float[] b, double t) {
    float s = (float) t;
    return new float[] {
      a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, a[2] + (b[2] - a[2]) * s
    };
  }
}
