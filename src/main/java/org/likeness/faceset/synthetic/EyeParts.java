package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

import java.util.List;

/** Eyeballs, lid rims and lashes: rebuilt for every expression from the rims of the posed skin. */
final class EyeParts {
  private static final int BALL = 19;
  private static final int LASHES = 17;

  private final Chart chart;
  private final Layout at;
  private final double lashLength;
  private final int[] ballTriangles = Mesh.grid(BALL, BALL);

  EyeParts(Identity id, Layout at, Chart chart) {
    this.chart = chart;
    this.at = at;
    lashLength = 0.75 + 0.7 * id.skin().makeup();
  }

  /** The parts of the eye on one side (-1 = image left), on posed skin (vertices, 3). */
  List<Mesh> build(float[] skin, int side, double blink) {
    float[][] rims = {rim(skin, side, true), rim(skin, side, false)};
    Vec eye = at.eye(side);
    int inner = chart.upper(chart.eyeRow, chart.middle + side * chart.eyeInner);
    Vec corner = new Vec(skin[3 * inner], skin[3 * inner + 1], skin[3 * inner + 2]);
    return List.of(
        ball(eye, rims[0], rims[1]),
        strip(rims[0], eye, Material.LID),
        strip(rims[1], eye, Material.LID),
        liner(rims[0], eye),
        lashes(rims[0], side, blink),
        Mesh.ellipsoid(
            Material.LID, corner.plus(new Vec(side * 1.3, 0.5, 2.3)), new Vec(2.1, 1.7, 1.9)));
  }

  /** One rim from the inner to the outer corner, (columns, 3). */
  private float[] rim(float[] skin, int side, boolean upper) {
    int n = chart.eyeOuter - chart.eyeInner + 1;
    float[] rim = new float[3 * n];
    for (int i = 0; i < n; i++) {
      int column = chart.middle + side * (chart.eyeInner + i);
      int v = upper ? chart.upper(chart.eyeRow, column) : chart.lower(chart.eyeRow, column);
      System.arraycopy(skin, 3 * v, rim, 3 * i, 3);
    }
    return rim;
  }

  private Mesh ball(Vec eye, float[] upper, float[] lower) {
    int n = BALL * BALL;
    float[] p = new float[3 * n];
    float[] normal = new float[3 * n];
    float[] uv = new float[2 * n];
    float[] open = new float[n];
    for (int i = 0; i < n; i++) {
      int row = i / BALL;
      int column = i % BALL;
      double a = Math.toRadians(mix(-80, 80, (double) column / (BALL - 1)));
      double b = Math.toRadians(mix(-62, 62, (double) row / (BALL - 1)));
      Vec d = new Vec(Math.sin(a) * Math.cos(b), Math.sin(b), -Math.cos(a) * Math.cos(b));
      Vec q = eye.plus(d.times(Layout.EYE_RADIUS));
      put(p, i, q);
      put(normal, i, d);
      uv[2 * i] = (float) d.x();
      uv[2 * i + 1] = (float) d.y();
      double top = heightOf(upper, q.x());
      double bottom = heightOf(lower, q.x());
      double width = Math.abs(upper[upper.length - 3] - upper[0]);
      double side = Math.min(Math.abs(q.x() - upper[0]), Math.abs(q.x() - upper[upper.length - 3]));
      open[i] =
          (float)
              ((0.3 + 0.7 * smoothstep(-0.5, 4.6, q.y() - top))
                  * (0.8 + 0.2 * smoothstep(-0.5, 2, bottom - q.y()))
                  * (0.6 + 0.4 * smoothstep(0, 0.3 * width, side)));
    }
    return new Mesh(Material.EYE, p, normal, uv, open, null, ballTriangles);
  }

  private static double heightOf(float[] rim, double x) {
    int n = rim.length / 3;
    boolean rising = rim[3 * (n - 1)] > rim[0];
    for (int i = 1; i < n; i++) {
      if (rising ? rim[3 * i] >= x : rim[3 * i] <= x) {
        double span = rim[3 * i] - rim[3 * i - 3];
        double t = span == 0 ? 0 : Curves.clamp01((x - rim[3 * i - 3]) / span);
        return mix(rim[3 * i - 2], rim[3 * i + 1], t);
      }
    }
    return rim[3 * n - 2];
  }

  /** The thickness of a lid: from the rim inwards to the ball. */
  private static Mesh strip(float[] rim, Vec eye, Material material) {
    int n = rim.length / 3;
    float[] p = new float[6 * n];
    for (int i = 0; i < n; i++) {
      Vec q = point(rim, i);
      put(p, i, q);
      put(p, n + i, q.towards(eye, 1 - 0.97 * Layout.EYE_RADIUS / q.minus(eye).length()));
    }
    return Mesh.of(material, p, new float[4 * n], Mesh.grid(2, n));
  }

  /** A dark line along the roots of the upper lashes. */
  private Mesh liner(float[] rim, Vec eye) {
    int n = rim.length / 3;
    float[] p = new float[6 * n];
    for (int i = 0; i < n; i++) {
      double s = (double) i / (n - 1);
      Vec q = point(rim, i);
      Vec out = q.minus(eye).unit();
      double high = (0.35 + 0.75 * s) * lashLength * Math.min(1, 6 * (1 - s) + 0.25);
      put(p, i, q.plus(out.times(0.12)).plus(new Vec(0, -high, 0.25 * high)));
      put(p, n + i, q.plus(out.times(0.12)).plus(new Vec(0, 0.25, 0)));
    }
    return Mesh.of(Material.LASH, p, new float[4 * n], Mesh.grid(2, n));
  }

  private Mesh lashes(float[] rim, int side, double blink) {
    float[] p = new float[LASHES * 5 * 3];
    int[] tri = new int[LASHES * 9];
    int n = rim.length / 3;
    for (int i = 0; i < LASHES; i++) {
      double s = 0.1 + 0.88 * i / (LASHES - 1);
      Vec root = point(rim, (int) Math.round(s * (n - 1))).plus(new Vec(0, 0, -0.1));
      double len = lashLength * (0.55 + 0.6 * s);
      Vec d = new Vec(side * (s - 0.38) * 6.5, mix(-3.9, 2.2, blink), -3.2).times(len);
      Vec middle = root.plus(d.times(0.5)).plus(new Vec(0, 0.55 * len, -0.4 * len));
      Vec wide = new Vec(0.26, 0, 0);
      put(p, 5 * i, root.minus(wide));
      put(p, 5 * i + 1, root.plus(wide));
      put(p, 5 * i + 2, middle.minus(wide.times(0.7)));
      put(p, 5 * i + 3, middle.plus(wide.times(0.7)));
      put(p, 5 * i + 4, root.plus(d));
      int[] t = {0, 2, 1, 1, 2, 3, 2, 4, 3};
      for (int k = 0; k < 9; k++) {
        tri[9 * i + k] = 5 * i + t[k];
      }
    }
    return Mesh.of(Material.LASH, p, new float[LASHES * 10], tri);
  }

  private static Vec point(float[] p, int i) {
    return new Vec(p[3 * i], p[3 * i + 1], p[3 * i + 2]);
  }

  private static void put(float[] p, int i, Vec v) {
    p[3 * i] = (float) v.x();
    p[3 * i + 1] = (float) v.y();
    p[3 * i + 2] = (float) v.z();
  }
}
