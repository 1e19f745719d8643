package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.graph.Op;
import org.likeness.graph.Shape;

/**
 * A large shape seen from a small one that repeats to it: axes on which the small one is kept or
 * repeated, neighbours of one kind merged, those of extent 1 left out.
 *
 * @param axes the innermost first
 */
record MergedAxes(Op op, List<Axis> axes) {
  /** Copies the list. */
  MergedAxes {
    axes = List.copyOf(axes);
  }

  /** One merged axis; kept where the small shape has the same extent. */
  record Axis(long extent, boolean kept) {}

  /** Merges the axes of {@code large}, to which {@code small} of the same rank repeats. */
  static MergedAxes of(Op op, Shape small, Shape large) {
    List<Axis> axes = new ArrayList<>();
    for (int i = large.rank() - 1; i >= 0; i--) {
      boolean kept = small.dim(i) == large.dim(i);
      if (large.dim(i) == 1) {
        continue;
      }
      if (!axes.isEmpty() && axes.getLast().kept() == kept) {
        axes.set(axes.size() - 1, new Axis(axes.getLast().extent() * large.dim(i), kept));
      } else {
        axes.add(new Axis(large.dim(i), kept));
      }
    }
    return new MergedAxes(op, axes);
  }

  /** Returns the shape (n, 1, 1, ...) of one value for each sample of {@code shape}. */
  static Shape perSample(Shape shape) {
    Shape samples = shape;
    for (int axis = 1; axis < shape.rank(); axis++) {
      samples = samples.with(axis, 1);
    }
    return samples;
  }

  /** Tells whether the small shape is the large one. */
  boolean same() {
    return axes.stream().allMatch(Axis::kept);
  }

  /** Returns {@code struct Repeat} of repeat.cuh: three inner extents, four strides. */
  Struct repeat() {
    int[] fields = {1, 1, 1, 0, 0, 0, 0};
    if (axes.size() > 4) {
      throw op.refusal("repeats on too many separate axes: " + axes.size() + ", at most 4");
    }
    if (axes.size() == 1 && !axes.getFirst().kept()) {
      fields[0] = 8; // one value everywhere: any extent of whole loads will do
      return new Struct(MemorySegment.ofArray(fields));
    }
    long rows = 1;
    long stride = 1;
    for (int i = 0; i < axes.size(); i++) {
      Axis axis = axes.get(i);
      rows *= i == 0 ? 1 : axis.extent();
      if (i < 3) {
        fields[i] = unsigned(op, axis.extent());
      }
      fields[3 + i] = axis.kept() ? unsigned(op, stride) : 0;
      stride *= axis.kept() ? axis.extent() : 1;
    }
    unsigned(op, rows);
    return new Struct(MemorySegment.ofArray(fields));
  }

  /** Returns {@code struct Axes} of reduction.cu: extents k2, r1, k1, r0, k0. */
  int[] sums() {
    int[] fields = {1, 1, 1, 1, 1};
    int skipped = axes.isEmpty() || axes.getFirst().kept() ? 0 : 1;
    if (axes.size() + skipped > 5) {
      throw op.refusal("sums over too many separate axes of " + axes);
    }
    for (int i = 0; i < axes.size(); i++) {
      fields[4 - skipped - i] = unsigned(op, axes.get(i).extent());
    }
    return fields;
  }

  /** Returns a number as an unsigned 32-bit one, or refuses. */
  static int unsigned(Op op, long value) {
    if (value < 0 || value >= 1L << 32) {
      throw op.refusal(value + " elements along one axis are too many for CUDA, at most 2^32 - 1");
    }
    return (int) value;
  }
}
