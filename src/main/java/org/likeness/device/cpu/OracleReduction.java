package org.likeness.device.cpu;

import org.likeness.graph.Reduction;

/** Sums and repetitions in f64, by definition. */
final class OracleReduction {
  private OracleReduction() {}

  static double[] run(Reduction reduction, Oracle.Call call) {
    double[] x = call.in()[0];
    double[] y = call.make(0);
    int n = call.inputs().getFirst().n();
    switch (reduction) {
      case Reduction.SumPerSample op -> {
        for (int i = 0; i < x.length; i++) {
          y[i / (x.length / n)] += op.scale() * x[i];
        }
      }
      case Reduction.SpreadPerSample op -> {
        for (int i = 0; i < y.length; i++) {
          y[i] = op.scale() * x[i / (y.length / n)];
        }
      }
      case Reduction.SumTo op -> {
        int[] index = Oracle.repeatIndex(op.shape(), call.inputs().getFirst());
        for (int i = 0; i < x.length; i++) {
          y[index[i]] += x[i];
        }
      }
      case Reduction.RepeatTo op -> {
        int[] index = Oracle.repeatIndex(call.inputs().getFirst(), op.shape());
        for (int i = 0; i < y.length; i++) {
          y[i] = x[index[i]];
        }
      }
      case Reduction.ColumnSums op -> {
        return OracleLinear.columnSums(x, y.length);
      }
      case Reduction.PixelNorm op -> {
        int size = x.length / n;
        for (int s = 0; s < n; s++) {
          double r = inverseRms(x, s * size, size, op.epsilon());
          for (int i = s * size; i < (s + 1) * size; i++) {
            y[i] = x[i] * r;
          }
        }
      }
      case Reduction.PixelNormGrad op -> pixelNormGrad(op, call, y);
      case Reduction.Statistics op -> statistics(x, y);
    }
    return y;
  }

  /** With r = 1 / sqrt(mean x^2 + e): dx = r dy - r^3 x mean(x dy). */
  private static void pixelNormGrad(Reduction.PixelNormGrad op, Oracle.Call call, double[] dx) {
    double[] x = call.in()[0];
    double[] dy = call.in()[1];
    int n = call.inputs().getFirst().n();
    int size = x.length / n;
    for (int s = 0; s < n; s++) {
      double r = inverseRms(x, s * size, size, op.epsilon());
      double dot = 0;
      for (int i = s * size; i < (s + 1) * size; i++) {
        dot += x[i] * dy[i];
      }
      for (int i = s * size; i < (s + 1) * size; i++) {
        dx[i] = r * dy[i] - r * r * r * x[i] * dot / size;
      }
    }
  }

  private static void statistics(double[] x, double[] y) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (double v : x) {
      min = v < min ? v : min;
      max = v > max ? v : max;
      sum += v;
    }
    double mean = sum / x.length;
    double squares = 0;
    for (double v : x) {
      squares += (v - mean) * (v - mean);
    }
    y[0] = min;
    y[1] = max;
    y[2] = mean;
    y[3] = Math.sqrt(squares / x.length);
  }

  private static double inverseRms(double[] x, int from, int size, double epsilon) {
    double sum = 0;
    for (int i = from; i < from + size; i++) {
      sum += x[i] * x[i];
    }
    return 1 / Math.sqrt(sum / size + epsilon);
  }
}
