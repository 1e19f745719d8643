package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.polyline;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

/** Where hair grows on a head: above a line from the forehead over the temples to the neck. */
final class Hairline {
  private final Layout at;
  private final double front;
  private final double ragged;
  private final Noise noise;

  Hairline(Identity id, Layout at) {
    this.at = at;
    double age = id.skin().stubble() + id.extras().beard() > 0.2 ? id.skin().age() : 0;
    front = -97 - 3 * id.skull().length() - 9 * age;
    ragged = 2.5;
    noise = new Noise(id.seed() * 53 + 29);
  }

  /** Lowest rooted height at an angle around the head ({@code phi}, 0 = front, in radians). */
  double height(double phi) {
    double a = Math.abs(phi);
    return polyline(
        a, 0, front, 0.35, front - 3, 0.62, front - 4, 0.85, front + 8, 1.0, -74, 1.14, -62, 1.22,
        -44, 1.3, -24, 1.42, -16, 1.6, -50, 1.75, -40, 2.0, 2, 2.5, 28, Math.PI, 36);
  }

  /** 1 well inside the hair, 0 on bare skin. */
  double density(double x, double y, double z) {
    if (y > 60) {
      return 0;
    }
    double phi = Math.atan2(x, 78 - z);
    double edge = height(phi) + ragged * noise.smooth(x / 3 + z / 3, y / 6, 1);
    return smoothstep(edge + 3.5, edge - 3.5, y) * (at.chinY() > y ? 1 : 0);
  }
}
