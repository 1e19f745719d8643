package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.likeness.graph.Image;
import org.likeness.graph.Shape;

/**
 * SSIM of one sample after another, and its gradient, streaming over rows of w c floats. The filter
 * is cut to the taps within 9 of its centre: the rest of its weight is 1e-9 (spec performance.md,
 * fact 4), far below f32 rounding, while the windows stay those of the full filter. Sums are f64:
 * in flat windows E[x^2] - E[x]^2 cancels to 1e-4 beside stabilisers of 9e-4. With f32 sums the
 * golden curve of 200 steps strayed by 7.4e-3 in its means of 8 steps, with these by 4.7e-3.
 */
final class FloatSsim {
  private static final int REACH = 9;
  private static final int MAPS = 4;

  private final Image.Ssim op;
  private final Kernels.Operands operands;
  private final Shape s;
  private final double[] kernel;

  /** First tap that is kept. */
  private final int skip;

  private final int windows;
  private final int row;
  private final int count;

  /** Horizontally filtered rows of x, y, x y, x^2 + y^2, one slot for each kept tap. */
  private final double[][][] ring;

  private final float[] image;
  private final double[] x;
  private final double[] y;
  private final double[] product;
  private final double[] squares;
  private final double[][] moments;

  /** Vertically scattered coefficients of the rows that are not complete yet. */
  private final double[][][] pending;

  private final double[][] spread;
  private final double[] lcs;
  private final double[] cs;

  FloatSsim(Image.Ssim op, Kernels.Operands operands) {
    this.op = op;
    this.operands = operands;
    s = operands.shape(0);
    double[] full = op.kernel();
    double centre = (op.taps() - 1) / 2.0;
    skip = Math.max(0, (int) Math.ceil(centre - REACH - 0.5));
    kernel = Arrays.copyOfRange(full, skip, full.length - skip);
    windows = s.h() - op.taps() + 1;
    row = s.w() * s.c();
    count = (s.w() - op.taps() + 1) * s.c();
    ring = new double[kernel.length][MAPS][count];
    image = new float[row];
    x = new double[row];
    y = new double[row];
    product = new double[row];
    squares = new double[row];
    moments = new double[MAPS][count];
    boolean gradient = operands.inputs().size() == 4;
    pending = new double[gradient ? kernel.length : 0][3][count];
    spread = new double[gradient ? 3 : 0][row];
    lcs = new double[s.c()];
    cs = new double[s.c()];
  }

  /** Writes the means of sample n. */
  void forward(int n) {
    Arrays.fill(lcs, 0);
    Arrays.fill(cs, 0);
    for (int window = 0; window < windows; window++) {
      filter(n, window);
      for (int i = 0, c = 0; i < count; i++, c = c + 1 == s.c() ? 0 : c + 1) {
        double contrast = contrast(i);
        cs[c] += contrast;
        lcs[c] += luminance(i) * contrast;
      }
    }
    double area = (double) windows * count / s.c();
    for (int c = 0; c < s.c(); c++) {
      set(operands.out(0), (long) n * s.c() + c, lcs[c] / area);
      set(operands.out(1), (long) n * s.c() + c, cs[c] / area);
    }
  }

  private double luminance(int i) {
    double mx = moments[0][i];
    double my = moments[1][i];
    return (2 * mx * my + op.c1()) / (mx * mx + my * my + op.c1());
  }

  private double contrast(int i) {
    double mx = moments[0][i];
    double my = moments[1][i];
    return (2 * moments[2][i] - 2 * mx * my + op.c2())
        / (moments[3][i] - mx * mx - my * my + op.c2());
  }

  /** Makes the moments of one row of windows. */
  private void filter(int n, int window) {
    int from = window == 0 ? 0 : kernel.length - 1;
    for (int t = from; t < kernel.length; t++) {
      filterRow(n, window + skip + t, ring[(window + t) % kernel.length]);
    }
    for (double[] map : moments) {
      Arrays.fill(map, 0);
    }
    for (int t = 0; t < kernel.length; t++) {
      double[][] slot = ring[(window + t) % kernel.length];
      for (int map = 0; map < MAPS; map++) {
        add(kernel[t], slot[map], moments[map], count);
      }
    }
  }

  private void filterRow(int n, int h, double[][] slot) {
    loadRow(n, h);
    for (int i = 0; i < row; i++) {
      product[i] = x[i] * y[i];
      squares[i] = x[i] * x[i] + y[i] * y[i];
    }
    horizontally(x, slot[0]);
    horizontally(y, slot[1]);
    horizontally(product, slot[2]);
    horizontally(squares, slot[3]);
  }

  private void horizontally(double[] from, double[] to) {
    int shift = skip * s.c();
    Arrays.fill(to, 0);
    for (int t = 0; t < kernel.length; t++) {
      shifted(kernel[t], from, shift + t * s.c(), to, count);
    }
  }

  private static void shifted(double k, double[] from, int shift, double[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] += k * from[i + shift];
    }
  }

  private void loadRow(int n, int h) {
    long from = ((long) n * s.h() + h) * row;
    Blocks.load(operands.in(0), from, image, row);
    widen(image, x);
    Blocks.load(operands.in(1), from, image, row);
    widen(image, y);
  }

  private static void widen(float[] from, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = from[i];
    }
  }

  private static void add(double k, double[] from, double[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] += k * from[i];
    }
  }

  /** Writes the gradient to the second image of sample n. */
  void gradient(int n) {
    for (double[][] slot : pending) {
      for (double[] map : slot) {
        Arrays.fill(map, 0);
      }
    }
    for (int h = 0; h < s.h(); h++) {
      int window = h - skip;
      boolean valid = window >= 0 && window < windows;
      if (valid) {
        filter(n, window);
        coefficients(n);
        for (int t = 0; t < kernel.length; t++) {
          double[][] slot = pending[(window + t) % kernel.length];
          for (int map = 0; map < 3; map++) {
            add(kernel[t], moments[map], slot[map], count);
          }
        }
      }
      complete(n, h);
    }
  }

  /** Turns a row of moments into the coefficients of 1, x and 2 y in the gradient. */
  private void coefficients(int n) {
    double area = (double) windows * count / s.c();
    for (int i = 0, c = 0; i < count; i++, c = c + 1 == s.c() ? 0 : c + 1) {
      double dlcs = get(operands.in(2), (long) n * s.c() + c) / area;
      double dcs = get(operands.in(3), (long) n * s.c() + c) / area;
      double mx = moments[0][i];
      double my = moments[1][i];
      double lower = mx * mx + my * my + op.c1();
      double csLower = moments[3][i] - mx * mx - my * my + op.c2();
      double l = (2 * mx * my + op.c1()) / lower;
      double contrast = (2 * moments[2][i] - 2 * mx * my + op.c2()) / csLower;
      double dl = dlcs * contrast;
      double dc = (dlcs * l + dcs) / csLower;
      moments[0][i] = (dl * 2 * (mx - my * l) / lower + dc * 2 * (my * contrast - mx));
      moments[1][i] = (2 * dc);
      moments[2][i] = (-2 * dc * contrast);
    }
  }

  /** Writes row h, to which no later window contributes. */
  private void complete(int n, int h) {
    loadRow(n, h);
    for (double[] map : spread) {
      Arrays.fill(map, 0);
    }
    int window = h - skip;
    if (window >= 0 && window < windows + kernel.length - 1) {
      double[][] slot = pending[window % kernel.length];
      for (int map = 0; map < 3; map++) {
        for (int t = 0; t < kernel.length; t++) {
          scattered(kernel[t], slot[map], (skip + t) * s.c(), spread[map], count);
        }
        Arrays.fill(slot[map], 0);
      }
    }
    for (int i = 0; i < row; i++) {
      image[i] = (float) (spread[0][i] + x[i] * spread[1][i] + y[i] * spread[2][i]);
    }
    Blocks.store(image, operands.out(0), ((long) n * s.h() + h) * row, row);
  }

  private static void scattered(double k, double[] from, int shift, double[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i + shift] += k * from[i];
    }
  }

  private static double get(MemorySegment memory, long i) {
    return memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  private static void set(MemorySegment memory, long i, double value) {
    memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
  }
}
