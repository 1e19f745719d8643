package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.clamp01;
import static org.likeness.faceset.synthetic.Curves.polyline;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

/** Where a beard grows on one identity: jaw, chin and upper lip, up to the sideburns. */
final class BeardArea {
  private final Layout at;
  private final Noise noise;

  BeardArea(Identity id, Layout at) {
    this.at = at;
    noise = new Noise(id.seed() * 977 + 3);
  }

  /** Density in [0, 1] at a resting position; {@code phi} is its longitude in radians. */
  double density(double x, double y, double z, double phi) {
    double mx = Math.abs(x);
    double mouth = at.mouthY();
    double edge = 6 * noise.smooth(phi * 8, y / 9, 7);
    double line =
        polyline(
            mx,
            0,
            mouth + 14,
            14,
            mouth + 13,
            24,
            mouth + 4,
            36,
            mouth - 3,
            52,
            mouth - 14,
            64,
            -14,
            72,
            -45);
    double below = smoothstep(line - 3, line + 9, y + edge * 0.6);
    double lip = (at.noseBaseY() + mouth - at.upperLip()) / 2 + 0.6;
    double moustache =
        bell((y - lip) / 4.2)
            * smoothstep(at.mouthHalf() + 6, at.mouthHalf() - 8, mx)
            * (0.6 + 0.4 * smoothstep(0, 4, mx));
    double tuft = 0.8 * bell(x, y - mouth - at.lowerLip() - 5, 6, 5);
    double neck = smoothstep(at.chinY() + 26, at.chinY() - 2, y);
    double lips = onLips(mx, y) ? 0 : 1;
    double most = Math.max(below, Math.max(1.2 * moustache, tuft));
    return clamp01(most * neck * lips * smoothstep(76, 66, z));
  }

  private boolean onLips(double mx, double y) {
    double dy = y - at.mouthY();
    double reach = dy < 0 ? at.upperLip() : at.lowerLip();
    double s = mx / at.mouthHalf();
    return s < 1.05 && Math.abs(dy) < reach * Math.sqrt(Math.max(0, 1.1 - s * s)) + 0.5;
  }
}
