package org.likeness.faceset.synthetic;

/**
 * The 68 iBUG landmarks as places on the chart of one identity: brows, nose, lids and lips are
 * fixed to the skin, the jaw line follows the outline that the camera sees.
 */
final class LandmarkPlaces {
  static final int COUNT = 68;
  private static final double[] JAW_Y = {-30, -11, 8, 26, 42.5, 56.5, 67.2, 75.2, 77.5};
  private static final double[] JAW_X = {73, 72.5, 70.5, 67, 60, 48.5, 34, 18, 0};

  /** A place between four crossings of the chart; {@code lower} takes the lower rim of a slit. */
  private record Place(int row, int column, double down, double right, boolean lower) {}

  private final Chart chart;
  private final Layout at;
  private final float[] rest;
  private final Place[] places = new Place[COUNT];

  LandmarkPlaces(Identity id, Layout at, Chart chart, Sculptor lips, float[] rest) {
    this.chart = chart;
    this.at = at;
    this.rest = rest;
    jaw();
    Brow brow = new Brow(id, at);
    for (int i = 0; i < 5; i++) {
      double[] p = brow.landmark(i);
      mirrored(21 - i, 22 + i, p[0], p[1]);
    }
    nose(id);
    eyes();
    mouth(lips);
  }

  private void jaw() {
    double stretch = (at.chinY() - Layout.EYE_Y) / (JAW_Y[8] - Layout.EYE_Y);
    for (int i = 0; i <= 8; i++) {
      double y =
          JAW_Y[i] < Layout.EYE_Y ? JAW_Y[i] : Layout.EYE_Y + (JAW_Y[i] - Layout.EYE_Y) * stretch;
      int[] v = outline(JAW_X[i], y);
      places[i] = new Place(v[0], 2 * chart.middle - v[1], 0, 0, true);
      places[16 - i] = new Place(v[0], v[1], 0, 0, true);
    }
  }

  /** (|u - 0.5|, v) of the jaw landmarks from the chin to the ear. */
  float[][] jawLine() {
    float[][] line = new float[9][];
    for (int i = 0; i < 9; i++) {
      Place p = places[8 + i];
      line[i] = new float[] {chart.u[p.column] - 0.5f, chart.v[p.row]};
    }
    return line;
  }

  /**
   * The crossing furthest out on the frontal view in the direction of a point, in front of the
   * ears.
   */
  private int[] outline(double x, double y) {
    double y0 = -20;
    double length = Math.hypot(x, y - y0);
    double ux = x / length;
    double uy = (y - y0) / length;
    int[] best = null;
    double most = -1e9;
    for (int r = chart.foldRow; r < chart.rows; r++) {
      for (int c = chart.middle; c < chart.columns; c++) {
        int i = 3 * chart.upper(r, c);
        double px = rest[i];
        double py = rest[i + 1] - y0;
        double aside = Math.abs(px * uy - py * ux);
        double limit = x < 1 ? 0.01 : 2.5;
        double out = px * ux + py * uy - 0.6 * aside;
        if (rest[i + 2] < 52 && aside <= limit && py + y0 < at.chinY() + 6 && out > most) {
          most = out;
          best = new int[] {r, c};
        }
      }
    }
    return best;
  }

  private void nose(Identity id) {
    double tip = at.noseTipY();
    double base = at.noseBaseY();
    double[] bridge = {-42, 0, 0, tip};
    bridge[1] = Curves.mix(-42, tip, 0.33);
    bridge[2] = Curves.mix(-42, tip, 0.67);
    for (int i = 0; i < 4; i++) {
      places[27 + i] = place(0, bridge[i], false);
    }
    double ala = 13.2 + 3.1 * id.nose().width();
    mirrored(31, 35, ala, base - 3.5);
    mirrored(32, 34, 0.52 * ala, base - 0.6);
    places[33] = place(0, base + 0.6, false);
  }

  private void eyes() {
    int span = chart.eyeOuter - chart.eyeInner;
    int near = chart.eyeInner + Math.round(span * 0.33f);
    int far = chart.eyeInner + Math.round(span * 0.66f);
    int[] columns = {chart.eyeOuter, far, near, chart.eyeInner, near, far};
    for (int i = 0; i < 6; i++) {
      places[36 + i] = rim(chart.eyeRow, -columns[i], i > 3);
    }
    int[] right = {45, 44, 43, 42, 47, 46};
    for (int i = 0; i < 6; i++) {
      places[right[i]] = rim(chart.eyeRow, columns[i], i > 3);
    }
  }

  private Place rim(int row, int fromMiddle, boolean lower) {
    return new Place(row, chart.middle + fromMiddle, 0, 0, lower);
  }

  private void mouth(Sculptor lips) {
    double half = at.mouthHalf();
    mirrored(48, 54, half * 0.99, at.mouthY());
    double[] s = {0.62, 0.22};
    for (int i = 0; i < 2; i++) {
      mirrored(49 + i, 53 - i, s[i] * half, at.mouthY() - lips.upperBorder(s[i]));
    }
    places[51] = place(0, at.mouthY() - lips.upperBorder(0), false);
    double[] t = {0.62, 0.27};
    for (int i = 0; i < 2; i++) {
      mirrored(59 - i, 55 + i, t[i] * half, at.mouthY() + lips.lowerBorder(t[i]));
    }
    places[57] = place(0, at.mouthY() + lips.lowerBorder(0), false);
    mirrored(60, 64, half * 0.86, at.mouthY());
    mirrored(61, 63, half * 0.28, at.mouthY());
    places[62] = place(0, at.mouthY(), false);
    places[66] = place(0, at.mouthY(), true);
    int[] low = {67, 65};
    for (int i = 0; i < 2; i++) {
      places[low[i]] = place((i == 0 ? -0.28 : 0.28) * half, at.mouthY(), true);
    }
  }

  private void mirrored(int left, int right, double x, double y) {
    places[left] = place(-x, y, false);
    places[right] = place(x, y, false);
  }

  /** The place of a frontal position in the part of the face whose rows are horizontal. */
  private Place place(double x, double y, boolean lower) {
    int r = chart.foldRow - 20;
    while (chart.rowY[r + 1] <= y + 1e-9) {
      r++;
    }
    double down = (y - chart.rowY[r]) / (chart.rowY[r + 1] - chart.rowY[r]);
    int c = 0;
    int middleRow = down > 0.5 ? r + 1 : r;
    while (Math.abs(chart.phi[c]) > 1.45
        || (c + 2 < chart.columns && rest[3 * chart.upper(middleRow, c + 1)] <= x)) {
      c++;
    }
    double a = rest[3 * chart.upper(middleRow, c)];
    double b = rest[3 * chart.upper(middleRow, c + 1)];
    return new Place(r, c, Math.max(0, down), (x - a) / (b - a), lower);
  }

  /**
   * LandmarkPlaces (68, 3) in view space: {@code view} and {@code normal} are those of the posed
   * skin.
   */
  float[] onSkin(float[] view, float[] normal) {
    float[] out = new float[3 * COUNT];
    for (int i = 0; i < COUNT; i++) {
      Place p = i < 17 ? visible(places[i], view, normal) : places[i];
      for (int k = 0; k < 3; k++) {
        double top =
            Curves.mix(
                at(view, p, p.row, p.column, k), at(view, p, p.row, p.column + 1, k), p.right);
        double low =
            p.down == 0
                ? 0
                : Curves.mix(
                    at(view, p, p.row + 1, p.column, k),
                    at(view, p, p.row + 1, p.column + 1, k),
                    p.right);
        out[3 * i + k] = (float) (top + (low - top) * p.down);
      }
    }
    return out;
  }

  private float at(float[] view, Place p, int row, int column, int k) {
    int v = p.lower ? chart.lower(row, column) : chart.upper(row, column);
    return view[3 * v + k];
  }

  /** Slides a jaw landmark that faces away to the outline: inwards or up, as its surface turns. */
  private Place visible(Place p, float[] view, float[] normal) {
    int inwards = Integer.compare(chart.middle, p.column);
    int c = p.column;
    int r = p.row;
    int v = chart.lower(r, c);
    while (r > chart.mouthRow && facesAway(v, view, normal)) {
      if (c != chart.middle && Math.abs(normal[3 * v]) > Math.abs(normal[3 * v + 1])) {
        c += inwards;
      } else {
        r--;
      }
      v = chart.lower(r, c);
    }
    while (c != chart.middle && facesAway(v, view, normal)) {
      c += inwards;
      v = chart.lower(r, c);
    }
    return c == p.column && r == p.row ? p : new Place(r, c, 0, 0, true);
  }

  private static boolean facesAway(int v, float[] view, float[] normal) {
    double dz = view[3 * v + 2] + Camera.DISTANCE;
    return normal[3 * v] * view[3 * v]
            + normal[3 * v + 1] * view[3 * v + 1]
            + normal[3 * v + 2] * dz
        > 0;
  }
}
