package org.likeness.faceset;

/**
 * Where each pixel of a square output is read, row by row, in 1/32 source pixels, rounded as OpenCV
 * rounds (spec data.md appendix B). Refilled in place: it is the loader's largest scratch.
 */
final class Grid {
  private static final int SUB = 32;
  private static final double FINE = 1024;

  private final int size;
  private final int[] x;
  private final int[] y;
  private final int[] columnX; // what a column adds in 1/1024
  private final int[] columnY;

  Grid(int size) {
    this.size = size;
    this.x = new int[size * size];
    this.y = new int[size * size];
    this.columnX = new int[size];
    this.columnY = new int[size];
  }

  int size() {
    return size;
  }

  int[] x() {
    return x;
  }

  int[] y() {
    return y;
  }

  /**
   * OpenCV's warpAffine with {@code m} from source to output, then {@code mirrored} left to right.
   */
  Grid affine(Affine m, boolean mirrored) {
    Affine inverse = m.inverse();
    for (int column = 0; column < size; column++) {
      columnX[column] = (int) Math.rint(inverse.m00() * column * FINE);
      columnY[column] = (int) Math.rint(inverse.m10() * column * FINE);
    }
    for (int row = 0; row < size; row++) {
      int rowX = (int) Math.rint((inverse.m01() * row + inverse.m02()) * FINE) + 16;
      int rowY = (int) Math.rint((inverse.m11() * row + inverse.m12()) * FINE) + 16;
      for (int column = 0; column < size; column++) {
        int i = row * size + (mirrored ? size - 1 - column : column);
        x[i] = (rowX + columnX[column]) >> 5;
        y[i] = (rowY + columnY[column]) >> 5;
      }
    }
    return this;
  }

  /** OpenCV's remap with {@code mapX} // (size, size) and its transpose as the map of y. */
  Grid symmetric(float[] mapX) {
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        int position = (int) Math.rint(mapX[row * size + column] * SUB);
        x[row * size + column] = position;
        y[column * size + row] = position;
      }
    }
    return this;
  }
}
