package org.likeness.device.cuda;

import java.util.List;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Shape;

/**
 * The two launches of a tensor's statistics, cut by its size alone so that every card adds in the
 * same order.
 *
 * @param parts blocks of the first launch
 */
record Statistics(long elements, int parts) {
  private static final int THREADS = 256;

  /** Elements of one block at least, unless parts run out. */
  private static final int TERMS = 16384;

  private static final int MOST_PARTS = 2048;

  /** Bytes of {@code struct Part} in src/main/cuda/statistics.cu. */
  private static final int PART_BYTES = 24;

  static Statistics of(Shape shape) {
    long elements = shape.elements();
    return new Statistics(
        elements, (int) Math.clamp((elements + TERMS - 1) / TERMS, 1, MOST_PARTS));
  }

  long workspaceBytes() {
    return (long) parts * PART_BYTES;
  }

  List<Launch> launches(Operands o) {
    String first = FloatType.of(o.node().op(), o.type(0)).entry("statistics_parts");
    Pointer partial = new Pointer(o.workspace());
    Pointer size = new Pointer(elements);
    return List.of(
        new Launch(
            new Entry("statistics", first),
            Grid.over((long) parts * THREADS, THREADS),
            0,
            List.of(new Pointer(o.in(0)), partial, size, new I32(parts))),
        new Launch(
            new Entry("statistics", "statistics_finish"),
            new Grid(1, 1, 1, THREADS),
            0,
            List.of(partial, new Pointer(o.out(0)), size, new I32(parts))));
  }
}
