package org.likeness.faceset.synthetic;

/**
 * A point or direction in head space: millimetres, x to image right, y down, z away from the
 * viewer.
 */
record Vec(double x, double y, double z) {

  Vec plus(Vec o) {
    return new Vec(x + o.x, y + o.y, z + o.z);
  }

  Vec minus(Vec o) {
    return new Vec(x - o.x, y - o.y, z - o.z);
  }

  Vec times(double s) {
    return new Vec(x * s, y * s, z * s);
  }

  double dot(Vec o) {
    return x * o.x + y * o.y + z * o.z;
  }

  Vec cross(Vec o) {
    return new Vec(y * o.z - z * o.y, z * o.x - x * o.z, x * o.y - y * o.x);
  }

  double length() {
    return Math.sqrt(dot(this));
  }

  Vec unit() {
    return times(1 / Math.max(1e-12, length()));
  }

  /** The point a share {@code t} of the way to {@code o}. */
  Vec towards(Vec o, double t) {
    return new Vec(x + (o.x - x) * t, y + (o.y - y) * t, z + (o.z - z) * t);
  }
}
