package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import org.likeness.graph.Movement;
import org.likeness.graph.Shape;

/** Element moves of any type, as copies of whole runs wherever the layout has runs. */
final class FloatMovement {
  private FloatMovement() {}

  /** Returns the kernel of an operation, or null where only the oracle has one. */
  static Runnable lower(Movement movement, Kernels.Operands o) {
    int bytes = o.node().output().dtype().bytes();
    return switch (movement) {
      case Movement.DepthToSpace op ->
          blocks(op.block(), o.outputShape(0), bytes, o.in(0), o.out(0), true);
      case Movement.SpaceToDepth op ->
          blocks(op.block(), o.shape(0), bytes, o.in(0), o.out(0), false);
      case Movement.Flatten op when bytes == Float.BYTES ->
          channelFirst(o.shape(0), o.in(0), o.out(0), true);
      case Movement.Reshape4D op when bytes == Float.BYTES ->
          channelFirst(o.outputShape(0), o.in(0), o.out(0), false);
      case Movement.Flatten op -> null;
      case Movement.Reshape4D op -> null;
      case Movement.Concat op -> concat(op.axis(), o);
      case Movement.Slice op -> {
        Shape x = o.shape(0);
        Shape y = o.outputShape(0);
        Part part = new Part(x, op.axis(), bytes, op.from(), y.dim(op.axis()));
        yield () -> part.take(o.in(0), o.out(0));
      }
      case Movement.Pad op -> {
        Shape y = o.outputShape(0);
        Part part = new Part(y, op.axis(), bytes, op.before(), o.shape(0).dim(op.axis()));
        yield () -> {
          o.out(0).fill((byte) 0);
          part.put(o.in(0), o.out(0));
        };
      }
    };
  }

  /** The part [start, start + extent) of one axis of a whole, moved run by run. */
  private record Part(Shape whole, int axis, int bytes, int start, int extent) {
    void take(MemorySegment large, MemorySegment small) {
      move(large, small, true);
    }

    void put(MemorySegment small, MemorySegment large) {
      move(large, small, false);
    }

    private void move(MemorySegment large, MemorySegment small, boolean out) {
      long inner = whole.inner(axis) * bytes;
      long run = extent * inner;
      long step = whole.dim(axis) * inner;
      for (long o = 0, n = whole.outer(axis); o < n; o++) {
        long at = o * step + start * inner;
        if (out) {
          MemorySegment.copy(large, at, small, o * run, run);
        } else {
          MemorySegment.copy(small, o * run, large, at, run);
        }
      }
    }
  }

  private static Runnable concat(int axis, Kernels.Operands o) {
    int count = o.inputs().size();
    Part[] parts = new Part[count];
    int start = 0;
    for (int i = 0; i < count; i++) {
      int extent = o.shape(i).dim(axis);
      parts[i] = new Part(o.outputShape(0), axis, o.node().output().dtype().bytes(), start, extent);
      start += extent;
    }
    return () -> {
      for (int i = 0; i < count; i++) {
        parts[i].put(o.in(i), o.out(0));
      }
    };
  }

  /** One task moves one row of blocks: each block row of a pixel is a run of {@code c} elements. */
  private static Runnable blocks(
      int block, Shape space, int bytes, MemorySegment from, MemorySegment to, boolean toSpace) {
    int rows = space.n() * space.h();
    int width = space.w() / block;
    long run = (long) space.c() * bytes;
    return () ->
        Blocks.each(
            rows,
            space.elements() <= 16 * Blocks.SIZE,
            row -> {
              long depthRow = (long) (row / block) * width * block * block;
              for (int w = 0; w < space.w(); w++) {
                long position = row % block * block + w % block;
                long depth = (depthRow + (long) (w / block) * block * block + position) * run;
                long at = ((long) row * space.w() + w) * run;
                MemorySegment.copy(from, toSpace ? depth : at, to, toSpace ? at : depth, run);
              }
            });
  }

  /** One task transposes one sample between (h w, c) and (c, h w). */
  private static Runnable channelFirst(
      Shape s, MemorySegment from, MemorySegment to, boolean flatten) {
    int pixels = s.h() * s.w();
    int size = pixels * s.c();
    int rows = flatten ? pixels : s.c();
    ThreadLocal<float[][]> arrays = ThreadLocal.withInitial(() -> new float[2][size]);
    return () ->
        Blocks.each(
            s.n(),
            s.elements() <= 16 * Blocks.SIZE,
            n -> {
              float[][] array = arrays.get();
              Blocks.load(from, (long) n * size, array[0], size);
              transpose(array[0], array[1], rows, size / rows);
              Blocks.store(array[1], to, (long) n * size, size);
            });
  }

  private static void transpose(float[] from, float[] to, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        to[c * rows + r] = from[r * columns + c];
      }
    }
  }
}
