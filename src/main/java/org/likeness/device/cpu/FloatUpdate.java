package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.likeness.graph.Update;

/** Optimiser updates in f32, in place and in the weights' stored layout. */
final class FloatUpdate {
  private FloatUpdate() {}

  static Runnable lower(Update update, Kernels.Operands o) {
    return switch (update) {
      case Update.Increment op ->
          () -> o.in(0).set(ValueLayout.JAVA_LONG, 0, o.in(0).get(ValueLayout.JAVA_LONG, 0) + 1);
      case Update.CosineRate op ->
          () -> set(o.out(0), OracleUpdate.cosine(op, o.in(0).get(ValueLayout.JAVA_LONG, 0)));
      case Update.ClipFactor op -> factor(o, 0, sum -> OracleUpdate.clipFactor(op, sum));
      case Update.LossScale op ->
          () -> set(o.out(0), Update.LossScale.after(o.in(0).get(ValueLayout.JAVA_LONG, 0)));
      case Update.Unscale op -> factor(o, 1, sum -> OracleUpdate.unscale(op, sum, get(o.in(0))));
      case Update.AdjustScale op -> () -> adjust(op, o);
      case Update.Rule op -> ruled(op, o);
      case Update.DenseUpdate op -> dense(op, o);
    };
  }

  private static void adjust(Update.AdjustScale op, Kernels.Operands o) {
    long doublings = o.in(0).get(ValueLayout.JAVA_LONG, 0);
    long good = o.in(1).get(ValueLayout.JAVA_LONG, 0);
    long[] counted = OracleUpdate.adjusted(op, doublings, good, get(o.in(2)));
    o.in(0).set(ValueLayout.JAVA_LONG, 0, counted[0]);
    o.in(1).set(ValueLayout.JAVA_LONG, 0, counted[1]);
  }

  /** A factor from the sum of the squares of all inputs from the first gradient on. */
  private static Runnable factor(Kernels.Operands o, int first, DoubleUnaryOperator ofSquares) {
    int gradients = o.inputs().size() - first;
    double[] sums = new double[gradients];
    float[][] arrays = new float[gradients][Blocks.SIZE];
    return () -> {
      Blocks.each(gradients, false, i -> sums[i] = sumOfSquares(o.in(first + i), arrays[i]));
      double sum = 0;
      for (double s : sums) {
        sum += s;
      }
      set(o.out(0), ofSquares.applyAsDouble(sum));
    };
  }

  private static double sumOfSquares(MemorySegment x, float[] a) {
    long size = x.byteSize() / Float.BYTES;
    double sum = 0;
    for (long at = 0; at < size; at += a.length) {
      int count = (int) Math.min(a.length, size - at);
      Blocks.load(x, at, a, count);
      for (int i = 0; i < count; i++) {
        sum += (double) a[i] * a[i];
      }
    }
    return sum;
  }

  private static Runnable ruled(Update.Rule op, Kernels.Operands o) {
    int tensors = 2 + op.slots();
    Floats[] operands = new Floats[tensors];
    for (int i = 0; i < tensors; i++) {
      operands[i] = o.floats(i);
    }
    long elements = o.in(0).byteSize() / Float.BYTES;
    return () ->
        step(op, o, tensors)
            .ifPresent(step -> Blocks.mapPlaced(operands, tensors, writes(op), elements, step));
  }

  /** The same where the gradient comes from its factors, a few rows at a time. */
  private static Runnable dense(Update.DenseUpdate op, Kernels.Operands o) {
    Update.Rule rule = op.rule();
    Floats[] operands = new Floats[2 + rule.slots()];
    operands[0] = o.floats(0);
    for (int i = 2; i < operands.length; i++) {
      operands[i] = o.floats(i + 1);
    }
    DenseTiles tiles =
        new DenseTiles(o.in(1), o.in(2), o.shape(1).n(), o.shape(0), (float) op.scale());
    return () ->
        step(rule, o, operands.length + 1)
            .ifPresent(step -> tiles.update(operands, writes(rule), step));
  }

  private static int writes(Update.Rule rule) {
    return rule.mutates().stream().mapToInt(i -> 1 << i).sum();
  }

  /**
   * Returns what happens to a block of parameter, gradient and slots; nothing after gradients that
   * overflowed.
   *
   * @param scalars position of the rate among the operands
   */
  private static Optional<Blocks.PlacedKernel> step(
      Update.Rule rule, Kernels.Operands o, int scalars) {
    float rate = get(o.in(scalars));
    float clip = rule.modifiers().clipped() ? get(o.in(scalars + 1)) : 1;
    if (clip < 0) {
      return Optional.empty();
    }
    Blocks.Kernel kernel =
        switch (rule) {
          case Update.RmsProp op -> (b, n) -> rmsProp(b, n, op, rate, clip);
          case Update.AdaBelief op -> (b, n) -> adaBelief(b, n, op, rate, clip);
        };
    return Optional.of(dropping(rule.modifiers(), o, kernel));
  }

  /**
   * Returns the rule with lr_dropout: elements that do not move get their old value back. Draws are
   * by place, so in a blocked weight another element moves than in a dense one.
   */
  private static Blocks.PlacedKernel dropping(
      Update.Modifiers modifiers, Kernels.Operands o, Blocks.Kernel rule) {
    if (modifiers.keep() >= 1) {
      return (b, n, from) -> rule.run(b, n);
    }
    long counter = o.in(o.inputs().size() - 1).get(ValueLayout.JAVA_LONG, 0);
    return (b, n, from) -> {
      float[] old = b[b.length - 1];
      System.arraycopy(b[0], 0, old, 0, n);
      rule.run(b, n);
      for (int i = 0; i < n; i++) {
        if (!OracleUpdate.moves(modifiers, counter, from + i)) {
          b[0][i] = old[i];
        }
      }
    };
  }

  private static void rmsProp(float[][] b, int count, Update.RmsProp op, float rate, float clip) {
    float[] w = b[0];
    float[] g = b[1];
    float[] a = b[2];
    float rho = (float) op.rho();
    float rest = 1 - rho;
    float epsilon = (float) op.epsilon();
    for (int i = 0; i < count; i++) {
      float gradient = clip * g[i];
      a[i] = rho * a[i] + rest * gradient * gradient;
      w[i] -= rate * gradient / ((float) Math.sqrt(a[i]) + epsilon);
    }
  }

  private static void adaBelief(
      float[][] b, int count, Update.AdaBelief op, float rate, float clip) {
    float[] w = b[0];
    float[] g = b[1];
    float[] m = b[2];
    float[] v = b[3];
    float b1 = (float) op.beta1();
    float b2 = (float) op.beta2();
    float rest1 = (float) (1 - op.beta1());
    float rest2 = (float) (1 - op.beta2());
    float epsilon = (float) op.epsilon();
    for (int i = 0; i < count; i++) {
      float gradient = clip * g[i];
      float mean = b1 * m[i] + rest1 * gradient;
      float surprise = gradient - mean;
      float variance = b2 * v[i] + rest2 * surprise * surprise;
      m[i] = mean;
      v[i] = variance;
      w[i] -= rate * mean / ((float) Math.sqrt(variance) + epsilon);
    }
  }

  private static float get(MemorySegment scalar) {
    return scalar.get(ValueLayout.JAVA_FLOAT, 0);
  }

  private static void set(MemorySegment scalar, double value) {
    scalar.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
  }
}
