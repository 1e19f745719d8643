package org.likeness.faceset;

/**
 * {@link Resampler#sample} row by row, for outputs of one size and inputs of the same, whose margin
 * is the border. In Java it is faster than OpenCV's remap, because two pictures share their weights
 * and rows are used while they are in the cache. Positions far outside are drawn to the margin,
 * where every tap reads the same.
 */
final class Remap {
  private static final int FRACTION_BITS = 5;
  private static final int FRACTION = (1 << FRACTION_BITS) - 1;
  private static final double FINE = 1024;
  private static final float TO_INTEGER = 0x1.8p23f; // added, the sum's last bit is a whole
  private static final int TILE = 16; // a transposed tile stays in the cache
  private static final int CHANNELS = 3;
  private static final int TAPS = 4;

  private final int size;
  private final int side; // with the margin
  private final int[] pixels; // that a row's positions lie in, counted in the padded picture
  private final int[] corners; // of the taps around them, counted in values of three channels
  private final int[] fractions; // 32 y + x
  private final int[] columnX; // of an affine map: what a column adds in 1/1024; else positions in
  private final int[] columnY; // 1/32 of this row
  private int[] positions; // of a symmetric map, in 1/32 // (size, size)
  private int[] transposed; // of y // (size, size)
  private Affine inverse; // null for a symmetric map

  Remap(int size) {
    this.size = size;
    side = size + 2 * Padded.MARGIN;
    pixels = new int[size];
    corners = new int[size];
    fractions = new int[size];
    columnX = new int[size];
    columnY = new int[size];
  }

  /** {@link Grid#affine}. */
  Remap affine(Affine m, boolean mirrored) {
    inverse = m.inverse();
    for (int column = 0; column < size; column++) {
      int at = mirrored ? size - 1 - column : column;
      columnX[at] = (int) Math.rint(inverse.m00() * column * FINE);
      columnY[at] = (int) Math.rint(inverse.m10() * column * FINE);
    }
    return this;
  }

  /** {@link Grid#symmetric}. */
  Remap symmetric(float[] mapX) {
    if (positions == null) {
      positions = new int[size * size];
      transposed = new int[size * size];
    }
    inverse = null;
    for (int i = 0; i < positions.length; i++) {
      // rounds half to even, as Math.rint, but in vectors; 32 v is exact
      float shifted = mapX[i] * (FRACTION + 1) + TO_INTEGER;
      positions[i] = Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(TO_INTEGER);
    }
    for (int top = 0; top < size; top += TILE) {
      for (int left = 0; left < size; left += TILE) {
        transpose(top, left);
      }
    }
    return this;
  }

  private void transpose(int top, int left) {
    int right = Math.min(size, left + TILE);
    for (int row = top; row < Math.min(size, top + TILE); row++) {
      for (int column = left; column < right; column++) {
        transposed[row * size + column] = positions[column * size + row];
      }
    }
  }

  /** Goes to a row of the output, which the methods below then make. */
  Remap row(int y) {
    if (inverse == null) {
      System.arraycopy(positions, y * size, columnX, 0, size);
      System.arraycopy(transposed, y * size, columnY, 0, size);
      place(0, 0, 0);
    } else {
      int x0 = (int) Math.rint((inverse.m01() * y + inverse.m02()) * FINE) + 16;
      int y0 = (int) Math.rint((inverse.m11() * y + inverse.m12()) * FINE) + 16;
      place(x0, y0, FRACTION_BITS);
    }
    return this;
  }

  private void place(int x0, int y0, int shift) {
    for (int i = 0; i < size; i++) { // vectors, because all arrays are read at one index
      int x = (x0 + columnX[i]) >> shift;
      int y = (y0 + columnY[i]) >> shift;
      int at = pixel(x, y);
      pixels[i] = at;
      corners[i] = (at - side - 1) * CHANNELS;
      fractions[i] = fraction(x, y);
    }
  }

  private int pixel(int x, int y) {
    return inside(y >> FRACTION_BITS) * side + inside(x >> FRACTION_BITS);
  }

  private int inside(int pixel) {
    return Math.max(-3, Math.min(pixel, size + 1)) + Padded.MARGIN;
  }

  private static int fraction(int x, int y) {
    return (y & FRACTION) << FRACTION_BITS | x & FRACTION;
  }

  /** Reads a picture of three channels into {@code out} from {@code to} on, as OpenCV does. */
  void cubic(Padded in, float[] out, int to) {
    float[] v = in.values();
    int row = in.row();
    for (int i = 0; i < size; i++) {
      cubic(v, corners[i], row, fractions[i] << 4, out, to + i * CHANNELS);
    }
  }

  private static void cubic(float[] v, int corner, int row, int weight, float[] out, int to) {
    float[] t = Resampler.CUBIC;
    int p = corner;
    int w = weight;
    float b = 0;
    float g = 0;
    float r = 0;
    for (int j = 0; j < TAPS; j++, p += row, w += TAPS) {
      b += rounded(v, p, t[w], t[w + 1], t[w + 2], t[w + 3]);
      g += rounded(v, p + 1, t[w], t[w + 1], t[w + 2], t[w + 3]);
      r += rounded(v, p + 2, t[w], t[w + 1], t[w + 2], t[w + 3]);
    }
    out[to] = b;
    out[to + 1] = g;
    out[to + 2] = r;
  }

  private static float rounded(float[] v, int p, float w0, float w1, float w2, float w3) {
    return v[p] * w0 + v[p + 3] * w1 + v[p + 6] * w2 + v[p + 9] * w3;
  }

  private static float taps(float[] v, int p, float w0, float w1, float w2, float w3) {
    float near = Math.fma(v[p + 3], w1, v[p] * w0);
    return Math.fma(v[p + 9], w3, Math.fma(v[p + 6], w2, near));
  }

  /**
   * The same of two pictures, whose weights are looked up once; sums are fused, and so differ from
   * OpenCV's by a rounding.
   */
  void cubic(Padded first, Padded second, float[] firstOut, float[] secondOut, int to) {
    float[] u = first.values();
    float[] v = second.values();
    float[] t = Resampler.CUBIC;
    int row = first.row();
    for (int i = 0; i < size; i++) {
      int p = corners[i];
      int w = fractions[i] << 4;
      float a = 0;
      float b = 0;
      float c = 0;
      float d = 0;
      float e = 0;
      float f = 0;
      for (int j = 0; j < TAPS; j++, p += row, w += TAPS) {
        float w0 = t[w];
        float w1 = t[w + 1];
        float w2 = t[w + 2];
        float w3 = t[w + 3];
        a += taps(u, p, w0, w1, w2, w3);
        b += taps(u, p + 1, w0, w1, w2, w3);
        c += taps(u, p + 2, w0, w1, w2, w3);
        d += taps(v, p, w0, w1, w2, w3);
        e += taps(v, p + 1, w0, w1, w2, w3);
        f += taps(v, p + 2, w0, w1, w2, w3);
      }
      int at = to + i * CHANNELS;
      firstOut[at] = a;
      firstOut[at + 1] = b;
      firstOut[at + 2] = c;
      secondOut[at] = d;
      secondOut[at + 1] = e;
      secondOut[at + 2] = f;
    }
  }

  /** Reads a plane linearly, as OpenCV does. */
  void linear(Padded in, float[] out, int to) {
    float[] v = in.values();
    float[] t = Resampler.LINEAR;
    for (int i = 0; i < size; i++) {
      int a = pixels[i];
      int w = fractions[i] << 2;
      out[to + i] =
          v[a] * t[w] + v[a + 1] * t[w + 1] + v[a + side] * t[w + 2] + v[a + side + 1] * t[w + 3];
    }
  }
}
