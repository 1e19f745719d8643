package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;

import java.util.List;

/** What an open mouth shows: the cavity behind the lips, both rows of teeth and the tongue. */
final class MouthParts {
  private static final int TOOTH_COLUMNS = 97;
  private static final double[] TOOTH_ENDS = {8.4, 15, 22.4, 29, 36}; // mm along the arch
  private static final float[] CAVITY_OPENNESS = {0.7f, 0.3f, 0.14f, 0.08f, 0.03f};

  private final Chart chart;
  private final Layout at;
  private final double lipDepth;
  private final int[] toothTriangles = Mesh.grid(4, TOOTH_COLUMNS);

  MouthParts(Layout at, Chart chart, float[] rest) {
    this.chart = chart;
    this.at = at;
    lipDepth = rest[3 * chart.upper(chart.mouthRow, chart.middle) + 2];
  }

  List<Mesh> build(float[] skin, Expression e) {
    double angle = Rig.jawAngle(e);
    Mesh tongue =
        Mesh.ellipsoid(
            Material.FLESH, new Vec(0, at.mouthY() + 7.5, lipDepth + 24), new Vec(16, 5.5, 17));
    return List.of(
        cavity(skin),
        teeth(at.mouthY() - 8, at.mouthY() + 1.8, lipDepth + 3.2, 0),
        teeth(at.mouthY() + 7.5, at.mouthY() + 1.2, lipDepth + 7.5, angle),
        swung(tongue, angle));
  }

  /** A bag from the rims of the lips inwards, darker with depth. */
  private Mesh cavity(float[] skin) {
    int n = 2 * chart.mouthCorner + 1;
    int levels = CAVITY_OPENNESS.length;
    float[] p = new float[2 * levels * n * 3];
    float[] open = new float[2 * levels * n];
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < n; i++) {
        int column = chart.middle - chart.mouthCorner + i;
        int up = chart.upper(chart.mouthRow, column);
        int low = chart.lower(chart.mouthRow, column);
        int v = half == 0 ? up : low;
        for (int l = 0; l < levels; l++) {
          double t = (double) l / (levels - 1);
          int k = (half * levels + l) * n + i;
          double middle = 0.5 * (skin[3 * up + 1] + skin[3 * low + 1]);
          double side = half == 0 ? -1 : 1;
          p[3 * k] = (float) (skin[3 * v] * (1 - 0.25 * t));
          double fromMiddle = (double) (i - chart.mouthCorner) / chart.mouthCorner;
          double room = 13 * Math.sqrt(1 - fromMiddle * fromMiddle);
          double bulge = side * room * Math.sin(Math.PI * t) * Math.min(1, 2 * t);
          double back = mix(skin[3 * v + 2], 0.5 * (skin[3 * up + 2] + skin[3 * low + 2]), t);
          p[3 * k + 1] = (float) (mix(skin[3 * v + 1], middle, t * t) + bulge);
          p[3 * k + 2] = (float) (back + 52 * Math.pow(t, 1.4) + 2 * t);
          open[k] = CAVITY_OPENNESS[l];
        }
      }
    }
    int[] one = Mesh.grid(levels, n);
    int[] tri = new int[2 * one.length];
    for (int i = 0; i < one.length; i++) {
      tri[i] = one[i];
      tri[one.length + i] = one[i] + levels * n;
    }
    return Mesh.of(Material.FLESH, p, new float[4 * levels * n], tri).withOpenness(open);
  }

  /**
   * An arch of teeth from the gums to the biting edge; u = mm from the middle, v = 0 at the gums.
   */
  private Mesh teeth(double gumY, double edgeY, double frontZ, double jawAngle) {
    int rows = 4;
    float[] p = new float[rows * TOOTH_COLUMNS * 3];
    float[] uv = new float[rows * TOOTH_COLUMNS * 2];
    for (int r = 0; r < rows; r++) {
      double t = (double) r / (rows - 1);
      for (int c = 0; c < TOOTH_COLUMNS; c++) {
        int k = r * TOOTH_COLUMNS + c;
        double arc = mix(-36, 36, (double) c / (TOOTH_COLUMNS - 1));
        double a = arc / 24;
        double round = crown(Math.abs(arc));
        double shorter = 0.10 * Math.abs(a) + 0.09 * (1 - round);
        double v = t * (1 - shorter);
        p[3 * k] = (float) (23.5 * Math.sin(a * 0.95));
        p[3 * k + 1] = (float) mix(gumY, edgeY, v);
        p[3 * k + 2] =
            (float) (frontZ + 22 * (1 - Math.cos(a * 1.05)) + 0.9 * (1 - round) + 0.5 * t * t);
        uv[2 * k] = (float) arc;
        uv[2 * k + 1] = (float) t;
        if (jawAngle != 0) {
          Rig.swing(p, 3 * k, jawAngle);
        }
      }
    }
    return Mesh.of(Material.TEETH, p, uv, toothTriangles);
  }

  /** 1 in the middle of a tooth, 0 between two. */
  static double crown(double arc) {
    double from = 0;
    for (double end : TOOTH_ENDS) {
      if (arc < end) {
        double t = 2 * (arc - from) / (end - from) - 1;
        return 1 - Math.pow(Math.abs(t), 4);
      }
      from = end;
    }
    return 0;
  }

  private static Mesh swung(Mesh m, double angle) {
    float[] p = m.position().clone();
    for (int i = 0; i < p.length; i += 3) {
      Rig.swing(p, i, angle);
    }
    return Mesh.of(m.material(), p, m.uv(), m.triangles());
  }
}
