package org.likeness.faceset;

/**
 * Moves pixels as OpenCV does: {@code resize} with half-pixel centres and exact weights, {@code
 * sample} at positions rounded to 1/32 px (spec data.md appendix B). Plain Java, so that a seed
 * gives the same batch on every processor.
 */
final class Resampler {
  /** What lies outside the picture. */
  enum Border {
    /** Zeros. */
    ZERO,
    /** The nearest edge pixel. */
    REPLICATE
  }

  private static final int FRACTIONS = 32;

  /** Weights of two by two taps: row 32 y + x of fractions in 1/32. */
  static final float[] LINEAR = table(Kernel.LINEAR);

  /** Weights of four by four taps: row 32 y + x of fractions in 1/32. */
  static final float[] CUBIC = table(Kernel.CUBIC);

  private Resampler() {}

  /** Weights of every pair of fractions // (32 of y, 32 of x, taps of y, taps of x). */
  private static float[] table(Kernel kernel) {
    int taps = kernel.taps();
    double[] exact = new double[FRACTIONS * taps];
    for (int i = 0; i < FRACTIONS; i++) {
      kernel.weights(i / (double) FRACTIONS, exact, i * taps);
    }
    float[] table = new float[FRACTIONS * FRACTIONS * taps * taps];
    int at = 0;
    for (int y = 0; y < FRACTIONS; y++) {
      for (int x = 0; x < FRACTIONS; x++) {
        for (int j = y * taps; j < (y + 1) * taps; j++) {
          for (int i = x * taps; i < (x + 1) * taps; i++) {
            table[at++] = (float) exact[j] * (float) exact[i];
          }
        }
      }
    }
    return table;
  }

  /** Resizes without antialiasing; edges are replicated. */
  static Raster resize(Raster in, int width, int height, Kernel kernel) {
    if (kernel == Kernel.CUBIC) {
      return new CubicResize(in, width, height).run();
    }
    Taps columns = Taps.of(in.width(), width, kernel);
    Taps rows = Taps.of(in.height(), height, kernel);
    int c = in.channels();
    int taps = kernel.taps();
    int row = width * c;
    double[] squeezed = new double[in.height() * row]; // (in.height, width, c)
    for (int y = 0; y < in.height(); y++) {
      for (int i = 0; i < row; i++) {
        int tap = i / c * taps;
        double sum = 0;
        for (int t = tap; t < tap + taps; t++) {
          int from = (y * in.width() + columns.index[t]) * c + i % c;
          sum += in.values()[from] * columns.weight[t];
        }
        squeezed[y * row + i] = sum;
      }
    }
    Raster out = Raster.empty(width, height, c);
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < row; i++) {
        double sum = 0;
        for (int t = y * taps; t < (y + 1) * taps; t++) {
          sum += squeezed[rows.index[t] * row + i] * rows.weight[t];
        }
        out.values()[y * row + i] = (float) sum;
      }
    }
    return out;
  }

  /** For every output position: the source pixels and their weights. */
  private record Taps(int[] index, double[] weight) {
    static Taps of(int in, int out, Kernel kernel) {
      int taps = kernel.taps();
      Taps all = new Taps(new int[out * taps], new double[out * taps]);
      double scale = (double) in / out;
      for (int i = 0; i < out; i++) {
        double position = (i + 0.5) * scale - 0.5;
        int pixel = (int) Math.floor(position);
        kernel.weights(position - pixel, all.weight, i * taps);
        for (int t = 0; t < taps; t++) {
          all.index[i * taps + t] = Math.clamp(pixel + kernel.first() + t, 0, in - 1);
        }
      }
      return all;
    }
  }

  /**
   * Reads {@code in} at every position of {@code grid} into {@code out} // (positions, channels),
   * with OpenCV's additions in OpenCV's order.
   */
  static void sample(Raster in, Grid grid, Kernel kernel, Border border, float[] out) {
    int taps = kernel.taps();
    int c = in.channels();
    int[] gx = grid.x();
    int[] gy = grid.y();
    for (int i = 0; i < gx.length; i++) {
      int x = (gx[i] >> 5) + kernel.first();
      int y = (gy[i] >> 5) + kernel.first();
      int w = ((gy[i] & FRACTIONS - 1) * FRACTIONS + (gx[i] & FRACTIONS - 1)) * taps * taps;
      boolean inside = x >= 0 && y >= 0 && x + taps <= in.width() && y + taps <= in.height();
      if (!inside) {
        edge(in, new Window(x, y, w, kernel), border, out, i * c);
      } else if (kernel == Kernel.CUBIC) {
        cubic(in, (y * in.width() + x) * c, w, out, i * c);
      } else {
        linear(in, (y * in.width() + x) * c, w, out, i * c);
      }
    }
  }

  private static void cubic(Raster in, int corner, int w, float[] out, int to) {
    float[] v = in.values();
    float[] t = CUBIC;
    int c = in.channels();
    int row = in.width() * c;
    for (int k = 0; k < c; k++) {
      int a = corner + k;
      int b = a + row;
      int d = b + row;
      int e = d + row;
      float sum =
          v[a] * t[w] + v[a + c] * t[w + 1] + v[a + 2 * c] * t[w + 2] + v[a + 3 * c] * t[w + 3];
      sum +=
          v[b] * t[w + 4] + v[b + c] * t[w + 5] + v[b + 2 * c] * t[w + 6] + v[b + 3 * c] * t[w + 7];
      sum +=
          v[d] * t[w + 8]
              + v[d + c] * t[w + 9]
              + v[d + 2 * c] * t[w + 10]
              + v[d + 3 * c] * t[w + 11];
      sum +=
          v[e] * t[w + 12]
              + v[e + c] * t[w + 13]
              + v[e + 2 * c] * t[w + 14]
              + v[e + 3 * c] * t[w + 15];
      out[to + k] = sum;
    }
  }

  private static void linear(Raster in, int corner, int w, float[] out, int to) {
    float[] v = in.values();
    float[] t = LINEAR;
    int c = in.channels();
    int row = in.width() * c;
    for (int k = 0; k < c; k++) {
      int a = corner + k;
      int b = a + row;
      out[to + k] = v[a] * t[w] + v[a + c] * t[w + 1] + v[b] * t[w + 2] + v[b + c] * t[w + 3];
    }
  }

  /** The kernel's pixels from (x, y), partly outside, with weights from {@code weight} on. */
  private record Window(int x, int y, int weight, Kernel kernel) {}

  private static void edge(Raster in, Window window, Border border, float[] out, int to) {
    int taps = window.kernel.taps();
    float[] table = window.kernel == Kernel.CUBIC ? CUBIC : LINEAR;
    int c = in.channels();
    for (int k = 0; k < c; k++) {
      float sum = 0;
      for (int i = 0; i < taps * taps; i++) {
        int x = window.x + i % taps;
        int y = window.y + i / taps;
        int nearX = Math.clamp(x, 0, in.width() - 1);
        int nearY = Math.clamp(y, 0, in.height() - 1);
        if (border == Border.REPLICATE || (x == nearX && y == nearY)) {
          sum += in.values()[(nearY * in.width() + nearX) * c + k] * table[window.weight + i];
        }
      }
      out[to + k] = sum;
    }
  }
}
