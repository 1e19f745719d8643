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
    for (int t = 0; t < triangles.length; t += 3) {
      int a = triangles[t];
      int b = triangles[t + 1];
      int c = triangles[t + 2];
      float ax = screen[2 * a];
      float ay = screen[2 * a + 1];
      float bx = screen[2 * b];
      float by = screen[2 * b + 1];
      float cx = screen[2 * c];
      float cy = screen[2 * c + 1];
      float area = (cx - ax) * (by - ay) - (bx - ax) * (cy - ay);
      if (area < 0 && twoSided) {
        float sx = bx;
        float sy = by;
        bx = cx;
        by = cy;
        cx = sx;
        cy = sy;
        int s = b;
        b = c;
        c = s;
        area = -area;
      }
      if (area <= 1e-9f) {
        continue;
      }
      int x0 = Math.max(0, (int) Math.ceil(Math.min(ax, Math.min(bx, cx))));
      int x1 = Math.min(width - 1, (int) Math.floor(Math.max(ax, Math.max(bx, cx))));
      int y0 = Math.max(0, (int) Math.ceil(Math.min(ay, Math.min(by, cy))));
      int y1 = Math.min(height - 1, (int) Math.floor(Math.max(ay, Math.max(by, cy))));
      if (x0 > x1 || y0 > y1) {
        continue;
      }
      float inv = 1 / area;
      // barycentric weights of b and c are affine in the sample position
      float bdx = (cy - ay) * -inv;
      float bdy = (cx - ax) * inv;
      float cdx = (by - ay) * inv;
      float cdy = (bx - ax) * -inv;
      float za = view[3 * a + 2];
      float zb = view[3 * b + 2] - za;
      float zc = view[3 * c + 2] - za;
      float eb = 1 / bdx;
      float ec = 1 / cdx;
      float ea = 1 / (bdx + cdx);
      for (int y = y0; y <= y1; y++) {
        // where this row enters and leaves: each weight is at least 0, and b and c at most 1 in all
        float wb0 = (x0 - ax) * bdx + (y - ay) * bdy;
        float wc0 = (x0 - ax) * cdx + (y - ay) * cdy;
        float from = 0;
        float to = x1 - x0;
        float cut = (-SLACK - wb0) * eb;
        if (bdx > 0) {
          from = Math.max(from, cut);
        } else if (bdx < 0) {
          to = Math.min(to, cut);
        } else if (wb0 < -SLACK) {
          continue;
        }
        cut = (-SLACK - wc0) * ec;
        if (cdx > 0) {
          from = Math.max(from, cut);
        } else if (cdx < 0) {
          to = Math.min(to, cut);
        } else if (wc0 < -SLACK) {
          continue;
        }
        cut = (1 + SLACK - wb0 - wc0) * ea;
        if (bdx + cdx > 0) {
          to = Math.min(to, cut);
        } else if (bdx + cdx < 0) {
          from = Math.max(from, cut);
        } else if (wb0 + wc0 > 1 + SLACK) {
          continue;
        }
        int first = (int) Math.ceil(from);
        int last = (int) Math.floor(to);
        float z = za + zb * (wb0 + first * bdx) + zc * (wc0 + first * cdx);
        float dz = zb * bdx + zc * cdx;
        int row = y * width + x0;
        for (int i = row + first; i <= row + last; i++, z += dz) {
          if (z < depth[i]) {
            depth[i] = z;
            seen[i] = tag | (t / 3);
          }
        }
      }
    }
  }
}
