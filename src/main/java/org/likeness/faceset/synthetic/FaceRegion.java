package org.likeness.faceset.synthetic;

/**
 * The part of the painted skin that is face: from the hairline to the jaw, in front of the ears.
 */
final class FaceRegion {
  private static final int CELLS = 512;
  private final float[] top = new float[CELLS]; // by |u - 0.5|, in [0, 0.5]
  private final float[] bottom = new float[CELLS];

  /** {@code jaw} holds (|u - 0.5|, v) of the jaw landmarks from the chin outwards. */
  FaceRegion(Identity id, Layout at, Chart chart, float[] rest, float[][] jaw) {
    Hairline hairline = new Hairline(id, at);
    int c = chart.middle;
    for (int i = 0; i < CELLS; i++) {
      float d = 0.5f * i / CELLS;
      while (c + 1 < chart.columns && chart.u[c] - 0.5f < d) {
        c++;
      }
      int r = chart.foldRow;
      while (r > 0 && bare(hairline, rest, chart.upper(r, c))) {
        r--;
      }
      top[i] = chart.v[r];
      bottom[i] = jawAt(jaw, d);
    }
  }

  private static boolean bare(Hairline hairline, float[] p, int v) {
    return hairline.density(p[3 * v], p[3 * v + 1], p[3 * v + 2]) < 0.5;
  }

  private static float jawAt(float[][] jaw, float d) {
    for (int i = 1; i < jaw.length; i++) {
      if (d <= jaw[i][0]) {
        float t = (d - jaw[i - 1][0]) / Math.max(1e-6f, jaw[i][0] - jaw[i - 1][0]);
        return jaw[i - 1][1] + (jaw[i][1] - jaw[i - 1][1]) * t + 0.003f;
      }
    }
    return 0;
  }

  boolean contains(float u, float v) {
    int i = Math.min(CELLS - 1, (int) (Math.abs(u - 0.5f) * 2 * CELLS));
    return v > top[i] && v < bottom[i];
  }
}
