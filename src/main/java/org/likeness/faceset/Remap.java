package org.likeness.faceset;

import java.util.Arrays;
import java.util.Objects;

/**
 * {@link Resampler#sample} a band of rows at a time, for outputs of one size and inputs of the
 * same, whose margin is the border. In Java it is faster than OpenCV's remap. Positions far outside
 * are drawn to the margin, where every tap reads the same.
 */
final class Remap {
  /** Rows of a band: placing them and reading them apart keeps vectors from slowing the rest. */
  static final int BAND = 16;

  private static final int FRACTION_BITS = 5;
  private static final int FRACTION = (1 << FRACTION_BITS) - 1;
  private static final int PAIRS = (1 << 2 * FRACTION_BITS) - 1; // of fractions
  private static final double FINE = 1024;
  private static final float TO_INTEGER = 0x1.8p23f; // added, only whole numbers remain
  private static final int TILE = 16; // a transposed tile stays in the cache
  private static final int CHANNELS = 3;
  private static final int TAPS = 4;
  private static final int SURE = 2; // pixels: a second tap and what rounding moves
  private static final int LAST = (TAPS - 1) * CHANNELS + CHANNELS - 1; // value of a row of taps

  private final int size;
  private final int side; // with the margin
  private int top; // of this band
  private int rows; // of it
  private final int[][] pixels; // that positions lie in, counted in the padded picture
  private final int[][] corners; // of the taps around them, counted in values of three channels
  private final int[][] fractions; // 32 y + x // (BAND, size), as the two above
  private final int[] columnX; // of an affine map: what a column adds in 1/1024; else positions in
  private final int[] columnY; // 1/32 of a row
  private int[] positions; // of a symmetric map, in 1/32 // (size, size)
  private int[] transposed; // of y // (size, size)
  private Affine inverse; // null for a symmetric map
  private boolean mirrored;
  private int begin; // columns of a row before mirroring, from here
  private int end; // to here, that may see more than zeros

  Remap(int size) {
    this.size = size;
    side = size + 2 * Padded.MARGIN;
    pixels = new int[BAND][size];
    corners = new int[BAND][size];
    fractions = new int[BAND][size];
    columnX = new int[size];
    columnY = new int[size];
  }

  /** {@link Grid#affine}. */
  Remap affine(Affine m, boolean mirrored) {
    inverse = m.inverse();
    this.mirrored = mirrored;
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
      positions[i] = (int) (mapX[i] * (FRACTION + 1) + TO_INTEGER - TO_INTEGER);
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

  /**
   * Goes to the band of the output that begins at row {@code top}, which the methods below make.
   */
  Remap band(int top) {
    this.top = top;
    rows = Math.min(BAND, size - top);
    for (int y = 0; y < rows; y++) {
      row(top + y, y);
    }
    return this;
  }

  /** How many rows this band has. */
  int rows() {
    return rows;
  }

  private void row(int y, int of) {
    if (inverse == null) {
      System.arraycopy(positions, y * size, columnX, 0, size);
      System.arraycopy(transposed, y * size, columnY, 0, size);
      place(0, 0, 0, of);
    } else {
      int x0 = (int) Math.rint((inverse.m01() * y + inverse.m02()) * FINE) + 16;
      int y0 = (int) Math.rint((inverse.m11() * y + inverse.m12()) * FINE) + 16;
      place(x0, y0, FRACTION_BITS, of);
    }
  }

  private void place(int x0, int y0, int shift, int row) {
    int[] pixel = pixels[row];
    int[] corner = corners[row];
    int[] fraction = fractions[row];
    for (int i = 0; i < size; i++) { // vectors, because all arrays are read at one index
      int x = (x0 + columnX[i]) >> shift;
      int y = (y0 + columnY[i]) >> shift;
      int at = inside(y >> FRACTION_BITS) * side + inside(x >> FRACTION_BITS);
      pixel[i] = at;
      corner[i] = (at - side - 1) * CHANNELS;
      fraction[i] = (y & FRACTION) << FRACTION_BITS | x & FRACTION;
    }
  }

  private int inside(int pixel) {
    return Math.max(-3, Math.min(pixel, size + 1)) + Padded.MARGIN;
  }

  /**
   * Reads a picture of three channels into {@code out} from {@code to} on, {@code step} values from
   * one row to the next.
   */
  void cubic(Padded in, float[] out, int to, int step) {
    for (int y = 0; y < rows; y++) {
      cubic(in.values(), in.row(), corners[y], fractions[y], out, to + y * step);
    }
  }

  /**
   * Adds the outer rows of taps first, whose weights are small, and rounds once for each tap: the
   * sums differ from OpenCV's no more than exact ones do, in half the time that separate products
   * take. Static, so that all it needs stays in registers.
   */
  private static void cubic(
      float[] v, int row, int[] corners, int[] fractions, float[] out, int to) {
    for (int i = 0; i < corners.length; i++) {
      int w = (fractions[i] & PAIRS) * TAPS * TAPS; // the mask saves checks
      int p = corners[i];
      Objects.checkIndex(p + LAST, v.length); // one check of a row instead of three
      float b = taps(v, p, w);
      float g = taps(v, p + 1, w);
      float r = taps(v, p + 2, w);
      p += row;
      Objects.checkIndex(p + LAST, v.length);
      b = taps(b, v, p, w + TAPS);
      g = taps(g, v, p + 1, w + TAPS);
      r = taps(r, v, p + 2, w + TAPS);
      p += 2 * row;
      Objects.checkIndex(p + LAST, v.length);
      float lowerB = taps(v, p, w + 3 * TAPS);
      float lowerG = taps(v, p + 1, w + 3 * TAPS);
      float lowerR = taps(v, p + 2, w + 3 * TAPS);
      p -= row;
      Objects.checkIndex(p + LAST, v.length);
      lowerB = taps(lowerB, v, p, w + 2 * TAPS);
      lowerG = taps(lowerG, v, p + 1, w + 2 * TAPS);
      lowerR = taps(lowerR, v, p + 2, w + 2 * TAPS);
      int at = to + i * CHANNELS;
      out[at] = b + lowerB;
      out[at + 1] = g + lowerG;
      out[at + 2] = r + lowerR;
    }
  }

  private static float taps(float[] v, int p, int w) {
    float[] t = Resampler.CUBIC;
    float near = Math.fma(v[p + 3], t[w + 1], v[p] * t[w]);
    return Math.fma(v[p + 9], t[w + 3], Math.fma(v[p + 6], t[w + 2], near));
  }

  private static float taps(float sum, float[] v, int p, int w) {
    float[] t = Resampler.CUBIC;
    float near = Math.fma(v[p + 3], t[w + 1], Math.fma(v[p], t[w], sum));
    return Math.fma(v[p + 9], t[w + 3], Math.fma(v[p + 6], t[w + 2], near));
  }

  /**
   * Reads a plane linearly into {@code out} from {@code to} on, as OpenCV does, through an affine
   * map.
   */
  void linear(Padded in, float[] out, int to) {
    for (int y = 0; y < rows; y++) {
      begin = 0;
      end = size;
      int row = top + y;
      narrow(inverse.m01() * row + inverse.m02(), inverse.m00(), in.left(), in.right());
      narrow(inverse.m11() * row + inverse.m12(), inverse.m10(), in.top(), in.bottom());
      int first = mirrored ? size - end : begin;
      int last = Math.max(first, mirrored ? size - begin : end);
      int at = to + y * size;
      Arrays.fill(out, at, at + first, 0f);
      linear(in, y, first, last, out, at);
      Arrays.fill(out, at + last, at + size, 0f);
    }
  }

  /**
   * Leaves out columns of a row that are read far from pixels {@code from} to {@code to}: column i
   * is read at {@code start} + {@code step} i.
   */
  private void narrow(double start, double step, int from, int to) {
    double one = (from - SURE - start) / step;
    double other = (to + SURE - start) / step;
    begin = (int) Math.clamp(Math.floor(Math.min(one, other)), begin, size);
    end = (int) Math.clamp(Math.ceil(Math.max(one, other)), 0, end);
  }

  private void linear(Padded in, int y, int first, int last, float[] out, int to) {
    float[] v = in.values();
    float[] t = Resampler.LINEAR;
    int row = in.row();
    int[] pixel = pixels[y];
    int[] fraction = fractions[y];
    for (int i = first; i < last; i++) {
      int a = pixel[i];
      int b = a + row;
      int w = (fraction[i] & PAIRS) * 4;
      out[to + i] = v[a] * t[w] + v[a + 1] * t[w + 1] + v[b] * t[w + 2] + v[b + 1] * t[w + 3];
    }
  }
}
