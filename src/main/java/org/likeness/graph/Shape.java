package org.likeness.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The extents of a tensor; images are (n, h, w, c), convolution weights (o, h, w, i). */
public record Shape(List<Integer> dims) {
  /**
   * Checks that every extent is positive and that the element count fits a signed 63-bit number.
   */
  public Shape {
    dims = List.copyOf(dims);
    long elements = 1;
    for (int d : dims) {
      if (d < 1) {
        throw new IllegalArgumentException("shape " + text(dims) + " has an extent below 1");
      }
      elements = Math.multiplyExact(elements, d);
    }
  }

  /** Returns the shape with these extents. */
  public static Shape of(int... dims) {
    List<Integer> list = new ArrayList<>(dims.length);
    for (int d : dims) {
      list.add(d);
    }
    return new Shape(list);
  }

  /** Returns the number of axes. */
  public int rank() {
    return dims.size();
  }

  /** Returns the extent of one axis. */
  public int dim(int axis) {
    return dims.get(axis);
  }

  /** Returns the product of all extents. */
  public long elements() {
    long elements = 1;
    for (int d : dims) {
      elements *= d;
    }
    return elements;
  }

  /** Returns the batch extent, the first axis. */
  public int n() {
    return dims.getFirst();
  }

  /** Returns the height of an (n, h, w, c) shape. */
  public int h() {
    return dims.get(1);
  }

  /** Returns the width of an (n, h, w, c) shape. */
  public int w() {
    return dims.get(2);
  }

  /** Returns the channels of an (n, h, w, c) shape, the last axis. */
  public int c() {
    return dims.getLast();
  }

  /** Returns this shape with one extent replaced. */
  public Shape with(int axis, int extent) {
    List<Integer> list = new ArrayList<>(dims);
    list.set(axis, extent);
    return new Shape(list);
  }

  /** Returns the product of the extents before {@code axis}. */
  public long outer(int axis) {
    long product = 1;
    for (int i = 0; i < axis; i++) {
      product *= dims.get(i);
    }
    return product;
  }

  /** Returns the product of the extents after {@code axis}. */
  public long inner(int axis) {
    long product = 1;
    for (int i = axis + 1; i < dims.size(); i++) {
      product *= dims.get(i);
    }
    return product;
  }

  @Override
  public String toString() {
    return text(dims);
  }

  private static String text(List<Integer> dims) {
    return dims.stream().map(String::valueOf).collect(Collectors.joining(",", "(", ")"));
  }
}
