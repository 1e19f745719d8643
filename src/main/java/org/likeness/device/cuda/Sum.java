package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.DType;
import org.likeness.graph.Op;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/**
 * How a sum over axes is cut into blocks. It depends on the shapes alone, so every card adds in the
 * same order.
 *
 * @param axes extents k2, r1, k1, r0, k0, as src/main/cuda/reduction.cu names them
 * @param parts blocks that share one output's terms; their f64 sums lie in the workspace
 */
record Sum(Kind kind, int[] axes, long outputs, int parts) {
  private static final int THREADS = 256;

  /** The kernel: a thread for each output, a block for each run, a block for 32 columns. */
  enum Kind {
    EACH,
    ROWS,
    COLUMNS
  }

  /** Most terms that one thread sums alone. */
  private static final int FEW = 32;

  /** Terms that one block sums at least where there are too few outputs to fill a card. */
  private static final int TERMS = 16384;

  /** Blocks that fill a card. */
  private static final int BLOCKS = 2048;

  private static final int MOST_PARTS = 1024;

  static Sum of(Op op, Shape small, Shape large) {
    int[] axes = MergedAxes.of(op, small, large).sums();
    long terms = Integer.toUnsignedLong(axes[1]) * Integer.toUnsignedLong(axes[3]);
    long outputs = small.elements();
    int columns = axes[4];
    if (terms <= FEW) {
      return new Sum(Kind.EACH, axes, outputs, 1);
    }
    long width = columns == 1 ? 1 : 32;
    long blocks = columns == 1 ? outputs : outputs / columns * ((columns + 31) / 32);
    long wanted = Math.min((terms * width + TERMS - 1) / TERMS, Math.max(1, BLOCKS / blocks));
    int parts = (int) Math.min(wanted, MOST_PARTS);
    return new Sum(columns == 1 ? Kind.ROWS : Kind.COLUMNS, axes, outputs, parts);
  }

  /** Cuts a sum so that its parts lie in the workspace and may be added into another type. */
  static Sum inParts(Op op, Shape small, Shape large) {
    Sum sum = of(op, small, large);
    Kind kind = sum.axes[4] == 1 ? Kind.ROWS : Kind.COLUMNS;
    return new Sum(kind, sum.axes, sum.outputs, Math.max(2, sum.parts));
  }

  /** Returns the f32 sums over all but the last axis, of f32 or 16 bits. */
  static Sum overChannels(Op op, Tensor x) {
    Shape channels = x.shape();
    for (int axis = 0; axis < channels.rank() - 1; axis++) {
      channels = channels.with(axis, 1);
    }
    return x.dtype() == DType.F32 ? of(op, channels, x.shape()) : inParts(op, channels, x.shape());
  }

  long workspaceBytes() {
    return parts == 1 ? 0 : outputs * parts * Double.BYTES;
  }

  /** Returns the launches: y = scale times the sums of x. */
  List<Launch> launches(FloatType type, long x, long y, long workspace, double scale) {
    return launches(type, type, x, y, workspace, scale);
  }

  /**
   * Returns the same launches where the sums have another type than the terms; there must be parts.
   */
  List<Launch> launches(
      FloatType type, FloatType result, long x, long y, long workspace, double scale) {
    assert type == result || parts > 1;
    Struct extents = new Struct(MemorySegment.ofArray(axes));
    F32 factor = new F32((float) scale);
    if (kind == Kind.EACH) {
      return List.of(
          new Launch(
              new Entry("reduction", type.entry("sum_each")),
              Grid.over(outputs, THREADS),
              0,
              List.of(new Pointer(x), new Pointer(y), extents, new Pointer(outputs), factor)));
    }
    long columns = axes[4];
    long blocks = outputs / columns * ((columns + 31) / 32) * parts;
    Launch sums =
        new Launch(
            new Entry("reduction", type.entry(kind == Kind.ROWS ? "sum_rows" : "sum_columns")),
            Grid.over(blocks * THREADS, THREADS),
            0,
            List.of(
                new Pointer(x),
                new Pointer(y),
                new Pointer(workspace),
                extents,
                new I32(parts),
                factor));
    if (parts == 1) {
      return List.of(sums);
    }
    Launch finish =
        new Launch(
            new Entry("reduction", result.entry("sum_finish")),
            Grid.over(outputs * 32, THREADS),
            0,
            List.of(
                new Pointer(workspace),
                new Pointer(y),
                new Pointer(outputs),
                new I32(parts),
                factor));
    return List.of(sums, finish);
  }
}
