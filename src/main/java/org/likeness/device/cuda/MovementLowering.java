package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Movement;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;

/**
 * Launches for {@link Movement} nodes. Kernels move units of 1 to 16 bytes, the largest that
 * divides every run and every offset, whatever the element type.
 */
final class MovementLowering {
  private static final int THREADS = 256;
  private static final int TILE = 32;

  private MovementLowering() {}

  /** Returns the temporary bytes that the node's launches need: none. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Movement movement, Operands o, Target target) {
    Shape from = o.shape(0);
    Shape to = o.outputShape(0);
    return switch (movement) {
      case Movement.DepthToSpace op ->
          swapRows(op, o, from.w(), op.block(), (long) op.block() * to.c());
      case Movement.SpaceToDepth op ->
          swapRows(op, o, op.block(), to.w(), (long) op.block() * from.c());
      case Movement.Flatten op -> transpose(op, o, from.n(), (long) from.h() * from.w(), from.c());
      case Movement.Reshape4D op -> transpose(op, o, to.n(), to.c(), (long) to.h() * to.w());
      case Movement.Concat op -> concat(op, o);
      case Movement.Slice op -> slice(op, o);
      case Movement.Pad op -> pad(op, o);
    };
  }

  /** Rows of bytes: where the first begins and how far apart they are. */
  private record Rows(long start, long pitch) {}

  /** Returns the launches that fill memory with eight bytes over and over. */
  static List<Launch> fill(long address, long bytes, long pattern) {
    return List.of(
        launch(
            "fill_b8",
            (bytes + 15) / 16,
            new Pointer(address),
            new Pointer(bytes),
            new Pointer(pattern)));
  }

  /** Returns the launches that copy memory aligned to 16 bytes: none where it is the same. */
  static List<Launch> copy(long from, long to, long bytes) {
    if (from == to) {
      return List.of();
    }
    return List.of(
        launch(
            "copy_b16", (bytes + 15) / 16, new Pointer(from), new Pointer(to), new Pointer(bytes)));
  }

  private static List<Launch> slice(Movement.Slice op, Operands o) {
    Shape from = o.shape(0);
    long size = o.type(0).bytes() * from.inner(op.axis());
    long run = size * (op.to() - op.from());
    Rows part = new Rows(o.in(0) + size * op.from(), size * from.dim(op.axis()));
    return copyRows(op, part, new Rows(o.out(0), run), run, from.outer(op.axis()));
  }

  private static List<Launch> concat(Movement.Concat op, Operands o) {
    List<Launch> launches = new ArrayList<>();
    Shape to = o.outputShape(0);
    long size = o.outputType(0).bytes() * to.inner(op.axis());
    long start = o.out(0);
    for (int i = 0; i < o.inputs().size(); i++) {
      long run = o.shape(i).dim(op.axis()) * size;
      Rows part = new Rows(start, to.dim(op.axis()) * size);
      launches.addAll(copyRows(op, new Rows(o.in(i), run), part, run, to.outer(op.axis())));
      start += run;
    }
    return launches;
  }

  private static List<Launch> copyRows(Movement op, Rows from, Rows to, long run, long rows) {
    boolean dense = rows == 1 || (from.pitch() == run && to.pitch() == run);
    if (dense && unit(from.start(), to.start()) == 16) {
      return copy(from.start(), to.start(), run * rows);
    }
    int unit = unit(from.start(), to.start(), run, from.pitch(), to.pitch());
    return List.of(
        launch(
            "copy_rows_b" + unit,
            run / unit * rows,
            new Pointer(from.start()),
            new Pointer(to.start()),
            new Pointer(run / unit * rows),
            count(op, run / unit),
            new Pointer(from.pitch() / unit),
            new Pointer(to.pitch() / unit)));
  }

  private static List<Launch> pad(Movement.Pad op, Operands o) {
    long size = o.type(0).bytes() * o.shape(0).inner(op.axis());
    long run = size * o.shape(0).dim(op.axis());
    long before = size * op.before();
    long pitch = size * o.outputShape(0).dim(op.axis());
    int unit = unit(run, before, pitch);
    long units = pitch / unit * o.shape(0).outer(op.axis());
    return List.of(
        launch(
            "pad_rows_b" + unit,
            units,
            new Pointer(o.in(0)),
            new Pointer(o.out(0)),
            new Pointer(units),
            count(op, run / unit),
            count(op, before / unit),
            count(op, pitch / unit)));
  }

  /** (o, p, q, elements) to (o, q, p, elements). */
  private static List<Launch> swapRows(Movement op, Operands o, long p, long q, long elements) {
    long run = elements * o.type(0).bytes();
    int unit = unit(run);
    long units = o.node().output().bytes() / unit;
    return List.of(
        launch(
            "swap_rows_b" + unit,
            units,
            new Pointer(o.in(0)),
            new Pointer(o.out(0)),
            new Pointer(units),
            count(op, p),
            count(op, q),
            count(op, run / unit)));
  }

  /** (n, p, q) to (n, q, p). */
  private static List<Launch> transpose(Movement op, Operands o, int n, long p, long q) {
    if (p == 1 || q == 1) {
      return copy(o.in(0), o.out(0), o.node().output().bytes());
    }
    long tiles = n * ((p + TILE - 1) / TILE) * ((q + TILE - 1) / TILE);
    return List.of(
        launch(
            "transpose_b" + o.type(0).bytes(),
            tiles * THREADS,
            new Pointer(o.in(0)),
            new Pointer(o.out(0)),
            count(op, p),
            count(op, q)));
  }

  private static I32 count(Movement op, long value) {
    return new I32(MergedAxes.unsigned(op, value));
  }

  private static Launch launch(String name, long threads, Argument... arguments) {
    Grid grid = Grid.over(threads, THREADS);
    return new Launch(new Entry("movement", name), grid, 0, List.of(arguments));
  }

  /** The largest power of two up to 16 that divides every number. */
  private static int unit(long... bytes) {
    long bits = 16;
    for (long b : bytes) {
      bits |= b;
    }
    return (int) Long.lowestOneBit(bits);
  }
}
