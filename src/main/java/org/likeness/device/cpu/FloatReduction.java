package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.likeness.graph.Reduction;

/** Per-sample sums in f32 with f64 accumulation over fixed blocks: the same on any core count. */
final class FloatReduction {
  private FloatReduction() {}

  static Runnable lower(Reduction reduction, Kernels.Operands o) {
    int n = o.node().inputs().getFirst().shape().n();
    return switch (reduction) {
      case Reduction.SumPerSample op -> {
        int size = Math.toIntExact(o.shape(0).elements() / n);
        yield samples(
            n, size, s -> set(o.out(0), s, op.scale() * sum(o.in(0), (long) s * size, size)));
      }
      case Reduction.SpreadPerSample op -> {
        int size = Math.toIntExact(o.outputShape(0).elements() / n);
        yield samples(
            n, size, s -> fill(o.out(0), (long) s * size, size, op.scale() * get(o.in(0), s)));
      }
      case Reduction.PixelNorm op -> {
        int size = Math.toIntExact(o.shape(0).elements() / n);
        yield samples(
            n,
            size,
            s -> {
              long from = (long) s * size;
              double r = 1 / Math.sqrt(dot(o.in(0), o.in(0), from, size) / size + op.epsilon());
              combine(o.in(0), (float) r, o.in(0), 0, o.out(0), from, size);
            });
      }
      case Reduction.PixelNormGrad op -> {
        int size = Math.toIntExact(o.shape(0).elements() / n);
        yield samples(
            n,
            size,
            s -> {
              long from = (long) s * size;
              double r = 1 / Math.sqrt(dot(o.in(0), o.in(0), from, size) / size + op.epsilon());
              double dot = dot(o.in(0), o.in(1), from, size);
              float along = (float) (-r * r * r * dot / size);
              combine(o.in(1), (float) r, o.in(0), along, o.out(0), from, size);
            });
      }
      case Reduction.SumTo op -> null;
      case Reduction.RepeatTo op -> null;
    };
  }

  private static Runnable samples(int n, int size, java.util.function.IntConsumer sample) {
    return () -> Blocks.each(n, (long) n * size <= 16 * Blocks.SIZE, sample);
  }

  private static final ThreadLocal<float[][]> ARRAYS =
      ThreadLocal.withInitial(() -> new float[2][Blocks.SIZE]);

  private static double sum(MemorySegment x, long from, int size) {
    float[] a = ARRAYS.get()[0];
    double sum = 0;
    for (int at = 0; at < size; at += a.length) {
      int count = Math.min(a.length, size - at);
      Blocks.load(x, from + at, a, count);
      double part = 0;
      for (int i = 0; i < count; i++) {
        part += a[i];
      }
      sum += part;
    }
    return sum;
  }

  private static double dot(MemorySegment x, MemorySegment y, long from, int size) {
    float[] a = ARRAYS.get()[0];
    float[] b = ARRAYS.get()[1];
    double sum = 0;
    for (int at = 0; at < size; at += a.length) {
      int count = Math.min(a.length, size - at);
      Blocks.load(x, from + at, a, count);
      Blocks.load(y, from + at, b, count);
      double part = 0;
      for (int i = 0; i < count; i++) {
        part += (double) a[i] * b[i];
      }
      sum += part;
    }
    return sum;
  }

  /** to = p x + q y over one sample. */
  private static void combine(
      MemorySegment x, float p, MemorySegment y, float q, MemorySegment to, long from, int size) {
    float[] a = ARRAYS.get()[0];
    float[] b = ARRAYS.get()[1];
    for (int at = 0; at < size; at += a.length) {
      int count = Math.min(a.length, size - at);
      Blocks.load(x, from + at, a, count);
      Blocks.load(y, from + at, b, count);
      for (int i = 0; i < count; i++) {
        a[i] = p * a[i] + q * b[i];
      }
      Blocks.store(a, to, from + at, count);
    }
  }

  private static void fill(MemorySegment y, long from, int size, double value) {
    float[] a = ARRAYS.get()[0];
    Arrays.fill(a, (float) value);
    for (int at = 0; at < size; at += a.length) {
      Blocks.store(a, y, from + at, Math.min(a.length, size - at));
    }
  }

  private static double get(MemorySegment x, int i) {
    return x.getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  private static void set(MemorySegment y, int i, double value) {
    y.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
  }
}
