package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

/** One ear as a relief on a leaf-shaped disc, hinged at its front edge, with a plain back. */
final class Ears {
  private static final int AROUND = 37;
  private static final int RINGS = 13;
  private static final double TILT = Math.toRadians(27);

  private Ears() {}

  /** The ear on one side (-1 = image left) of a head. */
  static Mesh build(Layout at, HeadField field, int side) {
    double y0 = -20;
    double z0 = 85;
    double x0 = surface(field, y0, z0 - 8) - 1.5;
    int rows = RINGS + 4;
    float[] p = new float[rows * AROUND * 3];
    for (int r = 0; r < rows; r++) {
      boolean back = r >= RINGS;
      double radius = back ? 1 - 0.22 * (r - RINGS + 1) : (double) r / (RINGS - 1);
      for (int c = 0; c < AROUND; c++) {
        double a = 2 * Math.PI * c / (AROUND - 1);
        // local leaf: q down, b to the back of the head
        double q = -Math.cos(a) * radius * 29.5;
        double b = Math.sin(a) * radius * leafWidth(q);
        double h = back ? -5 - 1.5 * (r - RINGS) : relief(b, q, radius, a);
        double off = b + 15;
        double x = x0 + off * Math.sin(TILT) + h * Math.cos(TILT);
        double z = z0 - 0.1 * q + b * Math.cos(TILT) - h * Math.sin(TILT);
        int k = 3 * (r * AROUND + c);
        p[k] = (float) (side * x);
        p[k + 1] = (float) (y0 + q);
        p[k + 2] = (float) z;
      }
    }
    int[] tri = Mesh.grid(rows, AROUND);
    if (side < 0) {
      for (int t = 0; t < tri.length; t += 3) {
        int s = tri[t];
        tri[t] = tri[t + 1];
        tri[t + 1] = s;
      }
    }
    return Mesh.of(Material.EAR, p, new float[rows * AROUND * 2], tri);
  }

  private static double leafWidth(double q) {
    return q < 0 ? 17.5 : 17.5 - 0.26 * q;
  }

  private static double relief(double b, double q, double radius, double a) {
    double rear = 0.5 + 0.5 * Math.cos(a - Math.PI / 3); // strongest above and behind
    double lobe = smoothstep(12, 24, q);
    double helix = 4.2 * bell((radius - 0.92) / 0.085) * (0.35 + 0.65 * rear) * (1 - 0.8 * lobe);
    double scapha = -1.6 * bell((radius - 0.74) / 0.09) * rear * (1 - lobe);
    double antihelix = 2.6 * bell((radius - 0.55) / 0.1) * rear * (1 - 0.7 * lobe);
    double concha = -8 * bell(b + 3.5, q - 2, 6, 9);
    double tragus = 4.2 * bell(b + 13, q - 4, 3, 4.5);
    double lobule = 1.5 * bell(b + 2, q - 23, 8, 6);
    double drop = -2.5 * smoothstep(0.93, 1, radius);
    return helix + scapha + antihelix + concha + tragus + lobule + drop;
  }

  private static double surface(HeadField field, double y, double z) {
    double in = 20;
    double out = 130;
    for (int i = 0; i < 30; i++) {
      double mid = 0.5 * (in + out);
      if (field.distance(mid, y, z) < 0) {
        in = mid;
      } else {
        out = mid;
      }
    }
    return out;
  }
}
