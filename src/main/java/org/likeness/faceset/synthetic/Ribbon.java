package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A flat lock of hair: a path with outward normals, its width in millimetres, and an offset that
 * makes its strands differ from those of other locks.
 */
record Ribbon(Vec[] path, Vec[] outward, double width, double strandOffset) {
  private static final double STRANDS_PER_MM = 0.9;

  /** Where hair hangs free of the head: below a height, or before a depth. */
  record Hanging(double below, double before) {
    boolean contains(double y, double z) {
      return y > below || z < before;
    }
  }

  /**
   * Meshes of many ribbons, three vertices across, the middle raised. What lies against the skull
   * is one-sided, since the head hides its inner side; what hangs free is seen from both.
   */
  static List<Mesh> meshes(List<Ribbon> ribbons, Hanging where) {
    int steps = ribbons.getFirst().path.length;
    int each = 3 * steps;
    int n = ribbons.size() * each;
    float[] p = new float[3 * n];
    float[] normal = new float[3 * n];
    float[] tangent = new float[3 * n];
    float[] uv = new float[2 * n];
    int[] one = Mesh.grid(steps, 3);
    int[] tri = new int[ribbons.size() * one.length];
    for (int r = 0; r < ribbons.size(); r++) {
      ribbons.get(r).fill(r * each, p, normal, tangent, uv);
      for (int k = 0; k < one.length; k += 3) {
        int t = r * one.length + k;
        tri[t] = one[k] + r * each;
        tri[t + 1] = one[k + 2] + r * each; // the grid's other side is outward
        tri[t + 2] = one[k + 1] + r * each;
      }
    }
    float[] open = new float[n];
    Arrays.fill(open, 1);
    List<Mesh> meshes = new ArrayList<>();
    for (Material m : new Material[] {Material.HAIR, Material.LOOSE_HAIR}) {
      int[] some = select(tri, p, where, m == Material.LOOSE_HAIR);
      if (some.length > 0) {
        meshes.add(new Mesh(m, p, normal, uv, open, tangent, some));
      }
    }
    return meshes;
  }

  /** One two-sided mesh of many ribbons. */
  static Mesh mesh(Material material, List<Ribbon> ribbons) {
    Mesh m = meshes(ribbons, new Hanging(-1e9, 1e9)).getFirst();
    return new Mesh(
        material, m.position(), m.normal(), m.uv(), m.openness(), m.tangent(), m.triangles());
  }

  private static int[] select(int[] tri, float[] p, Hanging where, boolean free) {
    int[] out = new int[tri.length];
    int n = 0;
    for (int t = 0; t < tri.length; t += 3) {
      if (free == where.contains(p[3 * tri[t] + 1], p[3 * tri[t] + 2])) {
        System.arraycopy(tri, t, out, n, 3);
        n += 3;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private void fill(int first, float[] p, float[] normal, float[] tangent, float[] uv) {
    int last = path.length - 1;
    for (int k = 0; k <= last; k++) {
      double t = (double) k / last;
      Vec along = path[Math.min(last, k + 1)].minus(path[Math.max(0, k - 1)]).unit();
      Vec out = outward[k].minus(along.times(outward[k].dot(along))).unit();
      Vec side = along.cross(out);
      double taper = Math.min(1, 0.55 + 2 * t) * Math.pow(Math.max(0, 1 - Math.pow(t, 4)), 0.8);
      double half = 0.5 * width * Math.max(0.04, taper);
      for (int a = -1; a <= 1; a++) {
        int i = first + 3 * k + a + 1;
        Vec q =
            path[k].plus(side.times(a * half)).plus(out.times(a == 0 ? 0.22 * half : -0.1 * half));
        Vec n = out.plus(side.times(0.5 * a)).unit();
        put(p, i, q);
        put(normal, i, n);
        put(tangent, i, along);
        uv[2 * i] = (float) (strandOffset + a * half * STRANDS_PER_MM);
        uv[2 * i + 1] = (float) t;
      }
    }
  }

  private static void put(float[] p, int i, Vec v) {
    p[3 * i] = (float) v.x();
    p[3 * i + 1] = (float) v.y();
    p[3 * i + 2] = (float) v.z();
  }
}
