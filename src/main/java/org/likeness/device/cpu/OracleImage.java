package org.likeness.device.cpu;

import org.likeness.graph.Image;
import org.likeness.graph.Shape;

/** Filters and similarity in f64, by definition: two-dimensional sums, nothing separated. */
final class OracleImage {
  private OracleImage() {}

  static double[][] run(Image image, Oracle.Call call) {
    return switch (image) {
      case Image.GaussianBlur op -> new double[][] {blur(op, call)};
      case Image.CentreWeight op -> {
        Shape s = call.inputs().getFirst();
        double[] rows = op.kernel(s.h());
        double[] columns = op.kernel(s.w());
        double[] y = call.make(0);
        for (int i = 0; i < y.length; i++) {
          double weight = rows[i / s.c() / s.w() % s.h()] * columns[i / s.c() % s.w()];
          y[i] = weight * call.in()[0][i];
        }
        yield new double[][] {y};
      }
      case Image.Ssim op -> ssim(op, call);
      case Image.SsimGrad op -> new double[][] {ssimGrad(op.of(), call)};
      case Image.AveragePool2 op -> {
        double[] y = call.make(0);
        pairs(call.inputs().getFirst(), (large, small) -> y[small] += call.in()[0][large] / 4);
        yield new double[][] {y};
      }
      case Image.AveragePool2Grad op -> {
        double[] y = call.make(0);
        pairs(call.outputs().getFirst(), (large, small) -> y[large] = call.in()[0][small] / 4);
        yield new double[][] {y};
      }
    };
  }

  private interface Pair {
    void visit(int large, int small);
  }

  private static void pairs(Shape s, Pair pair) {
    for (int i = 0; i < s.elements(); i++) {
      int c = i % s.c();
      int w = i / s.c() % s.w();
      int row = i / s.c() / s.w();
      pair.visit(i, (row / 2 * (s.w() / 2) + w / 2) * s.c() + c);
    }
  }

  private static double[] blur(Image.GaussianBlur op, Oracle.Call call) {
    Shape s = call.inputs().getFirst();
    double[] k = op.kernel();
    int half = op.taps() / 2;
    double[] x = call.in()[0];
    double[] y = call.make(0);
    for (int i = 0; i < y.length; i++) {
      int w = i / s.c() % s.w();
      int h = i / s.c() / s.w() % s.h();
      for (int a = Math.max(-half, -h); a <= half && h + a < s.h(); a++) {
        for (int b = Math.max(-half, -w); b <= half && w + b < s.w(); b++) {
          y[i] += k[a + half] * k[b + half] * x[i + (a * s.w() + b) * s.c()];
        }
      }
    }
    return y;
  }

  /** The filtered moments of one window: means, mean product, mean sum of squares. */
  private record Moments(double x, double y, double xy, double squares) {
    double l(Image.Ssim op) {
      return (2 * x * y + op.c1()) / (x * x + y * y + op.c1());
    }

    double cs(Image.Ssim op) {
      return (2 * xy - 2 * x * y + op.c2()) / (squares - x * x - y * y + op.c2());
    }
  }

  /** Receives the offset of a window's first element, its (n, c) index and its moments. */
  private interface Window {
    void visit(int first, int mean, Moments moments);
  }

  private static void windows(Image.Ssim op, Oracle.Call call, Window window) {
    Shape s = call.inputs().getFirst();
    double[] k = op.kernel();
    double[] xs = call.in()[0];
    double[] ys = call.in()[1];
    for (int i = 0; i < s.elements(); i++) {
      int w = i / s.c() % s.w();
      int h = i / s.c() / s.w() % s.h();
      if (h + op.taps() > s.h() || w + op.taps() > s.w()) {
        continue;
      }
      double x = 0;
      double y = 0;
      double xy = 0;
      double squares = 0;
      for (int t = 0; t < op.taps() * op.taps(); t++) {
        double g = k[t / op.taps()] * k[t % op.taps()];
        int at = i + (t / op.taps() * s.w() + t % op.taps()) * s.c();
        x += g * xs[at];
        y += g * ys[at];
        xy += g * xs[at] * ys[at];
        squares += g * (xs[at] * xs[at] + ys[at] * ys[at]);
      }
      int mean = i / (s.h() * s.w() * s.c()) * s.c() + i % s.c();
      window.visit(i, mean, new Moments(x, y, xy, squares));
    }
  }

  private static double[][] ssim(Image.Ssim op, Oracle.Call call) {
    Shape s = call.inputs().getFirst();
    double area = (s.h() - op.taps() + 1.0) * (s.w() - op.taps() + 1.0);
    double[] lcs = call.make(0);
    double[] cs = call.make(1);
    windows(
        op,
        call,
        (first, mean, m) -> {
          lcs[mean] += m.l(op) * m.cs(op) / area;
          cs[mean] += m.cs(op) / area;
        });
    return new double[][] {lcs, cs};
  }

  private static double[] ssimGrad(Image.Ssim op, Oracle.Call call) {
    Shape s = call.inputs().getFirst();
    double area = (s.h() - op.taps() + 1.0) * (s.w() - op.taps() + 1.0);
    double[] k = op.kernel();
    double[] xs = call.in()[0];
    double[] ys = call.in()[1];
    double[] dy = call.make(0);
    windows(
        op,
        call,
        (first, mean, m) -> {
          double l = m.l(op);
          double cs = m.cs(op);
          double dl = call.in()[2][mean] * cs / area;
          double dcs = (call.in()[2][mean] * l + call.in()[3][mean]) / area;
          double lower = m.x() * m.x() + m.y() * m.y() + op.c1();
          double csLower = m.squares() - m.x() * m.x() - m.y() * m.y() + op.c2();
          double dmuY =
              dl * (2 * m.x() - 2 * m.y() * l) / lower
                  + dcs * (-2 * m.x() + 2 * m.y() * cs) / csLower;
          double dxy = dcs * 2 / csLower;
          double dsquares = -dcs * cs / csLower;
          for (int t = 0; t < op.taps() * op.taps(); t++) {
            double g = k[t / op.taps()] * k[t % op.taps()];
            int at = first + (t / op.taps() * s.w() + t % op.taps()) * s.c();
            dy[at] += g * (dmuY + dxy * xs[at] + dsquares * 2 * ys[at]);
          }
        });
    return dy;
  }
}
