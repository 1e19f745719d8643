package org.likeness.saehd;

import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;

/** The two style terms of the src loss, vectors (n) (spec model.md 4.7). */
final class StyleLoss {
  private static final Binary TIMES = new Binary(Binary.Kind.MUL);

  private final Model model;
  private final int resolution;

  StyleLoss(Model model, int resolution) {
    this.model = model;
    this.resolution = resolution;
  }

  /**
   * Returns 10000 / 3 times the sum over channels of the squared differences of mean and deviation
   * between the blurred, masked swap and the blurred, masked dst face. The gradient reaches {@code
   * swap} alone, whose code is stopped by the caller.
   */
  Tensor face(Tensor swap, Tensor swapMask, Decoder.Face dst) {
    Image.GaussianBlur blur = Image.GaussianBlur.of(resolution / 8);
    Tensor a = model.add("style/swap", TIMES, swap, stop("style/swap_mask", swapMask));
    Tensor b = stop("style/dst", model.add("style/dst_face", TIMES, dst.image(), dst.mask()));
    Tensor[] ours = moments("style/swap", model.add("style/swap_blurred", blur, a));
    Tensor[] theirs = moments("style/dst", model.add("style/dst_blurred", blur, b));
    Tensor distance =
        model.add(
            "style/distance",
            new Binary(Binary.Kind.ADD),
            squaredDifference("style/means", ours[0], theirs[0]),
            squaredDifference("style/deviations", ours[1], theirs[1]));
    return model.add("style/face", new Reduction.SumPerSample(10000.0 / 3), distance);
  }

  /**
   * Returns 10 dssim + 10 mean squared error between swap and dst target outside the src mask, as
   * the original has it.
   */
  Tensor background(Tensor swap, Tensor dstTarget, Tensor srcSoftMask) {
    Tensor limited = model.add("style/src_mask", new Pointwise.Clip(0, 1), srcSoftMask);
    Tensor outside = model.add("style/outside", new Pointwise.Affine(-1, 1), limited);
    Tensor made = model.add("style/swap_background", TIMES, swap, outside);
    Tensor wanted = model.add("style/dst_background", TIMES, dstTarget, outside);
    Losses losses = new Losses(model, "style");
    return losses.sum(
        "background",
        losses.times(10, losses.dssim("dssim", wanted, made, (int) (resolution / 11.6))),
        losses.times(10, losses.meanSquaredError("mse", wanted, made)));
  }

  private Tensor stop(String name, Tensor x) {
    return model.add(name + "_stopped", new Pointwise.StopGradient(), x);
  }

  /** Returns mean and deviation over space, each (n,1,1,c). */
  private Tensor[] moments(String name, Tensor x) {
    Shape s = x.shape();
    Shape channels = Shape.of(s.n(), 1, 1, s.c());
    double share = 1.0 / (s.h() * s.w());
    Tensor sum = model.add(name + "_sum", new Reduction.SumTo(channels), x);
    Tensor mean = model.add(name + "_mean", new Pointwise.Affine(share, 0), sum);
    Tensor off = model.add(name + "_off", new Binary(Binary.Kind.SUB), x, mean);
    Tensor squares =
        model.add(name + "_squares", new Pointwise.Unary(Pointwise.Unary.Kind.SQUARE), off);
    Tensor total = model.add(name + "_total", new Reduction.SumTo(channels), squares);
    Tensor variance = model.add(name + "_variance", new Pointwise.Affine(share, 1e-5), total);
    Tensor deviation =
        model.add(name + "_deviation", new Pointwise.Unary(Pointwise.Unary.Kind.SQRT), variance);
    return new Tensor[] {mean, deviation};
  }

  private Tensor squaredDifference(String name, Tensor a, Tensor b) {
    Tensor difference = model.add(name + "_difference", new Binary(Binary.Kind.SUB), a, b);
    return model.add(name, new Pointwise.Unary(Pointwise.Unary.Kind.SQUARE), difference);
  }
}
