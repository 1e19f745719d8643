package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

import java.util.EnumMap;
import java.util.Map;

/**
 * Moves the vertices of a sculpted head by an {@link Expression}: shape offsets first, then the jaw
 * around its hinge, then the lids, which slide over the lid surface along their columns.
 */
final class Rig {
  private static final double HINGE_Y = -8;
  private static final double HINGE_Z = 72;
  private static final double JAW_DEGREES = 15;
  private static final double EYES_CLOSE_BELOW = 2.2;

  private enum Shape {
    SMILE,
    SULK,
    PUCKER,
    BROW_RAISE,
    BROW_FROWN
  }

  private final Layout at;
  private final Identity id;
  private final Chart chart;
  private final float[] rest; // (vertices, 3), eyes and mouth closed
  private final Map<Shape, float[]> offsets = new EnumMap<>(Shape.class); // (vertices, 3)
  private final float[] jaw; // (vertices), share of the jaw's rotation
  private final int firstMoving;
  private final int lastMoving;

  Rig(Identity id, Layout at, Chart chart, float[] sculpted) {
    this.id = id;
    this.at = at;
    this.chart = chart;
    rest = sculpted.clone();
    personalize();
    for (Shape s : Shape.values()) {
      offsets.put(s, new float[rest.length]);
    }
    jaw = new float[chart.vertexCount()];
    for (int r = 0; r < chart.rows; r++) {
      for (int c = 0; c < chart.columns; c++) {
        bind(chart.upper(r, c), r > chart.mouthRow);
        bind(chart.lower(r, c), r >= chart.mouthRow);
      }
    }
    int[] moving = movingRows();
    firstMoving = moving[0];
    lastMoving = moving[1];
  }

  /** Tilt of the eyes, lift of the mouth corners, and the small asymmetry that every face has. */
  private void personalize() {
    double tilt = Math.tan(Math.toRadians(5 * id.eyes().tilt()));
    double lift = 2 * id.mouth().corners();
    Noise noise = new Noise(id.seed() * 31 + 7);
    for (int i = 0; i < rest.length; i += 3) {
      double x = rest[i];
      double y = rest[i + 1];
      double z = rest[i + 2];
      double front = smoothstep(60, 25, z);
      double out = Math.abs(x) - at.eyeX();
      y -= out * tilt * bell(out, y - Layout.EYE_Y, 19, 15) * front;
      y -= lift * bell(Math.abs(x) - at.mouthHalf(), y - at.mouthY(), 9, 9) * front;
      rest[i] = (float) (x + 0.9 * front * noise.smooth(x / 45, y / 45, 1));
      rest[i + 1] = (float) (y + 0.9 * front * noise.smooth(x / 40, y / 60, 2));
    }
  }

  private void bind(int vertex, boolean lowerRim) {
    double x = rest[3 * vertex];
    double y = rest[3 * vertex + 1];
    double z = rest[3 * vertex + 2];
    jaw[vertex] = (float) jawShare(x, y, z, lowerRim);
    double front = smoothstep(62, 30, z) * smoothstep(at.chinY() + 8, at.chinY() - 8, y);
    if (front == 0) {
      return;
    }
    for (Shape s : Shape.values()) {
      Vec d = offset(s, Math.abs(x), y, lowerRim).times(front);
      float[] o = offsets.get(s);
      o[3 * vertex] = (float) (Math.signum(x) * d.x());
      o[3 * vertex + 1] = (float) d.y();
      o[3 * vertex + 2] = (float) d.z();
    }
  }

  private Vec offset(Shape shape, double x, double y, boolean lowerRim) {
    double dx = x - at.mouthHalf();
    double dy = y - at.mouthY();
    double corner = bell(dx, dy, dx > 0 ? 13 : 15, dy < 0 ? 13 : 10);
    double apple = bell(x - 40, y + 4, 14, 12);
    return switch (shape) {
      case SMILE ->
          new Vec(
              5.5 * corner * Math.min(1, x / 10) + 1.2 * apple,
              -5.8 * corner - 3.2 * apple + lipPress(x, dy) - lipLift(x, dy, lowerRim),
              4.2 * corner - 2.8 * apple);
      case SULK ->
          new Vec(-1.2 * corner * Math.min(1, x / 10), 5 * corner + lipPress(x, dy), 1.5 * corner);
      case PUCKER -> {
        double w = bell(x, dy, 24, 15);
        yield new Vec(-0.40 * x * w, 0.15 * dy * w, -5.5 * bell(x, dy, 13, 10));
      }
      case BROW_RAISE -> {
        double w = smoothstep(-46, -56, y) * smoothstep(-112, -68, y) * smoothstep(66, 40, x);
        yield new Vec(0, -6.5 * w, 0);
      }
      case BROW_FROWN -> {
        double w = bell(x - 13, y + 56, 13, 9);
        yield new Vec(-3.4 * w * Math.min(1, x / 8), 4.2 * w, -1.4 * bell(x, y + 55, 9, 8));
      }
    };
  }

  /** A smile bares the upper teeth. */
  private double lipLift(double x, double dy, boolean lowerRim) {
    return lowerRim ? 0 : 2.2 * bell(x, dy + 2, 17, 9);
  }

  /** A stretched mouth thins its lips. */
  private double lipPress(double x, double dy) {
    double inside = smoothstep(at.mouthHalf(), 0.3 * at.mouthHalf(), x);
    return -0.16 * dy * bell(dy / 9) * inside;
  }

  private double jawShare(double x, double y, double z, boolean lowerRim) {
    double mx = Math.abs(x);
    double dy = y - at.mouthY();
    double beyond = Math.max(0, mx - at.mouthHalf());
    double beside = smoothstep(-13 - 0.35 * beyond, 15 + 0.3 * beyond, dy);
    double c = smoothstep(0.35, 1.02, mx / at.mouthHalf());
    double share = lowerRim ? mix(1, beside, c) : mix(0, beside, c);
    return share * smoothstep(80, 48, z) * smoothstep(at.chinY() + 42, at.chinY() + 4, y);
  }

  private int[] movingRows() {
    int first = chart.rows;
    int last = 0;
    for (int r = 0; r < chart.rows; r++) {
      for (int c = 0; c < chart.columns; c++) {
        int v = chart.upper(r, c);
        boolean moves = jaw[v] > 0;
        for (float[] o : offsets.values()) {
          moves |= o[3 * v] != 0 || o[3 * v + 1] != 0;
        }
        if (moves) {
          first = Math.min(first, r);
          last = Math.max(last, r);
        }
      }
    }
    return new int[] {first, last};
  }

  float[] rest() {
    return rest;
  }

  /** Angle of the jaw in radians. */
  static double jawAngle(Expression e) {
    return Math.toRadians(JAW_DEGREES * e.jawOpen());
  }

  /** Positions (vertices, 3) under an expression. */
  float[] pose(Expression e) {
    float[] p = rest.clone();
    Map<Shape, Double> amount =
        Map.of(
            Shape.SMILE, Math.max(0, e.smile()),
            Shape.SULK, Math.max(0, -e.smile()),
            Shape.PUCKER, e.pucker(),
            Shape.BROW_RAISE, e.browRaise(),
            Shape.BROW_FROWN, e.browFrown());
    moveLids(p, e);
    int from = chart.upper(firstMoving, 0);
    int to = chart.upper(lastMoving, chart.columns - 1) + 1;
    move(p, from, to, amount, jawAngle(e));
    move(p, chart.rows * chart.columns, chart.vertexCount(), amount, jawAngle(e));
    return p;
  }

  private void move(float[] p, int from, int to, Map<Shape, Double> amount, double jawAngle) {
    for (Shape s : Shape.values()) { // in this order, or sums would round differently
      float a = amount.get(s).floatValue();
      if (a != 0) {
        float[] o = offsets.get(s);
        for (int i = 3 * from; i < 3 * to; i++) {
          p[i] += a * o[i];
        }
      }
    }
    if (jawAngle != 0) {
      for (int i = from; i < to; i++) {
        if (jaw[i] > 0) {
          swing(p, 3 * i, jawAngle * jaw[i]);
        }
      }
    }
  }

  /** Rotates one point around the hinge of the jaw. */
  static void swing(float[] p, int i, double angle) {
    double dy = p[i + 1] - HINGE_Y;
    double dz = p[i + 2] - HINGE_Z;
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    p[i + 1] = (float) (HINGE_Y + dy * cos - dz * sin);
    p[i + 2] = (float) (HINGE_Z + dy * sin + dz * cos);
  }

  private void moveLids(float[] p, Expression e) {
    for (int side = -1; side <= 1; side += 2) {
      double blink = side < 0 ? e.blinkLeft() : e.blinkRight();
      for (int k = chart.eyeInner + 1; k < chart.eyeOuter; k++) {
        int column = chart.middle + side * k;
        double s = along(k);
        slide(p, column, chart.foldRow, chart.eyeRow, upperLift(s, blink, e));
        slide(p, column, chart.eyeRow + 10, chart.eyeRow, -lowerDrop(s, blink, e));
      }
    }
  }

  /** 0 at the inner corner of the eye, 1 at the outer. */
  double along(int k) {
    double x = rest[3 * chart.upper(chart.eyeRow, chart.middle + k)];
    double inner = rest[3 * chart.upper(chart.eyeRow, chart.middle + chart.eyeInner)];
    double outer = rest[3 * chart.upper(chart.eyeRow, chart.middle + chart.eyeOuter)];
    return (x - inner) / (outer - inner);
  }

  private double upperLift(double s, double blink, Expression e) {
    double arch = Math.pow(Math.max(0, 4 * s * (1 - s)), 0.66) * (1.06 - 0.12 * s);
    double size = 5.2 + 0.8 * id.eyes().size() - 0.5 * Math.max(0, id.eyes().hooded());
    double wide =
        size
            + 0.9 * e.browRaise()
            - 0.9 * e.browFrown()
            - 0.5 * Math.max(0, e.smile())
            - 2.4 * e.gazeY();
    return mix(wide, -EYES_CLOSE_BELOW, blink) * arch;
  }

  private double lowerDrop(double s, double blink, Expression e) {
    double arch = Math.pow(Math.max(0, 4 * s * (1 - s)), 0.72) * (0.94 + 0.12 * s);
    double open =
        3.5
            + 0.5 * id.eyes().size()
            - 1.3 * Math.max(0, e.smile())
            - 0.6 * e.browFrown()
            + 0.7 * e.gazeY();
    return mix(open, EYES_CLOSE_BELOW, blink) * arch;
  }

  /**
   * Lifts the rim of one column by {@code lift} millimetres; the skin between the rim and the still
   * row is squeezed, and every vertex stays on the surface that the column had at rest.
   */
  private void slide(float[] p, int column, int stillRow, int rimRow, double lift) {
    int step = rimRow > stillRow ? 1 : -1;
    double still = rest[3 * chart.upper(stillRow, column) + 1];
    double rim = rest[3 * chart.upper(rimRow, column) + 1];
    for (int r = stillRow; r != rimRow + step; r += step) {
      int v = step > 0 ? chart.upper(r, column) : chart.lower(r, column);
      double y = rest[3 * v + 1];
      double target = y - lift * (y - still) / (rim - still);
      toHeight(p, v, column, target);
    }
  }

  private void toHeight(float[] p, int vertex, int column, double y) {
    int r = chart.foldRow - 6;
    while (r < chart.eyeRow + 14 && rest[3 * chart.upper(r + 1, column) + 1] < y) {
      r++;
    }
    int a = 3 * chart.upper(r, column);
    int b = 3 * chart.upper(r + 1, column);
    double t = (y - rest[a + 1]) / (rest[b + 1] - rest[a + 1]);
    p[3 * vertex] = (float) mix(rest[a], rest[b], t);
    p[3 * vertex + 1] = (float) y;
    p[3 * vertex + 2] = (float) mix(rest[a + 2], rest[b + 2], t);
  }
}
