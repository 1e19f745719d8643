package org.likeness.saehd;

import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/**
 * DeepFaceLab's layouts against the graph's: convolution weights (k,k,in,out) against (out,k,k,in),
 * images (n,c,h,w) against (n,h,w,c). Everything else is the same in both.
 */
public final class ReferenceLayout {
  private ReferenceLayout() {}

  /** Receives two offsets of one element. */
  public interface Move {
    /** Called once for each element. */
    void move(int inGraph, int inReference);
  }

  /** Visits every element of a parameter or slot of this graph shape. */
  public static void parameter(Shape s, Move move) {
    if (s.rank() != 4) {
      same(s, move);
      return;
    }
    int taps = s.h() * s.w();
    int at = 0;
    for (int o = 0; o < s.n(); o++) {
      for (int t = 0; t < taps; t++) {
        for (int i = 0; i < s.c(); i++) {
          move.move(at++, (t * s.c() + i) * s.n() + o);
        }
      }
    }
  }

  /** Visits every element of an image batch of this graph shape (n,h,w,c). */
  public static void image(Shape s, Move move) {
    int pixels = s.h() * s.w();
    int at = 0;
    for (int n = 0; n < s.n(); n++) {
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < s.c(); c++) {
          move.move(at++, (n * s.c() + c) * pixels + p);
        }
      }
    }
  }

  private static void same(Shape s, Move move) {
    for (int i = 0; i < s.elements(); i++) {
      move.move(i, i);
    }
  }

  /**
   * Returns the shape that DeepFaceLab stores a parameter or slot in: a bias has one axis, whatever
   * axes of 1 it has in the graph.
   */
  public static long[] parameterShape(Tensor t) {
    Shape s = t.shape();
    if (t.name().endsWith("/bias:0") || t.name().endsWith("/bias_0:0")) {
      return new long[] {s.elements()};
    }
    return s.rank() == 4
        ? new long[] {s.h(), s.w(), s.c(), s.n()}
        : s.dims().stream().mapToLong(Integer::longValue).toArray();
  }
}
