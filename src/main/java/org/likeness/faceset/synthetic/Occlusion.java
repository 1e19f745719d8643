package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Bakes how much of the sky each vertex sees, from depth maps in many directions. */
final class Occlusion {
  private static final int DIRECTIONS = 72;
  private static final double BIAS = 2.2; // mm

  private Occlusion() {}

  /** Cosine-weighted openness in [0, 1] per vertex of each part. */
  static List<float[]> bake(List<Mesh> parts) {
    List<float[]> lit = new ArrayList<>();
    for (Mesh m : parts) {
      lit.add(new float[m.vertices()]);
    }
    DepthMap[] maps =
        IntStream.range(0, DIRECTIONS)
            .parallel()
            .mapToObj(i -> DepthMap.of(direction(i), positions(parts), parts))
            .toArray(DepthMap[]::new);
    for (int k = 0; k < parts.size(); k++) {
      Mesh m = parts.get(k);
      float[] seen = lit.get(k);
      IntStream.range(0, m.vertices()).parallel().forEach(v -> seen[v] = openness(m, v, maps));
    }
    return lit;
  }

  private static List<float[]> positions(List<Mesh> parts) {
    return parts.stream().map(Mesh::position).toList();
  }

  private static float openness(Mesh m, int v, DepthMap[] maps) {
    float x = m.position()[3 * v];
    float y = m.position()[3 * v + 1];
    float z = m.position()[3 * v + 2];
    float nx = m.normal()[3 * v];
    float ny = m.normal()[3 * v + 1];
    float nz = m.normal()[3 * v + 2];
    double seen = 0;
    double all = 0;
    for (DepthMap map : maps) {
      Vec d = map.direction();
      double cos = nx * d.x() + ny * d.y() + nz * d.z();
      if (m.material().twoSided && m.tangent() != null) {
        cos = Math.abs(cos) + 0.3; // a strand sees the sky all around
      }
      if (cos > 0) {
        all += cos;
        seen += cos * map.lit(x + 1.2f * nx, y + 1.2f * ny, z + 1.2f * nz, (float) BIAS);
      }
    }
    return (float) (all == 0 ? 0 : seen / all);
  }

  /** Directions spread evenly over the sphere (a Fibonacci lattice). */
  private static Vec direction(int i) {
    double y = 1 - (2 * i + 1.0) / DIRECTIONS;
    double r = Math.sqrt(1 - y * y);
    double a = i * Math.PI * (3 - Math.sqrt(5));
    return new Vec(Math.cos(a) * r, y, Math.sin(a) * r);
  }
}
