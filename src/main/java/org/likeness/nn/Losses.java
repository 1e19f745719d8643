package org.likeness.nn;

import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Tensor;

/**
 * Per-sample losses: every one returns a vector (n), whose sum over the batch is differentiated.
 */
public final class Losses {
  private final Model model;
  private final String scope;

  /** Starts building into a model under names that begin with the scope. */
  public Losses(Model model, String scope) {
    this.model = model;
    this.scope = scope;
  }

  /** Returns mean over everything but the batch of (a - b)^2; a, b (n,h,w,c). */
  public Tensor meanSquaredError(String name, Tensor a, Tensor b) {
    Tensor difference = model.add(name(name + "/difference"), new Binary(Binary.Kind.SUB), a, b);
    Tensor square =
        model.add(
            name(name + "/square"), new Pointwise.Unary(Pointwise.Unary.Kind.SQUARE), difference);
    return mean(name, square);
  }

  /** Returns mean over everything but the batch of |a - b|; a, b (n,h,w,c). */
  public Tensor meanAbsoluteError(String name, Tensor a, Tensor b) {
    Tensor difference = model.add(name(name + "/difference"), new Binary(Binary.Kind.SUB), a, b);
    Tensor absolute =
        model.add(name(name + "/abs"), new Pointwise.Unary(Pointwise.Unary.Kind.ABS), difference);
    return mean(name, absolute);
  }

  /** Returns the mean over everything but the batch. */
  public Tensor mean(String name, Tensor x) {
    double count = (double) x.shape().elements() / x.shape().n();
    return model.add(name(name), new Reduction.SumPerSample(1 / count), x);
  }

  /**
   * Returns the mean over channels of (1 - SSIM) / 2 with a Gaussian of sigma 1.5 over {@code taps}
   * taps, VALID (spec model.md 4.3); a, b (n,h,w,c) in [0,1].
   */
  public Tensor dssim(String name, Tensor a, Tensor b, int taps) {
    Tensor similarity =
        model
            .graph()
            .addAll(name(name + "/ssim"), Image.Ssim.of(taps), java.util.List.of(a, b))
            .getFirst();
    Tensor mean = mean(name + "/mean", similarity);
    return model.add(name(name), new Pointwise.Affine(-0.5, 0.5), mean);
  }

  /** Returns factor times x. */
  public Tensor times(double factor, Tensor x) {
    return model.add(x.name() + "/weighted", new Pointwise.Affine(factor, 0), x);
  }

  /** Returns the sum of vectors of the same batch. */
  public Tensor sum(String name, Tensor... terms) {
    Tensor sum = terms[0];
    for (int i = 1; i < terms.length; i++) {
      sum = model.add(name(name), new Binary(Binary.Kind.ADD), sum, terms[i]);
    }
    return sum;
  }

  private String name(String name) {
    return scope + "/" + name;
  }
}
