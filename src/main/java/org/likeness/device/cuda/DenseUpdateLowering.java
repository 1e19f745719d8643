package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Shape;
import org.likeness.graph.Update;

/**
 * Launches for {@link Update.DenseUpdate}, always of our own kernel: NVIDIA's libraries could only
 * make the gradient whole, and what the kernel waits for is memory, not arithmetic.
 */
final class DenseUpdateLowering {
  private static final int THREADS = 256;

  /** Sides of the part of the gradient that a block makes. */
  private static final int TILE = 64;

  private DenseUpdateLowering() {}

  /** Returns the launch that computes the node: inputs w, x, dy, slots, then scalars. */
  static Launch lower(Update.DenseUpdate op, Operands o) {
    int scalars = 3 + op.rule().slots();
    for (int i = 0; i < scalars; i++) {
      if (i != 1 && i != 2) {
        OptimiserLaunch.expectF32(o, o.type(i));
      }
    }
    FloatType type = FloatType.of(op, o.type(1));
    if (o.type(2) != o.type(1)) {
      throw op.refusal(
          "input is %s and output gradient %s: cast one of them"
              .formatted(FloatType.text(o.type(1)), FloatType.text(o.type(2))));
    }
    Shape w = o.shape(0);
    long across = Math.ceilDiv(w.dim(1), TILE);
    long tiles = Math.ceilDiv(w.dim(0), TILE) * across;
    return OptimiserLaunch.of(op.rule(), o, scalars)
        .launch(
            "dense_update",
            "_dense",
            new Grid(Math.toIntExact(tiles), 1, 1, THREADS),
            dense(op.rule(), o, across, type),
            new F32((float) op.scale()));
  }

  /** {@code struct Dense} of src/main/cuda/dense_update.cu. */
  private static Struct dense(Update.Rule rule, Operands o, long across, FloatType type) {
    Shape w = o.shape(0);
    long[] fields = new long[8];
    for (int i = 0; i < 3 + rule.slots(); i++) {
      fields[i] = o.in(i);
    }
    fields[5] = o.shape(1).n() | (long) w.dim(0) << 32;
    fields[6] = w.dim(1) | across << 32;
    fields[7] = type.ordinal() | (long) rule.modifiers().stream() << 32;
    return new Struct(MemorySegment.ofArray(fields));
  }
}
