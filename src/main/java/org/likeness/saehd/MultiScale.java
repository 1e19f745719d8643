package org.likeness.saehd;

import java.util.List;
import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/** MS-SSIM (Wang, Simoncelli and Bovik 2003) and the L1 term beside it (spec model.md 4.4). */
final class MultiScale {
  private static final double[] FACTORS = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
  private static final double[] SIGMAS = {0.5, 1, 2, 4, 8};
  private static final int TAPS = 11;

  private MultiScale() {}

  /** Returns the number of scales: those on which a window of 11 fits. */
  static int scales(int resolution) {
    int scales = 0;
    while (scales < FACTORS.length && resolution >> scales >= TAPS) {
      scales++;
    }
    return scales;
  }

  /** Returns the factors in use; they are scaled to sum 1 where some are left out. */
  private static double[] factors(int scales) {
    double[] factors = java.util.Arrays.copyOf(FACTORS, scales);
    double sum = java.util.Arrays.stream(factors).sum();
    return sum < 1 ? java.util.Arrays.stream(factors).map(f -> f / sum).toArray() : factors;
  }

  /** Returns the mean over channels of the product over scales (n); a, b (n,R,R,c). */
  static Tensor similarity(Model model, String scope, Tensor a, Tensor b) {
    double[] factors = factors(scales(a.shape().h()));
    Tensor x = a;
    Tensor y = b;
    Tensor product = null;
    for (int s = 0; s < factors.length; s++) {
      List<Tensor> means =
          model.graph().addAll(scope + "scale" + s, Image.Ssim.of(TAPS), List.of(x, y));
      Tensor factor =
          model.add(
              scope + "factor" + s,
              new Pointwise.Power(factors[s]),
              means.get(s == factors.length - 1 ? 0 : 1));
      product =
          product == null
              ? factor
              : model.add(scope + "product" + s, new Binary(Binary.Kind.MUL), product, factor);
      if (s < factors.length - 1) {
        x = model.add(scope + "half_target" + s, new Image.AveragePool2(), x);
        y = model.add(scope + "half_made" + s, new Image.AveragePool2(), y);
      }
    }
    double channels = a.shape().c();
    return model.add(scope + "ms_ssim", new Reduction.SumPerSample(1 / channels), product);
  }

  /**
   * Returns S mean over channels of sum over pixels of G |a - b| (n), G a Gaussian about the middle
   * of the image with sum 1 and S the number of scales, as the original has it.
   */
  static Tensor centredDifference(Model model, String scope, Tensor a, Tensor b) {
    int scales = scales(a.shape().h());
    Tensor difference = model.add(scope + "difference", new Binary(Binary.Kind.SUB), a, b);
    Tensor absolute =
        model.add(scope + "absolute", new Pointwise.Unary(Pointwise.Unary.Kind.ABS), difference);
    Tensor weighted =
        model.add(scope + "centred", new Image.CentreWeight(SIGMAS[scales - 1]), absolute);
    double scale = scales / (double) a.shape().c();
    return model.add(scope + "centred_l1", new Reduction.SumPerSample(scale), weighted);
  }
}
