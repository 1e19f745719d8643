package org.likeness.faceset.synthetic;

/**
 * One part of a head ready to draw: positions and texture coordinates per vertex, triangles wound
 * outward. {@code tangent} is the strand direction of hair and null elsewhere; {@code openness} the
 * baked share of the sky that each vertex sees.
 */
record Mesh(
    Material material,
    float[] position, // (n, 3)
    float[] normal, // (n, 3)
    float[] uv, // (n, 2)
    float[] openness, // (n)
    float[] tangent, // (n, 3) or null
    int[] triangles) { // (m, 3)

  int vertices() {
    return position.length / 3;
  }

  /** Vertex normals as the area-weighted mean of the triangles around each vertex. */
  static float[] normals(float[] p, int[] tri) {
    float[] n = new float[p.length];
    for (int t = 0; t < tri.length; t += 3) {
      int a = 3 * tri[t];
      int b = 3 * tri[t + 1];
      int c = 3 * tri[t + 2];
      float ux = p[b] - p[a];
      float uy = p[b + 1] - p[a + 1];
      float uz = p[b + 2] - p[a + 2];
      float vx = p[c] - p[a];
      float vy = p[c + 1] - p[a + 1];
      float vz = p[c + 2] - p[a + 2];
      float nx = uy * vz - uz * vy;
      float ny = uz * vx - ux * vz;
      float nz = ux * vy - uy * vx;
      for (int k = 0; k < 3; k++) {
        int i = k == 0 ? a : k == 1 ? b : c;
        n[i] += nx;
        n[i + 1] += ny;
        n[i + 2] += nz;
      }
    }
    normalize(n);
    return n;
  }

  static void normalize(float[] n) {
    for (int i = 0; i < n.length; i += 3) {
      float s = 1 / (float) Math.sqrt(n[i] * n[i] + n[i + 1] * n[i + 1] + n[i + 2] * n[i + 2] + 1e-20f);
      n[i] *= s;
      n[i + 1] *= s;
      n[i + 2] *= s;
    }
  }
}
