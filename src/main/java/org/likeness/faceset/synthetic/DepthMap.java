package org.likeness.faceset.synthetic;

import java.util.List;

/** Depths as seen along one direction, parallel projection: what a far light sees. */
final class DepthMap {
  private static final int SIZE = 256;
  private static final float REACH = 165; // mm on each side of the middle

  private final Vec direction;
  private final float[] axisX;
  private final float[] axisY;
  private final float[] axisZ;
  private final float[] depth;

  private DepthMap(Vec direction, float[] depth, Vec right, Vec down) {
    this.direction = direction;
    this.depth = depth;
    axisX = floats(right);
    axisY = floats(down);
    axisZ = floats(direction.times(-1));
  }

  /** The map towards {@code direction} (unit) of parts at the given positions (n, 3). */
  static DepthMap of(Vec direction, List<float[]> positions, List<Mesh> parts) {
    Vec up = Math.abs(direction.y()) > 0.95 ? new Vec(1, 0, 0) : new Vec(0, 1, 0);
    Vec right = direction.cross(up).unit();
    Vec down = right.cross(direction);
    VisibilityBuffer buffer = new VisibilityBuffer(SIZE, SIZE);
    DepthMap map = new DepthMap(direction, buffer.depth, right, down);
    for (int k = 0; k < parts.size(); k++) {
      float[] p = positions.get(k);
      float[] seen = new float[p.length];
      float[] screen = new float[p.length / 3 * 2];
      for (int i = 0, j = 0; i < p.length; i += 3, j += 2) {
        screen[j] = map.toMap(dot(map.axisX, p, i));
        screen[j + 1] = map.toMap(dot(map.axisY, p, i));
        seen[i + 2] = dot(map.axisZ, p, i);
      }
      buffer.draw(0, screen, seen, parts.get(k).triangles(), parts.get(k).material().twoSided);
    }
    return map;
  }

  Vec direction() {
    return direction;
  }

  private float toMap(float mm) {
    return (mm + REACH) * (SIZE / (2 * REACH)) - 0.5f;
  }

  /** Share in [0, 1] of the light that reaches a point, softened over a few millimetres. */
  float lit(float x, float y, float z, float bias) {
    float mx = toMap(axisX[0] * x + axisX[1] * y + axisX[2] * z) - 1;
    float my = toMap(axisY[0] * x + axisY[1] * y + axisY[2] * z) - 1;
    float d = axisZ[0] * x + axisZ[1] * y + axisZ[2] * z - bias;
    int ix = (int) Math.floor(mx);
    int iy = (int) Math.floor(my);
    if (ix < 0 || iy < 0 || ix > SIZE - 4 || iy > SIZE - 4) {
      return 1;
    }
    float fx = mx - ix;
    float fy = my - iy;
    float sum = 0;
    for (int r = 0; r < 4; r++) {
      int i = (iy + r) * SIZE + ix;
      float row =
          (depth[i] > d ? 1 - fx : 0)
              + (depth[i + 1] > d ? 1 : 0)
              + (depth[i + 2] > d ? 1 : 0)
              + (depth[i + 3] > d ? fx : 0);
      sum += row * (r == 0 ? 1 - fy : r == 3 ? fy : 1);
    }
    return sum * (1 / 9f);
  }

  private static float dot(float[] a, float[] p, int i) {
    return a[0] * p[i] + a[1] * p[i + 1] + a[2] * p[i + 2];
  }

  private static float[] floats(Vec v) {
    return new float[] {(float) v.x(), (float) v.y(), (float) v.z()};
  }
}
