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
