package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Grows hair on a head: a closed cap over the scalp and ribbon-shaped locks combed over it. */
final class HairBuilder {
  private static final int STEPS = 13;
  private static final Vec SKULL = new Vec(0, -58, 80);

  private final HeadField field;
  private final Hairline hairline;
  private final HairFlow flow;
  private final Noise noise;
  private final double wave;

  HairBuilder(Identity id, Layout at, HeadField field) {
    this.field = field;
    hairline = new Hairline(id, at);
    flow = new HairFlow(id);
    noise = new Noise(id.seed() * 389 + 41);
    wave = id.hair().wave();
  }

  List<Mesh> build(Chart chart, float[] rest) {
    List<Mesh> parts = new ArrayList<>();
    if (flow.style() == Identity.HairStyle.BALD) {
      return parts;
    }
    parts.add(cap(chart, rest));
    List<Ribbon> locks =
        IntStream.range(0, flow.locks() + flow.frontLocks())
            .parallel()
            .mapToObj(this::lock)
            .filter(r -> r != null)
            .toList();
    if (!locks.isEmpty()) {
      parts.addAll(Ribbon.meshes(locks, flow.hanging()));
    }
    if (flow.style() == Identity.HairStyle.BUN) {
      parts.addAll(List.of(Ribbon.mesh(Material.HAIR, knot())));
    }
    return parts;
  }

  private Mesh cap(Chart chart, float[] rest) {
    int columns = chart.columns;
    int rows = chart.mouthRow;
    int n = rows * columns;
    float[] p = new float[3 * n];
    float[] tangent = new float[3 * n];
    float[] uv = new float[2 * n];
    boolean[] hairy = new boolean[n];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            i -> {
              Vec q = new Vec(rest[3 * i], rest[3 * i + 1], rest[3 * i + 2]);
              double dense = hairline.density(q.x(), q.y(), q.z());
              hairy[i] = dense > 0.02;
              Vec out = i < 6 * columns ? new Vec(0, -1, 0) : field.normal(q);
              Vec d = flow.direction(q, q);
              d = d.minus(out.times(d.dot(out))).unit();
              double bumps =
                  1
                      + (curly() ? 0.22 : 0.06)
                          * noise.rough(q.x() / 9 + q.z() / 15, q.y() / 9 + q.z() / 12, 4);
              put(p, i, q.plus(out.times(flow.cap(q) * bumps * Math.sqrt(dense) - 0.4)));
              put(tangent, i, d);
              Vec side = d.cross(out);
              uv[2 * i] = (float) (q.dot(side) / 1.6);
              uv[2 * i + 1] = 0.3f;
            });
    int[] all = Mesh.grid(rows, columns);
    int[] tri = new int[all.length];
    int m = 0;
    for (int t = 0; t < all.length; t += 3) {
      if (hairy[all[t]] && hairy[all[t + 1]] && hairy[all[t + 2]]) {
        System.arraycopy(all, t, tri, m, 3);
        m += 3;
      }
    }
    Mesh plain = Mesh.of(Material.LOOSE_HAIR, p, uv, java.util.Arrays.copyOf(tri, m));
    return new Mesh(
        Material.LOOSE_HAIR, p, plain.normal(), uv, plain.openness(), tangent, plain.triangles());
  }

  private boolean curly() {
    return flow.style() == Identity.HairStyle.CURLY;
  }

  private Ribbon lock(int i) {
    if (i >= flow.locks()) {
      return frontLock(i);
    }
    // roots lie on a Fibonacci lattice over the sphere, a little shaken
    double h = 1 - (2 * i + 1.0) / flow.locks();
    double a = i * Math.PI * (3 - Math.sqrt(5)) + 0.6 * noise.at(i, 0, 1);
    double r = Math.sqrt(1 - h * h);
    Vec root = surface(new Vec(Math.cos(a) * r, -h, Math.sin(a) * r));
    if (hairline.density(root.x(), root.y(), root.z()) < 0.3) {
      return null;
    }
    return curly() ? curl(i, root) : comb(i, root);
  }

  private Ribbon frontLock(int i) {
    double phi = 0.8 * (2 * noise.at(i, 11, 1) - 1);
    double y = hairline.height(phi) - 1 - 16 * noise.at(i, 12, 1);
    Vec towards = new Vec(78 * Math.sin(phi), y - SKULL.y(), -85 * Math.cos(phi));
    return comb(i, surface(towards.unit()));
  }

  private Vec surface(Vec d) {
    double in = 20;
    double out = 220;
    for (int k = 0; k < 24; k++) {
      double mid = 0.5 * (in + out);
      Vec p = SKULL.plus(d.times(mid));
      if (field.distance(p.x(), p.y(), p.z()) < 0) {
        in = mid;
      } else {
        out = mid;
      }
    }
    return SKULL.plus(d.times(out));
  }

  private Ribbon comb(int i, Vec root) {
    double chance = noise.at(i, 1, 1);
    double layer = noise.at(i, 2, 1);
    double trim = flow.trim(root, noise.at(i, 3, 1));
    double step = flow.length(root, chance) / (STEPS - 1);
    double stray = 0.16 * (noise.at(i, 4, 1) - 0.5);
    Vec[] path = new Vec[STEPS];
    Vec[] out = new Vec[STEPS];
    Vec p = root;
    Vec heading = null;
    for (int k = 0; k < STEPS; k++) {
      double t = (double) k / (STEPS - 1);
      Vec n = field.normal(p);
      double gap = flow.lift(p, t, layer) - field.distance(p.x(), p.y(), p.z());
      if (gap > 0 || p.y() < -70) {
        p = p.plus(n.times(gap));
      }
      path[k] = p;
      out[k] = n;
      Vec d = flow.direction(p, root);
      d = d.minus(n.times(Math.min(0.9 * d.dot(n), d.dot(n)))).unit();
      d = d.plus(n.cross(d).times(stray)).unit();
      heading = heading == null ? d : heading.towards(d, 0.6).unit();
      double room = trim - p.y();
      double go =
          heading.y() > 0.2 ? Math.min(step, Math.max(0.3, room / heading.y() / 1.5)) : step;
      p = p.plus(heading.times(go));
    }
    waver(path, out, i);
    return new Ribbon(path, out, flow.lockWidth() * mix(0.7, 1.25, layer), noise.at(i, 6, 1) * 40);
  }

  private void waver(Vec[] path, Vec[] out, int i) {
    double phase = 6.3 * noise.at(i, 5, 1) * 0.35;
    for (int k = 1; k < STEPS; k++) {
      double t = (double) k / (STEPS - 1);
      Vec d = path[k].minus(path[k - 1]);
      if (d.length() > 1e-6) {
        Vec side = out[k].cross(d.unit());
        double y = path[k].y() / 26;
        path[k] = path[k].plus(side.times(5 * wave * t * Math.sin(y * 2 * Math.PI / 2.2 + phase)));
      }
    }
  }

  /** A short spring standing off the scalp. */
  private Ribbon curl(int i, Vec root) {
    Vec n = field.normal(root);
    Vec side = Math.abs(n.y()) < 0.9 ? n.cross(new Vec(0, 1, 0)).unit() : new Vec(1, 0, 0);
    Vec other = n.cross(side);
    double phase = 6.3 * noise.at(i, 7, 1);
    double height = flow.cap(root) * mix(0.72, 1.12, noise.at(i, 2, 1));
    double radius = mix(2.2, 4, noise.at(i, 8, 1));
    Vec[] path = new Vec[STEPS];
    Vec[] out = new Vec[STEPS];
    for (int k = 0; k < STEPS; k++) {
      double t = (double) k / (STEPS - 1);
      double a = phase + t * 9.5;
      Vec around = side.times(Math.cos(a)).plus(other.times(Math.sin(a)));
      path[k] = root.plus(n.times(mix(0.75, 1.05, t) * height)).plus(around.times(radius));
      out[k] = n.plus(around).unit();
    }
    return new Ribbon(path, out, flow.lockWidth(), noise.at(i, 6, 1) * 40);
  }

  /** Locks wound around the knot of a bun. */
  private List<Ribbon> knot() {
    Vec c = new Vec(0, -92, 186);
    List<Ribbon> out = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Vec[] path = new Vec[STEPS];
      Vec[] normal = new Vec[STEPS];
      double tilt = noise.at(i, 9, 1) * Math.PI - Math.PI / 2;
      double phase = 6.3 * noise.at(i, 10, 1);
      for (int k = 0; k < STEPS; k++) {
        double a = phase + 2.6 * k / (STEPS - 1);
        Vec d = new Vec(Math.cos(a) * Math.cos(tilt), Math.sin(a) * Math.cos(tilt), Math.sin(tilt));
        path[k] = c.plus(new Vec(30 * d.x(), 28 * d.y(), 22 * d.z()));
        normal[k] = d;
      }
      out.add(new Ribbon(path, normal, 11, noise.at(i, 6, 1) * 40));
    }
    return out;
  }

  private static void put(float[] p, int i, Vec v) {
    p[3 * i] = (float) v.x();
    p[3 * i + 1] = (float) v.y();
    p[3 * i + 2] = (float) v.z();
  }
}
