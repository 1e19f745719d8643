package org.likeness.faceset;

/**
 * The random geometry that all outputs of one sample share: {@code mapX} // (size, size) is the
 * warp (its transpose maps y; null when there is none), then {@code transform}, then {@code flip}
 * (spec data.md 6).
 */
record Warp(int size, float[] mapX, Affine transform, boolean flip) {
  private static final int SMALLEST = 64; // smaller pictures are enlarged, warped and reduced
  private static final double SHIFT = 0.05;
  private static final double LARGEST_SCALE = 1.15;
  private static final double AMPLITUDE = 0.24; // of a cell
  private static final double TRUNCATION = 2.5;

  /** Draws as the original does for that seed: transform and warp have a generator each. */
  static Warp draw(int seed, SampleSettings settings) {
    int size = Math.max(SMALLEST, settings.resolution());
    return draw(seed, settings, new float[size * size]);
  }

  /**
   * {@link #draw(int, SampleSettings)} into {@code map} // (size, size), which the result keeps.
   */
  static Warp draw(int seed, SampleSettings settings, float[] map) {
    int size = Math.max(SMALLEST, settings.resolution());
    Mt19937 g = new Mt19937(seed);
    double degrees = settings.dialect().degrees();
    double rotation = Math.toRadians(g.uniform(-degrees, degrees));
    double scale = g.uniform(1 / LARGEST_SCALE, LARGEST_SCALE);
    double tx = g.uniform(-SHIFT, SHIFT);
    double ty = g.uniform(-SHIFT, SHIFT);
    boolean flip = settings.randomFlip() && g.integer(0, 10) < 4;
    double al = scale * Math.cos(rotation);
    double be = scale * Math.sin(rotation);
    int c = size / 2;
    Affine transform =
        new Affine(
            al, be, (1 - al) * c - be * c + tx * size, -be, al, be * c + (1 - al) * c + ty * size);
    return new Warp(size, settings.randomWarp() ? field(seed, size, map) : null, transform, flip);
  }

  /**
   * Nodes of a coarse grid pushed about, upsampled bilinearly; half a pixel off, like the
   * original's.
   */
  private static float[] field(int seed, int size, float[] map) {
    Mt19937 g = new Mt19937(seed);
    int cell = size / (2 << g.integer(0, 3));
    int n = size / cell + 1;
    double[] nodes = nodes(g, size, cell, n);
    int[] before = new int[size];
    float[] fraction = new float[size];
    for (int x = 0; x < size; x++) {
      float position = (float) ((x + cell / 2 + 0.5) * n / (size + cell) - 0.5);
      before[x] = Math.clamp((int) position, 0, n - 2);
      fraction[x] = position - before[x];
    }
    float[] complement = new float[size];
    for (int x = 0; x < size; x++) {
      complement[x] = 1 - fraction[x];
    }
    double[] row = new double[n];
    for (int y = 0; y < size; y++) {
      int upper = before[y] * n;
      for (int i = 0; i < n; i++) {
        row[i] = nodes[upper + i] * complement[y] + nodes[upper + n + i] * fraction[y];
      }
      for (int x = 0; x < size; ) {
        int i = before[x];
        int end = x + 1;
        while (end < size && before[end] == i) {
          end++;
        }
        double left = row[i];
        double right = row[i + 1];
        for (; x < end; x++) { // vectors, unlike a loop that looks its cell up
          map[y * size + x] = (float) (left * complement[x] + right * fraction[x]);
        }
      }
    }
    return map;
  }

  /**
   * Columns of an n x n grid over the picture, the inner ones moved by two blocks of noise, the
   * second transposed.
   */
  private static double[] nodes(Mt19937 g, int size, int cell, int n) {
    double[] nodes = new double[n * n];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = i % n * (double) size / (n - 1);
    }
    float amplitude = (float) (AMPLITUDE * cell);
    for (int block = 0; block < 2; block++) {
      for (int r = 1; r < n - 1; r++) {
        for (int c = 1; c < n - 1; c++) {
          nodes[block == 0 ? r * n + c : c * n + r] += truncatedNormal(g) * amplitude;
        }
      }
    }
    return nodes;
  }

  private static float truncatedNormal(Mt19937 g) {
    double x;
    do {
      x = g.gaussian();
    } while (Math.abs(x) > TRUNCATION);
    return (float) (x / TRUNCATION);
  }
}
