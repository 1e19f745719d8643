package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.List;

/** Spectacles: two rims, a bridge and two temples of bent tube, without lenses. */
final class Glasses {
  private static final int SIDES = 7;

  private Glasses() {}

  static List<Mesh> build(Layout at, HeadField field) {
    List<Mesh> parts = new ArrayList<>();
    double outer = at.eyeX() + 24;
    for (int side = -1; side <= 1; side += 2) {
      Vec[] rim = new Vec[37];
      for (int i = 0; i < rim.length; i++) {
        double a = 2 * Math.PI * i / (rim.length - 1);
        double c = Math.cos(a);
        double s = Math.sin(a);
        // between an ellipse and a box
        double round = Math.pow(Math.pow(Math.abs(c), 3.2) + Math.pow(Math.abs(s), 3.2), -1 / 3.2);
        double x = at.eyeX() + 0.5 + 23 * c * round;
        rim[i] = new Vec(side * x, Layout.EYE_Y + 2.5 + 17 * s * round, depth(x));
      }
      parts.add(tube(rim, 1.35));
      Vec hinge = new Vec(side * outer, Layout.EYE_Y - 6, depth(outer) + 1);
      double ear = halfWidth(field) + 2.5;
      parts.add(
          tube(
              new Vec[] {
                hinge,
                new Vec(side * (ear - 3), Layout.EYE_Y - 6, 25),
                new Vec(side * ear, Layout.EYE_Y - 5, 60),
                new Vec(side * ear, Layout.EYE_Y - 2, 92)
              },
              1.3));
    }
    Vec[] bridge = new Vec[9];
    for (int i = 0; i < bridge.length; i++) {
      double t = i / 4.0 - 1;
      double x = t * (at.eyeX() - 21);
      bridge[i] =
          new Vec(x, Layout.EYE_Y - 5 - 2.5 * (1 - t * t), depth(Math.abs(x)) - 1.5 * (1 - t * t));
    }
    parts.add(tube(bridge, 1.4));
    return parts;
  }

  private static double depth(double x) {
    return -17 + 0.0042 * x * x;
  }

  private static double halfWidth(HeadField field) {
    double x = 50;
    while (x < 110 && field.distance(x, Layout.EYE_Y - 5, 60) < 0) {
      x += 0.5;
    }
    return x;
  }

  private static Mesh tube(Vec[] path, double radius) {
    float[] p = new float[path.length * SIDES * 3];
    for (int k = 0; k < path.length; k++) {
      Vec along = path[Math.min(path.length - 1, k + 1)].minus(path[Math.max(0, k - 1)]).unit();
      Vec across =
          along.cross(Math.abs(along.y()) < 0.8 ? new Vec(0, 1, 0) : new Vec(0, 0, 1)).unit();
      Vec other = along.cross(across);
      for (int s = 0; s < SIDES; s++) {
        double a = 2 * Math.PI * s / (SIDES - 1);
        Vec q =
            path[k]
                .plus(across.times(radius * Math.cos(a)))
                .plus(other.times(radius * Math.sin(a)));
        int i = 3 * (k * SIDES + s);
        p[i] = (float) q.x();
        p[i + 1] = (float) q.y();
        p[i + 2] = (float) q.z();
      }
    }
    return Mesh.of(
        Material.GLASSES, p, new float[path.length * SIDES * 2], Mesh.grid(path.length, SIDES));
  }
}
