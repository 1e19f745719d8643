package org.likeness.faceset;

import java.util.Arrays;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * The filled polygon of OpenCV 4.8, pixel for pixel; later releases round edges that leave the
 * picture, 4.8 rounds only the others. Even-odd, its outline included.
 */
final class PolygonFill {
  private static final int SHIFT = 16;
  private static final long HALF = 1L << SHIFT - 1;
  private static final byte FULL = (byte) 255;

  private final int size;

  /** A side of the polygon: x, with 16 bits of fraction, in row {@code top}, and its slope. */
  private record Edge(int top, int bottom, long x, long slope) {}

  private PolygonFill(int size) {
    this.size = size;
  }

  /** Writes 255 inside // (size, size), leaving the rest; points are x0 y0 x1 y1 .. */
  static void fill(int[] points, int size, byte[] mask) {
    outline(points, size, mask);
    PolygonFill fill = new PolygonFill(size);
    Edge[] edges = new Edge[points.length / 2];
    for (int i = 0; i < edges.length; i++) {
      int j = (i + 1) % edges.length;
      edges[i] = fill.edge(points[2 * i], points[2 * i + 1], points[2 * j], points[2 * j + 1]);
    }
    long[] crossings = new long[edges.length];
    for (int y = 0; y < size; y++) {
      int n = 0;
      for (Edge edge : edges) {
        if (y >= edge.top && y < edge.bottom) {
          crossings[n++] = edge.x + (y - edge.top) * edge.slope;
        }
      }
      Arrays.sort(crossings, 0, n);
      for (int i = 0; i + 1 < n; i += 2) {
        int from = Math.clamp(crossings[i] >> SHIFT, 0, size);
        int to = Math.clamp((crossings[i + 1] >> SHIFT) + 1, from, Math.max(from, size));
        Arrays.fill(mask, y * size + from, y * size + to, FULL);
      }
    }
  }

  private static void outline(int[] points, int size, byte[] mask) {
    try (Mat picture = new Mat(size, size, opencv_core.CV_8UC1, Scalar.all(0));
        Scalar full = Scalar.all(255)) {
      picture.data().put(mask);
      for (int i = 0; i < points.length; i += 2) {
        int j = (i + 2) % points.length;
        try (Point from = new Point(points[i], points[i + 1]);
            Point to = new Point(points[j], points[j + 1])) {
          opencv_imgproc.line(picture, from, to, full);
        }
      }
      picture.data().get(mask);
    }
  }

  private Edge edge(int x0, int y0, int x1, int y1) {
    long fromX = ((long) x0 << SHIFT) + HALF;
    long toX = ((long) x1 << SHIFT) + HALF;
    long[] seen = {x0, y0, x1, y1};
    if (code(x0, y0) != 0 || code(x1, y1) != 0) {
      clip(seen);
      boolean flat = seen[1] == seen[3];
      fromX = flat ? (long) x0 << SHIFT : seen[0] << SHIFT;
      toX = flat ? (long) x1 << SHIFT : seen[2] << SHIFT;
      if (flat) {
        seen[1] = y0;
        seen[3] = y1;
      }
    }
    if (y0 == y1) {
      return new Edge(0, 0, 0, 0);
    }
    long slope = (toX - fromX) / (seen[3] - seen[1]);
    return y0 < y1
        ? new Edge(y0, y1, fromX + (y0 - seen[1]) * slope, slope)
        : new Edge(y1, y0, toX + (y1 - seen[3]) * slope, slope);
  }

  private int code(long x, long y) {
    return (x < 0 ? 1 : 0) | (x >= size ? 2 : 0) | (y < 0 ? 4 : 0) | (y >= size ? 8 : 0);
  }

  /** Cuts a line {@code x0 y0 x1 y1} to the picture, truncating (spec data.md 5.1). */
  private void clip(long[] line) {
    int axis = 1; // rows first, then columns
    for (int pass = 0; pass < 2; pass++, axis ^= 1) {
      int low = axis == 1 ? 4 : 1;
      for (int end = 0; end < 4; end += 2) {
        int first = code(line[0], line[1]);
        int second = code(line[2], line[3]);
        if (end == 0 && (first & second) != 0) {
          return;
        }
        int own = end == 0 ? first : second;
        if ((own & 3 * low) != 0) {
          long edge = (own & low) != 0 ? 0 : size - 1;
          long run = line[2 + (axis ^ 1)] - line[axis ^ 1];
          long rise = line[2 + axis] - line[axis];
          line[end + (axis ^ 1)] += (edge - line[end + axis]) * run / rise;
          line[end + axis] = edge;
        }
      }
    }
  }
}
