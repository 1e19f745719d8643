package org.likeness.faceset.synthetic;

/** Deterministic value noise and hashed random numbers: a pure function of seed and position. */
final class Noise {
  private final long seed;

  Noise(long seed) {
    this.seed = seed;
  }

  /** Uniform in [0, 1) for a lattice cell. */
  double at(int x, int y, int channel) {
    return hash(
        seed + x * 0x9E3779B97F4A7C15L + y * 0xC2B2AE3D27D4EB4FL + channel * 0x165667B19E3779F9L);
  }

  private static double hash(long h) {
    h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
    h ^= h >>> 31;
    return (h >>> 11) * 0x1.0p-53;
  }

  /** Smoothly interpolated lattice noise in [-1, 1], one feature per unit. */
  double smooth(double x, double y, int channel) {
    int ix = (int) Math.floor(x);
    int iy = (int) Math.floor(y);
    double fx = x - ix;
    double fy = y - iy;
    fx = fx * fx * (3 - 2 * fx);
    fy = fy * fy * (3 - 2 * fy);
    double top = Curves.mix(at(ix, iy, channel), at(ix + 1, iy, channel), fx);
    double bottom = Curves.mix(at(ix, iy + 1, channel), at(ix + 1, iy + 1, channel), fx);
    return 2 * Curves.mix(top, bottom, fy) - 1;
  }

  /** Three octaves of {@link #smooth}, in [-1, 1]. */
  double rough(double x, double y, int channel) {
    return (smooth(x, y, channel)
            + 0.5 * smooth(2 * x + 17, 2 * y + 5, channel)
            + 0.25 * smooth(4 * x + 3, 4 * y + 31, channel))
        / 1.75;
  }
}
