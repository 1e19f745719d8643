package org.likeness.device.cpu;

import java.util.Arrays;
import org.likeness.graph.Activation;
import org.likeness.graph.Pointwise;

/** Elementwise operations in f64, by definition. */
final class OraclePointwise {
  private OraclePointwise() {}

  /** A function of up to three operands of the same element. */
  private interface Element {
    double of(double a, double b, double c);
  }

  static double[] run(Pointwise pointwise, Oracle.Call call) {
    return switch (pointwise) {
      case Pointwise.Activate op -> each(call, (x, b, c) -> activate(op.activation(), x));
      case Pointwise.ActivateGrad op ->
          each(call, (saved, dy, c) -> dy * slope(op.activation(), saved));
      case Pointwise.Binary op -> binary(op.kind(), call);
      case Pointwise.Affine op -> each(call, (x, b, c) -> op.scale() * x + op.shift());
      case Pointwise.Unary op -> each(call, (x, b, c) -> unary(op.kind(), x));
      case Pointwise.Clip op -> each(call, (x, b, c) -> Math.clamp(x, op.low(), op.high()));
      case Pointwise.ClipGrad op ->
          each(call, (x, dy, c) -> x >= op.low() && x <= op.high() ? dy : 0);
      case Pointwise.Power op -> each(call, (x, b, c) -> x > 0 ? Math.pow(x, op.exponent()) : 0);
      case Pointwise.PowerGrad op ->
          each(call, (x, dy, c) -> x > 0 ? dy * op.exponent() * Math.pow(x, op.exponent() - 1) : 0);
      case Pointwise.Bce op ->
          each(call, (z, y, c) -> Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z))));
      case Pointwise.BceGrad op -> each(call, (z, y, dl) -> dl * (sigmoid(z) - y));
      case Pointwise.Constant op -> {
        double[] y = call.make(0);
        Arrays.fill(y, op.value());
        yield y;
      }
      case Pointwise.Cast op -> each(call, (x, b, c) -> x);
      case Pointwise.StopGradient op -> each(call, (x, b, c) -> x);
    };
  }

  static double activate(Activation activation, double x) {
    return switch (activation.kind()) {
      case IDENTITY -> x;
      case LEAKY_RELU -> x > 0 ? x : activation.slope() * x;
      case X_COS_X -> x * Math.cos(x);
      case SIGMOID -> sigmoid(x);
    };
  }

  /** The derivative, from the output or the input as {@link Activation#gradientFromOutput} says. */
  static double slope(Activation activation, double saved) {
    return switch (activation.kind()) {
      case IDENTITY -> 1;
      case LEAKY_RELU -> saved > 0 ? 1 : activation.slope();
      case X_COS_X -> Math.cos(saved) - saved * Math.sin(saved);
      case SIGMOID -> saved * (1 - saved);
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double unary(Pointwise.Unary.Kind kind, double x) {
    return switch (kind) {
      case SQUARE -> x * x;
      case SQRT -> Math.sqrt(x);
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case ZERO_TO_ONE -> x == 0 ? 1 : x;
    };
  }

  private static double[] binary(Pointwise.Binary.Kind kind, Oracle.Call call) {
    int[] second = Oracle.repeatIndex(call.inputs().get(1), call.inputs().get(0));
    double[] y = call.make(0);
    for (int i = 0; i < y.length; i++) {
      double a = call.in()[0][i];
      double b = call.in()[1][second[i]];
      y[i] =
          switch (kind) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
          };
    }
    return y;
  }

  private static double[] each(Oracle.Call call, Element element) {
    double[][] in = call.in();
    double[] y = call.make(0);
    for (int i = 0; i < y.length; i++) {
      y[i] = element.of(in[0][i], in.length > 1 ? in[1][i] : 0, in.length > 2 ? in[2][i] : 0);
    }
    return y;
  }
}
