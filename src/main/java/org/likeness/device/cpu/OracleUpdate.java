package org.likeness.device.cpu;

import org.likeness.graph.Philox;
import org.likeness.graph.Update;

/** Optimiser updates in f64, by definition (spec model.md 5). */
final class OracleUpdate {
  private OracleUpdate() {}

  static double[][] run(Update update, Oracle.Call call) {
    double[][] in = call.in();
    return switch (update) {
      case Update.Increment op -> new double[][] {{in[0][0] + 1}};
      case Update.CosineRate op -> new double[][] {{cosine(op, in[0][0])}};
      case Update.ClipFactor op -> {
        double sum = 0;
        for (double[] g : in) {
          for (double v : g) {
            sum += v * v;
          }
        }
        yield new double[][] {{clipFactor(op, sum)}};
      }
      case Update.LossScale op -> new double[][] {{Update.LossScale.after((long) in[0][0])}};
      case Update.Unscale op -> {
        double sum = 0;
        for (int i = 1; i < in.length; i++) {
          for (double v : in[i]) {
            sum += v * v;
          }
        }
        yield new double[][] {{unscale(op, sum, in[0][0])}};
      }
      case Update.AdjustScale op -> {
        long[] counted = adjusted(op, (long) in[0][0], (long) in[1][0], in[2][0]);
        yield new double[][] {{counted[0]}, {counted[1]}};
      }
      case Update.Rule rule -> ruled(rule, in);
      case Update.DenseUpdate op -> {
        double[][] whole = new double[in.length - 1][];
        whole[0] = in[0];
        whole[1] = OracleLinear.denseGradient(op.scale(), in[1], in[2], call.inputs().get(1).n());
        System.arraycopy(in, 3, whole, 2, in.length - 3);
        yield ruled(op.rule(), whole);
      }
    };
  }

  private static double[][] ruled(Update.Rule rule, double[][] in) {
    return switch (rule) {
      case Update.RmsProp op -> rmsProp(op, in);
      case Update.AdaBelief op -> adaBelief(op, in);
    };
  }

  static double cosine(Update.CosineRate op, double counter) {
    return op.rate() * (Math.cos(counter * 2 * Math.PI / op.period()) + 1) / 2;
  }

  static double clipFactor(Update.ClipFactor op, double sumOfSquares) {
    double norm = Math.sqrt(sumOfSquares);
    return norm < op.limit() ? 1 : op.limit() / norm;
  }

  static double unscale(Update.Unscale op, double sumOfSquares, double scale) {
    double norm = Math.sqrt(sumOfSquares) / scale;
    return Double.isFinite(norm) ? (norm < op.limit() ? 1 : op.limit() / norm) / scale : -1;
  }

  /** Returns the doublings and the good steps after a step with this factor. */
  static long[] adjusted(Update.AdjustScale op, long doublings, long good, double factor) {
    if (factor < 0) {
      return new long[] {doublings - 1, 0};
    }
    return good + 1 < op.patience()
        ? new long[] {doublings, good + 1}
        : new long[] {doublings + 1, 0};
  }

  /** Tells whether lr_dropout lets an element move in the step that a counter counts. */
  static boolean moves(Update.Modifiers modifiers, long counter, long element) {
    long stream = (counter << 20) + modifiers.stream();
    return modifiers.keep() >= 1
        || Philox.uniform(modifiers.seed(), stream, element) < modifiers.keep();
  }

  private static double[][] rmsProp(Update.RmsProp op, double[][] in) {
    double[] w = in[0].clone();
    double[] a = in[2].clone();
    double clip = op.modifiers().clipped() ? in[4][0] : 1;
    if (clip < 0) {
      return new double[][] {w, a};
    }
    long counter = op.modifiers().keep() < 1 ? (long) in[in.length - 1][0] : 0;
    for (int i = 0; i < w.length; i++) {
      double g = clip * in[1][i];
      a[i] = op.rho() * a[i] + (1 - op.rho()) * g * g;
      if (moves(op.modifiers(), counter, i)) {
        w[i] -= in[3][0] * g / (Math.sqrt(a[i]) + op.epsilon());
      }
    }
    return new double[][] {w, a};
  }

  private static double[][] adaBelief(Update.AdaBelief op, double[][] in) {
    double[] w = in[0].clone();
    double[] m = in[2].clone();
    double[] v = in[3].clone();
    double clip = op.modifiers().clipped() ? in[5][0] : 1;
    if (clip < 0) {
      return new double[][] {w, m, v};
    }
    long counter = op.modifiers().keep() < 1 ? (long) in[in.length - 1][0] : 0;
    for (int i = 0; i < w.length; i++) {
      double g = clip * in[1][i];
      m[i] = op.beta1() * m[i] + (1 - op.beta1()) * g;
      v[i] = op.beta2() * v[i] + (1 - op.beta2()) * (g - m[i]) * (g - m[i]);
      if (moves(op.modifiers(), counter, i)) {
        w[i] -= in[4][0] * m[i] / (Math.sqrt(v[i]) + op.epsilon());
      }
    }
    return new double[][] {w, m, v};
  }
}
