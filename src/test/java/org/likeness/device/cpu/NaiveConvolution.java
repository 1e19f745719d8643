package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import org.likeness.device.cpu.OnednnEpilogue.Activation;

/** Convolutions by definition, in doubles: y (n,ho,wo,co), x (n,h,w,ci), w (co,kh,kw,ci). */
final class NaiveConvolution {
  private NaiveConvolution() {}

  /** Receives indices into y, x and w of one product. */
  private interface Visitor {
    void visit(int y, int x, int w);
  }

  private static void each(OnednnConvolutionSpec s, Visitor visitor) {
    for (int y = 0; y < s.n() * s.ho() * s.wo(); y++) {
      int n = y / (s.ho() * s.wo());
      for (int k = 0; k < s.kh() * s.kw(); k++) {
        int h = y / s.wo() % s.ho() * s.stride() - s.padding().top() + k / s.kw() * s.dilation();
        int w = y % s.wo() * s.stride() - s.padding().left() + k % s.kw() * s.dilation();
        if (h >= 0 && h < s.h() && w >= 0 && w < s.w()) {
          int x = (n * s.h() + h) * s.w() + w;
          for (int o = 0; o < s.co(); o++) {
            for (int i = 0; i < s.ci(); i++) {
              visitor.visit(y * s.co() + o, x * s.ci() + i, (o * s.kh() * s.kw() + k) * s.ci() + i);
            }
          }
        }
      }
    }
  }

  static double[] forward(
      OnednnConvolutionSpec s,
      MemorySegment x,
      MemorySegment w,
      MemorySegment b,
      MemorySegment r,
      OnednnEpilogue e) {
    double[] y = new double[s.n() * s.ho() * s.wo() * s.co()];
    float[] fx = OnednnFixture.floats(x);
    float[] fw = OnednnFixture.floats(w);
    each(s, (iy, ix, iw) -> y[iy] += (double) fx[ix] * fw[iw]);
    finish(y, OnednnFixture.floats(b), OnednnFixture.floats(r), e);
    return y;
  }

  /** Applies an epilogue to rows of outputs. */
  static void finish(double[] y, float[] b, float[] r, OnednnEpilogue e) {
    for (int i = 0; i < y.length; i++) {
      double v = e.scale() * y[i];
      v += e.bias() ? b[i % b.length] : 0;
      v += e.residual() ? r[i] : 0;
      y[i] =
          switch (e.activation()) {
            case Activation.Identity() -> v;
            case Activation.LeakyRelu(double slope) -> v > 0 ? v : slope * v;
          };
    }
  }

  static double[] backwardData(
      OnednnConvolutionSpec s, MemorySegment dy, MemorySegment w, double scale) {
    double[] dx = new double[s.n() * s.h() * s.w() * s.ci()];
    float[] fy = OnednnFixture.floats(dy);
    float[] fw = OnednnFixture.floats(w);
    each(s, (iy, ix, iw) -> dx[ix] += scale * fy[iy] * fw[iw]);
    return dx;
  }

  static double[] backwardWeights(
      OnednnConvolutionSpec s, MemorySegment x, MemorySegment dy, double scale) {
    double[] dw = new double[s.co() * s.kh() * s.kw() * s.ci()];
    float[] fx = OnednnFixture.floats(x);
    float[] fy = OnednnFixture.floats(dy);
    each(s, (iy, ix, iw) -> dw[iw] += scale * fy[iy] * fx[ix]);
    return dw;
  }

  static double[] backwardBias(OnednnConvolutionSpec s, MemorySegment dy) {
    return columnSums(OnednnFixture.floats(dy), s.co());
  }

  static double[] columnSums(float[] rows, int columns) {
    double[] sums = new double[columns];
    for (int i = 0; i < rows.length; i++) {
      sums[i % columns] += rows[i];
    }
    return sums;
  }
}
