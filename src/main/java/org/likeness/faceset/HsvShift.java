package org.likeness.faceset;

/**
 * One random change of hue (degrees), saturation and value (spec data.md 7.1), with OpenCV's
 * formulas (appendix B).
 */
record HsvShift(int hue, float saturation, float value) {
  private static final float EPSILON = 1.1920929e-7f;
  private static final int DRAWS_OF_TRANSFORM = 4;

  /** Draws after the geometry of the same seed, from the same generator. */
  static HsvShift draw(int seed, SampleSettings settings) {
    Mt19937 g = new Mt19937(seed);
    for (int i = 0; i < DRAWS_OF_TRANSFORM; i++) {
      g.nextDouble();
    }
    if (settings.randomFlip()) {
      g.integer(0, 10);
    }
    return draw(g, settings.photometry().hsvPower());
  }

  static HsvShift draw(Mt19937 g, double amount) {
    int most = Math.max(1, (int) (360 * amount * 0.5));
    int hue = g.integer(-most, most + 1);
    double saturation = (g.nextDouble() - 0.5) * amount;
    double value = (g.nextDouble() - 0.5) * amount;
    return new HsvShift(hue, (float) saturation, (float) value);
  }

  /** Shifts BGR pixels in place and clips them to 0..1. */
  void apply(float[] image) {
    for (int i = 0; i < image.length; i += 3) {
      pixel(image, i);
    }
  }

  private void pixel(float[] image, int i) {
    float b = image[i];
    float g = image[i + 1];
    float r = image[i + 2];
    float max = Math.max(r, Math.max(g, b));
    float range = max - Math.min(r, Math.min(g, b));
    float q = 60f / (range + EPSILON);
    float h = max == r ? (g - b) * q : max == g ? (b - r) * q + 120f : (r - g) * q + 240f;
    h += h < 0 ? 360f + hue : hue;
    h -= h >= 360 ? 360f : h < 0 ? -360f : 0f;
    float s = Math.clamp(range / (Math.abs(max) + EPSILON) + saturation, 0f, 1f);
    float v = Math.clamp(max + value, 0f, 1f);
    float sixth = h / 60f;
    int sector = (int) sixth;
    float f = sixth - sector;
    float p = v * (1 - s);
    float down = v * (1 - s * f);
    float up = v * (1 - s * (1 - f));
    switch (sector) {
      case 1 -> put(image, i, p, v, down);
      case 2 -> put(image, i, up, v, p);
      case 3 -> put(image, i, v, down, p);
      case 4 -> put(image, i, v, p, up);
      case 5 -> put(image, i, down, p, v);
      default -> put(image, i, p, up, v); // 6 is 0, after rounding
    }
  }

  private static void put(float[] image, int i, float b, float g, float r) {
    image[i] = b;
    image[i + 1] = g;
    image[i + 2] = r;
  }
}
