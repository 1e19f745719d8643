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
      case Reduction.ColumnSums op -> columnSums(o, n, o.shape(0).dim(1));
      case Reduction.Statistics op -> statistics(o);
      case Reduction.SumTo op -> null;
      case Reduction.RepeatTo op -> null;
    };
  }

  private static Runnable samples(int n, int size, java.util.function.IntConsumer sample) {
    return () -> Blocks.each(n, (long) n * size <= Blocks.ALONE, sample);
  }

  /** In f32, row after row, as oneDNN adds them: there are only as many as samples. */
  private static Runnable columnSums(Kernels.Operands o, int n, int columns) {
    int blocks = Math.ceilDiv(columns, Blocks.SIZE);
    return () ->
        Blocks.each(
            blocks,
            (long) n * columns <= Blocks.ALONE,
            block -> {
              int from = block * Blocks.SIZE;
              int count = Math.min(Blocks.SIZE, columns - from);
              float[] sums = ARRAYS.get()[0];
              float[] row = ARRAYS.get()[1];
              Blocks.load(o.in(0), from, sums, count);
              for (int s = 1; s < n; s++) {
                Blocks.load(o.in(0), (long) s * columns + from, row, count);
                for (int i = 0; i < count; i++) {
                  sums[i] += row[i];
                }
              }
              Blocks.store(sums, o.out(0), from, count);
            });
  }

  private static final ThreadLocal<float[][]> ARRAYS =
      ThreadLocal.withInitial(() -> new float[2][Blocks.SIZE]);

  /** Sums of blocks, added in their order. */
  private static Runnable statistics(Kernels.Operands o) {
    long size = o.shape(0).elements();
    int blocks = Math.toIntExact((size + Blocks.SIZE - 1) / Blocks.SIZE);
    double[][] parts = new double[blocks][];
    return () -> {
      Blocks.each(
          blocks,
          blocks <= 16,
          b -> {
            long from = (long) b * Blocks.SIZE;
            parts[b] = block(o.in(0), from, (int) Math.min(Blocks.SIZE, size - from));
          });
      double[] all = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, 0};
      for (double[] part : parts) {
        all[0] = Math.min(all[0], part[0]);
        all[1] = Math.max(all[1], part[1]);
        all[2] += part[2];
        all[3] += part[3];
      }
      double mean = all[2] / size;
      set(o.out(0), 0, all[0]);
      set(o.out(0), 1, all[1]);
      set(o.out(0), 2, mean);
      set(o.out(0), 3, deviation(all[3] / size, mean));
    };
  }

  /** The root of the mean square less the squared mean, which rounding can make negative. */
  private static double deviation(double meanSquare, double mean) {
    double variance = meanSquare - mean * mean;
    return Math.sqrt(variance < 0 ? 0 : variance); // a NaN stays one
  }

  /** Least, greatest, sum and sum of squares of a block. */
  private static double[] block(MemorySegment x, long from, int count) {
    float[] a = ARRAYS.get()[0];
    Blocks.load(x, from, a, count);
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      float v = a[i];
      min = v < min ? v : min;
      max = v > max ? v : max;
      sum += v;
      squares += (double) v * v;
    }
    return new double[] {min, max, sum, squares};
  }

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
