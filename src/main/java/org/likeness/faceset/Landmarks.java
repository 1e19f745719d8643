package org.likeness.faceset;

import java.util.Arrays;

/** 68 iBUG points in pixels, y down: {@code x0 y0 x1 y1 ...}, finite. */
public record Landmarks(double[] xy) {
  /** How many points a face has. */
  public static final int COUNT = 68;

  /** Refuses another number of points, and points that are not finite. */
  public Landmarks {
    if (xy.length != 2 * COUNT) {
      throw new IllegalArgumentException(
          "has %d landmarks where a face has %d".formatted(xy.length / 2, COUNT));
    }
    for (double v : xy) {
      if (!Double.isFinite(v)) {
        throw new IllegalArgumentException("has a landmark that is not a number");
      }
    }
    xy = xy.clone();
  }

  /** A copy. */
  @Override
  public double[] xy() {
    return xy.clone();
  }

  /** Column of point {@code i}. */
  public double x(int i) {
    return xy[2 * i];
  }

  /** Row of point {@code i}. */
  public double y(int i) {
    return xy[2 * i + 1];
  }

  /** Every point mapped by {@code m}. */
  public Landmarks mapped(Affine m) {
    double[] to = new double[xy.length];
    for (int i = 0; i < COUNT; i++) {
      to[2 * i] = m.x(x(i), y(i));
      to[2 * i + 1] = m.y(x(i), y(i));
    }
    return new Landmarks(to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Landmarks that && Arrays.equals(xy, that.xy);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(xy);
  }

  @Override
  public String toString() {
    return "Landmarks" + Arrays.toString(xy);
  }
}
