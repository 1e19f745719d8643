package org.likeness.faceset.synthetic;

import org.likeness.faceset.Affine;

/**
 * Places head-space points before the camera: the head turns fully, the shoulders follow a little,
 * and the neck blends between them; then perspective, the frame, and an affine crop of the frame.
 */
final class Stage {
  static final double PIVOT_Y = 0;
  static final double PIVOT_Z = 82;
  private static final double BODY_SHARE_YAW = 0.35;
  private static final double BODY_SHARE = 0.15;

  private final float[] head;
  private final float[] body;
  private final float neckTop;
  private final float neckBottom;
  private final Affine crop; // frame pixels to output samples
  private final Camera camera;

  Stage(Pose pose, Camera camera, Affine crop, double chinY) {
    head = rotation(pose.yaw(), pose.pitch(), pose.roll());
    body =
        rotation(pose.yaw() * BODY_SHARE_YAW, pose.pitch() * BODY_SHARE, pose.roll() * BODY_SHARE);
    neckTop = (float) chinY + 6;
    neckBottom = (float) chinY + 70;
    this.camera = camera;
    this.crop = crop;
  }

  /** Row-major 3×3: yaw about y, then pitch about x, then roll about z. */
  private static float[] rotation(double yawDegrees, double pitchDegrees, double rollDegrees) {
    double y = Math.toRadians(yawDegrees);
    double p = Math.toRadians(pitchDegrees);
    double r = Math.toRadians(rollDegrees);
    double cy = Math.cos(y);
    double sy = Math.sin(y);
    double cp = Math.cos(p);
    double sp = Math.sin(p);
    double cr = Math.cos(r);
    double sr = Math.sin(r);
    // a point on the nose has negative z: positive yaw takes it to negative x, positive pitch up
    double[] q = {cy, 0, sy, -sp * sy, cp, sp * cy, -sy * cp, -sp, cp * cy};
    float[] m = new float[9];
    for (int k = 0; k < 3; k++) {
      m[k] = (float) (cr * q[k] - sr * q[3 + k]);
      m[3 + k] = (float) (sr * q[k] + cr * q[3 + k]);
      m[6 + k] = (float) q[6 + k];
    }
    return m;
  }

  /** View-space copies of head-space points, (n, 3). */
  float[] toView(float[] p) {
    float[] out = new float[p.length];
    for (int i = 0; i < p.length; i += 3) {
      turn(p[i], p[i + 1] - (float) PIVOT_Y, p[i + 2] - (float) PIVOT_Z, p[i + 1], out, i);
    }
    return out;
  }

  /**
   * View-space copies of head-space directions, (n, 3); {@code p} are the points they belong to.
   */
  float[] turnDirections(float[] d, float[] p) {
    float[] out = new float[d.length];
    for (int i = 0; i < d.length; i += 3) {
      turn(d[i], d[i + 1], d[i + 2], p[i + 1], out, i);
    }
    return out;
  }

  private void turn(float x, float y, float z, float height, float[] out, int i) {
    float b = height <= neckTop ? 0 : Math.min(1, (height - neckTop) / (neckBottom - neckTop));
    float h = 1 - b * b * (3 - 2 * b);
    for (int k = 0; k < 3; k++) {
      float v = head[3 * k] * x + head[3 * k + 1] * y + head[3 * k + 2] * z;
      if (h < 1) {
        float w = body[3 * k] * x + body[3 * k + 1] * y + body[3 * k + 2] * z;
        v = h * v + (1 - h) * w;
      }
      out[i + k] = v;
    }
  }

  /** Output samples (n, 2) of view-space points (n, 3). */
  float[] toScreen(float[] view) {
    float[] out = new float[view.length / 3 * 2];
    for (int i = 0, j = 0; i < view.length; i += 3, j += 2) {
      double f = camera.scale() * Camera.DISTANCE / (Camera.DISTANCE + view[i + 2]);
      double x = camera.centreX() + view[i] * f;
      double y = camera.centreY() + view[i + 1] * f;
      out[j] = (float) crop.x(x, y);
      out[j + 1] = (float) crop.y(x, y);
    }
    return out;
  }

  /** Output samples per millimetre at the head. */
  double samplesPerMillimetre() {
    return camera.scale() * Math.sqrt(Math.abs(crop.m00() * crop.m11() - crop.m01() * crop.m10()));
  }
}
