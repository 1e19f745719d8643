package org.likeness.faceset;

/**
 * Cubic resize in single precision. Its additions are fused and ordered as in the library that
 * OpenCV's own packages resize with on x86, found by trying the orders: halving a picture gives the
 * same bits, which counts where they are truncated to bytes next.
 */
final class CubicResize {
  private static final int TAPS = 4;

  private final Raster in;
  private final int[] columns; // (width, 4) where to read
  private final int[] rows; // (height, 4)
  private final float[] across; // (width, 4) weights
  private final float[] down; // (height, 4)
  private final Raster out;

  CubicResize(Raster in, int width, int height) {
    this.in = in;
    this.columns = new int[width * TAPS];
    this.rows = new int[height * TAPS];
    this.across = taps(in.width(), columns);
    this.down = taps(in.height(), rows);
    this.out = Raster.empty(width, height, in.channels());
  }

  private static float[] taps(int size, int[] index) {
    double[] exact = new double[TAPS];
    float[] weights = new float[index.length];
    double scale = (double) size * TAPS / index.length;
    for (int i = 0; i < index.length; i += TAPS) {
      double position = (i / TAPS + 0.5) * scale - 0.5;
      int pixel = (int) Math.floor(position);
      Kernel.CUBIC.weights(position - pixel, exact, 0);
      for (int t = 0; t < TAPS; t++) {
        index[i + t] = Math.clamp(pixel - 1 + t, 0, size - 1);
        weights[i + t] = (float) exact[t];
      }
    }
    return weights;
  }

  Raster run() {
    int width = out.width();
    int c = in.channels();
    float[] squeezed = new float[in.height() * width * c]; // (in.height, width, c)
    for (int y = 0; y < in.height(); y++) {
      squeeze(y * in.width() * c, squeezed, y * width * c);
    }
    for (int y = 0; y < out.height(); y++) {
      int tap = y * TAPS;
      blend(squeezed, tap, y * width * c);
      for (int x = 0; x < width; x++) {
        if (isEdge(rows, tap) || isEdge(columns, x * TAPS)) {
          edge(x, y);
        }
      }
    }
    return out;
  }

  private void squeeze(int row, float[] to, int at) {
    float[] v = in.values();
    float[] w = across;
    int c = in.channels();
    for (int tap = 0; tap < w.length; tap += TAPS) {
      for (int k = row; k < row + c; k++) {
        to[at++] =
            Math.fma(
                    v[k + columns[tap + 1] * c],
                    w[tap + 1],
                    v[k + columns[tap + 2] * c] * w[tap + 2])
                + Math.fma(
                    v[k + columns[tap] * c], w[tap], v[k + columns[tap + 3] * c] * w[tap + 3]);
      }
    }
  }

  private void blend(float[] squeezed, int tap, int at) {
    int n = out.width() * out.channels();
    int r0 = rows[tap] * n;
    int r1 = rows[tap + 1] * n;
    int r2 = rows[tap + 2] * n;
    int r3 = rows[tap + 3] * n;
    float w0 = down[tap];
    float w1 = down[tap + 1];
    float w2 = down[tap + 2];
    float w3 = down[tap + 3];
    for (int i = 0; i < n; i++) {
      out.values()[at + i] =
          Math.fma(squeezed[r0 + i], w0, squeezed[r1 + i] * w1)
              + Math.fma(squeezed[r2 + i], w2, squeezed[r3 + i] * w3);
    }
  }

  /** Whether taps lie outside and read the edge instead. */
  private static boolean isEdge(int[] index, int tap) {
    return index[tap] == index[tap + 1] || index[tap + 2] == index[tap + 3];
  }

  private void edge(int x, int y) {
    int tap = y * TAPS;
    int c = in.channels();
    for (int k = 0; k < c; k++) {
      float sum = across(x, rows[tap + 1], k) * down[tap + 1];
      sum = Math.fma(across(x, rows[tap], k), down[tap], sum);
      sum = Math.fma(across(x, rows[tap + 2], k), down[tap + 2], sum);
      sum = Math.fma(across(x, rows[tap + 3], k), down[tap + 3], sum);
      out.values()[(y * out.width() + x) * c + k] = sum;
    }
  }

  private float across(int x, int row, int k) {
    float[] v = in.values();
    int tap = x * TAPS;
    int c = in.channels();
    int at = row * in.width() * c + k;
    return Math.fma(
            v[at + columns[tap] * c], across[tap], v[at + columns[tap + 2] * c] * across[tap + 2])
        + Math.fma(
            v[at + columns[tap + 3] * c],
            across[tap + 3],
            v[at + columns[tap + 1] * c] * across[tap + 1]);
  }
}
