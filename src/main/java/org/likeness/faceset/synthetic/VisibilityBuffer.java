package org.likeness.faceset.synthetic;

import java.util.Arrays;

/**
 * Which triangle of which part each sample sees: a software rasteriser that keeps the nearest.
 * Linear in screen space (parts are small against their distance, so no perspective correction).
 */
final class VisibilityBuffer {
  static final int NOTHING = -1;
  private static final int PART_SHIFT = 22;
  private static final float SLACK = 1e-4f; // no gaps between neighbours

  final int width;
  final int height;
  final float[] depth; // (height, width), millimetres from the pivot plane
  final int[] seen; // (height, width), part << 22 | triangle, or NOTHING

  VisibilityBuffer(int width, int height) {
    this.width = width;
    this.height = height;
    depth = new float[width * height];
    seen = new int[width * height];
    clear();
  }

  void clear() {
    Arrays.fill(depth, Float.MAX_VALUE);
    Arrays.fill(seen, NOTHING);
  }

  static int part(int seen) {
    return seen >>> PART_SHIFT;
  }

  static int triangle(int seen) {
    return seen & ((1 << PART_SHIFT) - 1);
  }

  /**
   * Draws one part: {@code screen} (n, 2) in samples with centres on integers, {@code view} (n, 3)
   * whose z is the depth. One-sided parts drop triangles that face away.
   */
  void draw(int part, float[] screen, float[] view, int[] triangles, boolean twoSided) {
    int tag = part << PART_SHIFT;
    Edges edges = new Edges();
    for (int t = 0; t < triangles.length; t += 3) {
      int a = triangles[t];
      int b = triangles[t + 1];
      int c = triangles[t + 2];
      float area = edges.place(screen, a, b, c);
      if (area < 0 && twoSided) {
        int s = b;
        b = c;
        c = s;
        area = edges.place(screen, a, b, c);
      }
      if (area > 1e-9f && edges.cover(width, height)) {
        edges.slope(view[3 * a + 2], view[3 * b + 2], view[3 * c + 2]);
        fill(edges, tag | t / 3);
      }
    }
  }

  /** One triangle: its box, and how the weights of its second and third corner change. */
  private static final class Edges {
    float ax;
    float ay;
    float bx;
    float by;
    float cx;
    float cy;
    int x0;
    int x1;
    int y0;
    int y1;
    float bdx; // weight of b per sample to the right
    float bdy;
    float cdx;
    float cdy;
    float z; // depth at a
    float zb; // to b
    float zc;

    /** Twice the area, positive if the triangle faces the viewer. */
    float place(float[] screen, int a, int b, int c) {
      ax = screen[2 * a];
      ay = screen[2 * a + 1];
      bx = screen[2 * b];
      by = screen[2 * b + 1];
      cx = screen[2 * c];
      cy = screen[2 * c + 1];
      return (cx - ax) * (by - ay) - (bx - ax) * (cy - ay);
    }

    /** Whether any sample lies within the box of the triangle. */
    boolean cover(int width, int height) {
      x0 = Math.max(0, (int) Math.ceil(Math.min(ax, Math.min(bx, cx))));
      x1 = Math.min(width - 1, (int) Math.floor(Math.max(ax, Math.max(bx, cx))));
      y0 = Math.max(0, (int) Math.ceil(Math.min(ay, Math.min(by, cy))));
      y1 = Math.min(height - 1, (int) Math.floor(Math.max(ay, Math.max(by, cy))));
      return x0 <= x1 && y0 <= y1;
    }

    void slope(float za, float zAtB, float zAtC) {
      float inv = 1 / ((cx - ax) * (by - ay) - (bx - ax) * (cy - ay));
      bdx = (cy - ay) * -inv;
      bdy = (cx - ax) * inv;
      cdx = (by - ay) * inv;
      cdy = (bx - ax) * -inv;
      z = za;
      zb = zAtB - za;
      zc = zAtC - za;
    }
  }

  /** Row by row: each weight is at least 0, and those of b and c are at most 1 together. */
  private void fill(Edges e, int tag) {
    float bdx = e.bdx;
    float cdx = e.cdx;
    float sdx = bdx + cdx;
    float eb = 1 / bdx;
    float ec = 1 / cdx;
    float es = 1 / sdx;
    float dz = e.zb * bdx + e.zc * cdx;
    for (int y = e.y0; y <= e.y1; y++) {
      float wb = (e.x0 - e.ax) * bdx + (y - e.ay) * e.bdy + SLACK;
      float wc = (e.x0 - e.ax) * cdx + (y - e.ay) * e.cdy + SLACK;
      float ws = 1 + 3 * SLACK - wb - wc;
      if ((bdx == 0 && wb < 0) || (cdx == 0 && wc < 0) || (sdx == 0 && ws < 0)) {
        continue;
      }
      float from = 0;
      float to = e.x1 - e.x0;
      if (bdx > 0) {
        from = Math.max(from, -wb * eb);
      } else if (bdx < 0) {
        to = Math.min(to, -wb * eb);
      }
      if (cdx > 0) {
        from = Math.max(from, -wc * ec);
      } else if (cdx < 0) {
        to = Math.min(to, -wc * ec);
      }
      if (sdx > 0) {
        to = Math.min(to, ws * es);
      } else if (sdx < 0) {
        from = Math.max(from, ws * es);
      }
      int first = (int) Math.ceil(from);
      int start = y * width + e.x0;
      float z = e.z + e.zb * (wb + first * bdx) + e.zc * (wc + first * cdx);
      for (int i = start + first, end = start + (int) Math.floor(to); i <= end; i++, z += dz) {
        if (z < depth[i]) {
          depth[i] = z;
          seen[i] = tag;
        }
      }
    }
  }
}
