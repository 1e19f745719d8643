package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Shape;

/**
 * The two launches of pixel norm or its gradient: partial sums of each sample, then their use.
 *
 * @param size elements of a sample
 * @param parts blocks that share a sample's sums
 * @param sums numbers that each of them leaves in the workspace: 1 forward, 2 backward
 */
record PixelNorms(int samples, long size, int parts, int sums) {
  private static final int THREADS = 256;

  /** Loads of 16 bytes that a thread of the second launch makes of each operand. */
  private static final int LOADS = 4;

  /** Elements that one block of the first launch sums at least, unless parts run out. */
  private static final int TERMS = 16384;

  static PixelNorms of(Shape shape, int sums) {
    long size = shape.elements() / shape.n();
    int parts = (int) Math.clamp((size + TERMS - 1) / TERMS, 1, THREADS);
    return new PixelNorms(shape.n(), size, parts, sums);
  }

  long workspaceBytes() {
    return (long) samples * parts * sums * Double.BYTES;
  }

  List<Launch> launches(Operands o, double epsilon) {
    FloatType type = FloatType.of(o);
    String name = type.entry(sums == 1 ? "pixel_norm_forward" : "pixel_norm_backward");
    List<Argument> inputs = new ArrayList<>();
    o.inputs().forEach(address -> inputs.add(new Pointer(address)));
    List<Argument> first = new ArrayList<>(inputs);
    first.add(new Pointer(o.workspace()));
    first.add(new Pointer(size));
    first.add(new I32(parts));
    long each = size % type.lanes() == 0 ? type.lanes() : 1;
    long blocks = (size / each + LOADS * THREADS - 1) / (LOADS * THREADS);
    List<Argument> second = new ArrayList<>(inputs);
    second.add(new Pointer(o.out(0)));
    second.add(new Pointer(o.workspace()));
    second.add(new Pointer(size));
    second.add(new I32(MergedAxes.unsigned(o.node().op(), blocks)));
    second.add(new I32(parts));
    second.add(new F32((float) (1.0 / size)));
    second.add(new F32((float) epsilon));
    return List.of(
        new Launch(new Entry("pixel_norm", name + "_sums"), grid(parts), 0, first),
        new Launch(new Entry("pixel_norm", name), grid(blocks), 0, second));
  }

  private Grid grid(long blocksPerSample) {
    return Grid.over(samples * blocksPerSample * THREADS, THREADS);
  }
}
