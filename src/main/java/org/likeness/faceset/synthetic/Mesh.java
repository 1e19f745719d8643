package org.likeness.faceset.synthetic;

import java.util.Arrays;

/**
 * One part of a head ready to draw, triangles wound outward. {@code tangent} is the strand
 * direction of hair and null elsewhere; {@code openness} the baked share of the sky that each
 * vertex sees.
 */
record Mesh(
    Material material,
    float[] position, // (n, 3)
    float[] normal, // (n, 3)
    float[] uv, // (n, 2)
    float[] openness, // (n)
    float[] tangent, // (n, 3) or null
    int[] triangles) { // (m, 3)

  /** A part with computed normals, open to the whole sky. */
  static Mesh of(Material material, float[] position, float[] uv, int[] triangles) {
    float[] open = new float[position.length / 3];
    Arrays.fill(open, 1);
    return new Mesh(material, position, normals(position, triangles), uv, open, null, triangles);
  }

  Mesh withOpenness(float[] values) {
    return new Mesh(material, position, normal, uv, values, tangent, triangles);
  }

  int vertices() {
    return position.length / 3;
  }

  /** Triangles of a grid of {@code rows} × {@code columns} vertices in row-major order. */
  static int[] grid(int rows, int columns) {
    int[] tri = new int[(rows - 1) * (columns - 1) * 6];
    int n = 0;
    for (int r = 0; r + 1 < rows; r++) {
      for (int c = 0; c + 1 < columns; c++) {
        int a = r * columns + c;
        tri[n++] = a;
        tri[n++] = a + columns;
        tri[n++] = a + 1;
        tri[n++] = a + 1;
        tri[n++] = a + columns;
        tri[n++] = a + columns + 1;
      }
    }
    return tri;
  }

  /** An ellipsoid of 9 × 13 vertices. */
  static Mesh ellipsoid(Material material, Vec centre, Vec radii) {
    int rows = 9;
    int columns = 13;
    float[] p = new float[rows * columns * 3];
    for (int r = 0, i = 0; r < rows; r++) {
      double b = Math.PI * ((double) r / (rows - 1) - 0.5);
      for (int c = 0; c < columns; c++, i += 3) {
        double a = 2 * Math.PI * c / (columns - 1);
        p[i] = (float) (centre.x() + radii.x() * Math.sin(a) * Math.cos(b));
        p[i + 1] = (float) (centre.y() + radii.y() * Math.sin(b));
        p[i + 2] = (float) (centre.z() - radii.z() * Math.cos(a) * Math.cos(b));
      }
    }
    return of(material, p, new float[rows * columns * 2], grid(rows, columns));
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

  private static void normalize(float[] n) {
    for (int i = 0; i < n.length; i += 3) {
      double l = Math.sqrt(n[i] * n[i] + n[i + 1] * n[i + 1] + n[i + 2] * n[i + 2] + 1e-20);
      float s = (float) (1 / l);
      n[i] *= s;
      n[i + 1] *= s;
      n[i + 2] *= s;
    }
  }
}
