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
  private static final int MOST_NODES = 9; // of a side

  /** Draws as the original does for that seed: transform and warp have a generator each. */
  static Warp draw(int seed, SampleSettings settings) {
    return new Drawing(settings).draw(seed);
  }

  /** Draws one warp after another in the same memory: each is valid until the next. */
  static final class Drawing {
    private final SampleSettings settings;
    private final int size;
    private final Mt19937 random = new Mt19937(0);
    private final float[] map; // (size, size)
    private final int[] before; // the cell that a pixel lies in
    private final double[] fraction; // and how far
    private final double[] complement;
    private final double[] nodes = new double[MOST_NODES * MOST_NODES];
    private final double[][] left; // the nodes before and after each pixel of a row
    private final double[][] right; // (MOST_NODES, size)

    Drawing(SampleSettings settings) {
      this.settings = settings;
      size = Math.max(SMALLEST, settings.resolution());
      map = new float[size * size];
      before = new int[size];
      fraction = new double[size];
      complement = new double[size];
      left = new double[MOST_NODES][size];
      right = new double[MOST_NODES][size];
    }

    Warp draw(int seed) {
      Mt19937 g = random.seed(seed);
      double degrees = settings.dialect().degrees();
      double rotation = Math.toRadians(g.uniform(-degrees, degrees));
      double scale = g.uniform(1 / LARGEST_SCALE, LARGEST_SCALE);
      double tx = g.uniform(-SHIFT, SHIFT);
      double ty = g.uniform(-SHIFT, SHIFT);
      boolean flip = settings.randomFlip() && g.integer(0, 10) < 4;
      double al = scale * Math.cos(rotation);
      double be = scale * Math.sin(rotation);
      int c = size / 2;
      double x = (1 - al) * c - be * c + tx * size;
      double y = be * c + (1 - al) * c + ty * size;
      Affine transform = new Affine(al, be, x, -be, al, y);
      return new Warp(size, settings.randomWarp() ? field(seed) : null, transform, flip);
    }

    /**
     * Nodes of a coarse grid pushed about, upsampled bilinearly; half a pixel off, like the
     * original's.
     */
    private float[] field(int seed) {
      Mt19937 g = random.seed(seed);
      int cell = size / (2 << g.integer(0, 3));
      int n = size / cell + 1;
      nodes(g, cell, n);
      for (int x = 0; x < size; x++) {
        float position = (float) ((x + cell / 2 + 0.5) * n / (size + cell) - 0.5);
        before[x] = Math.clamp((int) position, 0, n - 2);
        float part = position - before[x];
        fraction[x] = part;
        complement[x] = 1 - part;
      }
      for (int i = 0; i < n; i++) {
        for (int x = 0; x < size; x++) {
          left[i][x] = nodes[i * n + before[x]];
          right[i][x] = nodes[i * n + before[x] + 1];
        }
      }
      for (int y = 0; y < size; y++) {
        upsample(y);
      }
      return map;
    }

    private void upsample(int y) {
      double[] aboveLeft = left[before[y]];
      double[] aboveRight = right[before[y]];
      double[] belowLeft = left[before[y] + 1];
      double[] belowRight = right[before[y] + 1];
      double above = complement[y];
      double below = fraction[y];
      for (int x = 0; x < size; x++) { // vectors, because all arrays are read at one index
        double first = aboveLeft[x] * above + belowLeft[x] * below;
        double second = aboveRight[x] * above + belowRight[x] * below;
        map[y * size + x] = (float) (first * complement[x] + second * fraction[x]);
      }
    }

    /**
     * Columns of an n x n grid over the picture, the inner ones moved by two blocks of noise, the
     * second transposed.
     */
    private void nodes(Mt19937 g, int cell, int n) {
      for (int i = 0; i < n * n; i++) {
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
    }
  }

  private static float truncatedNormal(Mt19937 g) {
    double x;
    do {
      x = g.gaussian();
    } while (Math.abs(x) > TRUNCATION);
    return (float) (x / TRUNCATION);
  }
}
