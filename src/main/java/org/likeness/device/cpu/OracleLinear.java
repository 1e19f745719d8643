package org.likeness.device.cpu;

import org.likeness.graph.Linear;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/** Convolutions and matrix products in f64, by definition. */
final class OracleLinear {
  private OracleLinear() {}

  static double[][] run(Linear linear, Oracle.Call call) {
    double[][] in = call.in();
    return switch (linear) {
      case Linear.Conv2d op -> new double[][] {conv2d(op, call)};
      case Linear.Conv2dDgrad op -> {
        Taps taps = new Taps(op.window(), op.input(), call.inputs().get(1), call.inputs().get(0));
        double[] dx = call.make(0);
        taps.visit((y, x, w) -> taps.dgrad(in[0], y, dx, x, in[1], w));
        yield new double[][] {Oracle.scaled(dx, op.scale())};
      }
      case Linear.Conv2dWgrad op -> {
        Taps taps = new Taps(op.window(), call.inputs().get(0), op.weight(), call.inputs().get(1));
        double[] dw = call.make(0);
        taps.visit((y, x, w) -> taps.wgrad(in[1], y, in[0], x, dw, w));
        double[] scaled = Oracle.scaled(dw, op.scale());
        yield op.bias()
            ? new double[][] {scaled, columnSums(in[1], op.weight().n())}
            : new double[][] {scaled};
      }
      case Linear.Dense op -> new double[][] {dense(op, call)};
      case Linear.DenseDgrad op -> {
        int out = call.inputs().get(1).dim(1);
        int features = call.inputs().get(1).dim(0);
        double[] dx = call.make(0);
        for (int i = 0; i < dx.length; i++) {
          double sum = 0;
          for (int o = 0; o < out; o++) {
            sum += in[0][i / features * out + o] * in[1][i % features * out + o];
          }
          dx[i] = op.scale() * sum;
        }
        yield new double[][] {dx};
      }
      case Linear.DenseWgrad op -> {
        double[] dw = denseGradient(op.scale(), in[0], in[1], call.inputs().get(0).n());
        int out = call.inputs().get(1).dim(1);
        yield op.bias() ? new double[][] {dw, columnSums(in[1], out)} : new double[][] {dw};
      }
    };
  }

  private static double[] conv2d(Linear.Conv2d op, Oracle.Call call) {
    double[][] in = call.in();
    Taps taps =
        new Taps(
            op.window(), call.inputs().get(0), call.inputs().get(1), call.outputs().getFirst());
    double[] y = call.make(0);
    taps.visit((at, x, w) -> taps.forward(y, at, in[0], x, in[1], w));
    int channels = call.outputs().getFirst().c();
    for (int i = 0; i < y.length; i++) {
      double v = op.scale() * y[i] + (op.bias() ? in[2][i % channels] : 0);
      v += op.epilogue().residual() ? in[in.length - 1][i] : 0;
      y[i] = OraclePointwise.activate(op.epilogue().activation(), v);
    }
    return y;
  }

  private static double[] dense(Linear.Dense op, Oracle.Call call) {
    double[][] in = call.in();
    int out = call.inputs().get(1).dim(1);
    int features = call.inputs().get(1).dim(0);
    double[] y = call.make(0);
    for (int n = 0; n < call.inputs().get(0).n(); n++) {
      for (int i = 0; i < features; i++) {
        for (int o = 0; o < out; o++) {
          y[n * out + o] += op.scale() * in[0][n * features + i] * in[1][i * out + o];
        }
      }
      for (int o = 0; o < out && op.bias(); o++) {
        y[n * out + o] += in[2][o];
      }
    }
    return y;
  }

  /** scale x^T dy (in,out) of x (n,in) and dy (n,out). */
  static double[] denseGradient(double scale, double[] x, double[] dy, int n) {
    int features = x.length / n;
    int out = dy.length / n;
    double[] dw = new double[features * out];
    for (int s = 0; s < n; s++) {
      for (int i = 0; i < dw.length; i++) {
        dw[i] += scale * x[s * features + i / out] * dy[s * out + i % out];
      }
    }
    return dw;
  }

  static double[] columnSums(double[] rows, int columns) {
    double[] sums = new double[columns];
    for (int i = 0; i < rows.length; i++) {
      sums[i % columns] += rows[i];
    }
    return sums;
  }

  /** Visits every pair of output pixel and input pixel that one weight tap joins. */
  private record Taps(Window window, Shape input, Shape weight, Shape output) {
    /**
     * Receives offsets of an output pixel, an input pixel and the tap within one output channel.
     */
    interface Visitor {
      void visit(int y, int x, int w);
    }

    void visit(Visitor visitor) {
      for (int n = 0; n < output.n(); n++) {
        for (int p = 0; p < output.h() * output.w(); p++) {
          for (int t = 0; t < weight.h() * weight.w(); t++) {
            int h = at(p / output.w(), t / weight.w());
            int w = at(p % output.w(), t % weight.w());
            if (h >= 0 && h < input.h() && w >= 0 && w < input.w()) {
              int y = (n * output.h() * output.w() + p) * output.c();
              int x = ((n * input.h() + h) * input.w() + w) * input.c();
              visitor.visit(y, x, t * weight.c());
            }
          }
        }
      }
    }

    private int at(int output, int tap) {
      return output * window.stride() + tap * window.dilation() - window.before();
    }

    private int tapSize() {
      return weight.h() * weight.w() * weight.c();
    }

    void forward(double[] ys, int y, double[] xs, int x, double[] ws, int w) {
      for (int o = 0; o < output.c(); o++) {
        double sum = 0;
        for (int i = 0; i < input.c(); i++) {
          sum += xs[x + i] * ws[o * tapSize() + w + i];
        }
        ys[y + o] += sum;
      }
    }

    void dgrad(double[] dys, int y, double[] dxs, int x, double[] ws, int w) {
      for (int o = 0; o < output.c(); o++) {
        for (int i = 0; i < input.c(); i++) {
          dxs[x + i] += dys[y + o] * ws[o * tapSize() + w + i];
        }
      }
    }

    void wgrad(double[] dys, int y, double[] xs, int x, double[] dws, int w) {
      for (int o = 0; o < output.c(); o++) {
        for (int i = 0; i < input.c(); i++) {
          dws[o * tapSize() + w + i] += dys[y + o] * xs[x + i];
        }
      }
    }
  }
}
