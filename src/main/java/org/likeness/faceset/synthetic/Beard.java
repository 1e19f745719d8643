package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.List;

/** A grown beard: short locks that stand on the skin and move with the place they are rooted in. */
final class Beard {
  private static final int STEPS = 4;

  private final Mesh still;
  private final int[] roots; // (vertices of the mesh), vertex of the skin
  private final float[] rest; // skin at rest

  private Beard(Mesh still, int[] roots, float[] rest) {
    this.still = still;
    this.roots = roots;
    this.rest = rest;
  }

  /** The beard of an identity, or null if it has none. */
  static Beard grow(Identity id, Layout at, Chart chart, HeadField field, float[] rest) {
    double length = id.extras().beard();
    if (length == 0) {
      return null;
    }
    BeardArea area = new BeardArea(id, at);
    Noise noise = new Noise(id.seed() * 211 + 77);
    List<Ribbon> locks = new ArrayList<>();
    List<Integer> rooted = new ArrayList<>();
    for (int r = chart.eyeRow; r < chart.rows; r++) {
      for (int c = 0; c < chart.columns; c++) {
        int v = chart.lower(r, c);
        Vec p = new Vec(rest[3 * v], rest[3 * v + 1], rest[3 * v + 2]);
        double density = area.density(p.x(), p.y(), p.z(), chart.phi[c]);
        if (p.y() < at.chinY() + 22 && noise.at(r, c, 1) < 1.1 * density - 0.12) {
          locks.add(
              lock(
                  p.plus(new Vec(noise.at(r, c, 5) - 0.5, 1.6 * noise.at(r, c, 6) - 0.8, 0)),
                  field.normal(p),
                  (0.12 + 0.88 * length) * density,
                  at,
                  new double[] {noise.at(r, c, 2), noise.at(r, c, 3), noise.at(r, c, 4)}));
          rooted.add(v);
        }
      }
    }
    if (locks.isEmpty()) {
      return null;
    }
    Mesh mesh = Ribbon.mesh(Material.BEARD, locks);
    int[] roots = new int[mesh.vertices()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = rooted.get(i / (3 * STEPS));
    }
    return new Beard(mesh, roots, rest);
  }

  private static Ribbon lock(Vec p, Vec n, double length, Layout at, double[] chance) {
    double chin = Curves.smoothstep(at.mouthY(), at.chinY(), p.y());
    double long_ = (3 + 20 * length * (0.35 + 0.65 * chin)) * (0.6 + 0.7 * chance[0]);
    double side = Math.signum(p.x());
    boolean moustache = p.y() < at.mouthY();
    Vec down =
        moustache && Math.abs(p.x()) < at.mouthHalf()
            ? new Vec(0.75 * side, 0.8, 0)
            : new Vec(0.15 * side, 1, -0.1);
    Vec flat =
        down.minus(n.times(down.dot(n)))
            .plus(new Vec(chance[1] - 0.5, 0.2, chance[2] - 0.5).times(0.7))
            .unit();
    Vec[] path = new Vec[STEPS];
    Vec[] out = new Vec[STEPS];
    Vec q = p.minus(n.times(0.5));
    for (int k = 0; k < STEPS; k++) {
      path[k] = q;
      out[k] = n;
      double stand = 0.75 - 0.25 * k;
      q = q.plus(flat.plus(n.times(stand)).unit().times(long_ / (STEPS - 1)));
    }
    return new Ribbon(path, out, 1.7 + 1.2 * chance[1], 50 * chance[2]);
  }

  Mesh atRest() {
    return still;
  }

  Beard withOpenness(float[] open) {
    return new Beard(still.withOpenness(open), roots, rest);
  }

  /** The beard on posed skin (vertices, 3). */
  Mesh on(float[] skin) {
    float[] p = still.position().clone();
    for (int i = 0; i < roots.length; i++) {
      for (int k = 0; k < 3; k++) {
        p[3 * i + k] += skin[3 * roots[i] + k] - rest[3 * roots[i] + k];
      }
    }
    return new Mesh(
        still.material(),
        p,
        still.normal(),
        still.uv(),
        still.openness(),
        still.tangent(),
        still.triangles());
  }
}
