package org.likeness.device.cpu;

import org.likeness.graph.Movement;
import org.likeness.graph.Shape;

/** Element moves in f64, by definition. */
final class OracleMovement {
  private OracleMovement() {}

  static double[] run(Movement movement, Oracle.Call call) {
    double[] x = call.in()[0];
    double[] y = call.make(0);
    Shape from = call.inputs().getFirst();
    Shape to = call.outputs().getFirst();
    switch (movement) {
      case Movement.DepthToSpace op ->
          blocks(op.block(), to, (space, depth) -> y[space] = x[depth]);
      case Movement.SpaceToDepth op ->
          blocks(op.block(), from, (space, depth) -> y[depth] = x[space]);
      case Movement.Flatten op -> channelFirst(from, (nhwc, nchw) -> y[nchw] = x[nhwc]);
      case Movement.Reshape4D op -> channelFirst(to, (nhwc, nchw) -> y[nhwc] = x[nchw]);
      case Movement.Concat op -> {
        int start = 0;
        for (int i = 0; i < call.in().length; i++) {
          part(to, call.inputs().get(i), op.axis(), start, call.in()[i], y, false);
          start += call.inputs().get(i).dim(op.axis());
        }
      }
      case Movement.Slice op -> part(from, to, op.axis(), op.from(), y, x, true);
      case Movement.Pad op -> part(to, from, op.axis(), op.before(), x, y, false);
    }
    return y;
  }

  /** Receives two offsets of one element. */
  private interface Pair {
    void move(int a, int b);
  }

  private static void blocks(int block, Shape space, Pair pair) {
    int c = space.c();
    int width = space.w() / block;
    for (int i = 0; i < space.elements(); i++) {
      int w = i / c % space.w();
      int row = i / c / space.w();
      int position = row % block * block + w % block;
      int depth = (row / block * width + w / block) * c * block * block + position * c + i % c;
      pair.move(i, depth);
    }
  }

  private static void channelFirst(Shape s, Pair pair) {
    int pixels = s.h() * s.w();
    for (int i = 0; i < s.elements(); i++) {
      int n = i / (pixels * s.c());
      int pixel = i / s.c() % pixels;
      pair.move(i, (n * s.c() + i % s.c()) * pixels + pixel);
    }
  }

  /** Copies between a tensor and its part [start, ...) of one axis, in either direction. */
  private static void part(
      Shape whole, Shape part, int axis, int start, double[] small, double[] large, boolean out) {
    int inner = (int) whole.inner(axis);
    int run = part.dim(axis) * inner;
    for (int o = 0; o < whole.outer(axis); o++) {
      int at = (o * whole.dim(axis) + start) * inner;
      if (out) {
        System.arraycopy(large, at, small, o * run, run);
      } else {
        System.arraycopy(small, o * run, large, at, run);
      }
    }
  }
}
