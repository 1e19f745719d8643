package org.likeness.saehd;

import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Tensor;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;

/** The loss of one side, a vector over its batch (spec model.md 4.2 to 4.5, default options). */
final class ReconstructionLoss {
  private static final int TWO_SCALES_FROM = 256;

  private final Model model;
  private final StepSettings settings;
  private final int resolution;

  ReconstructionLoss(Model model, Architecture architecture, StepSettings settings) {
    this.model = model;
    this.settings = settings;
    resolution = architecture.resolution();
  }

  /**
   * Returns the loss (n) of a prediction.
   *
   * @param side "src" or "dst", for names
   * @param target (n,R,R,3)
   * @param targetMask (n,R,R,1)
   */
  Tensor of(String side, Tensor target, Tensor targetMask, Decoder.Face predicted) {
    String scope = "loss_" + side;
    Losses losses = new Losses(model, scope);
    Tensor mask = targetMask;
    if (settings.clipMasks()) {
      mask = model.add(scope + "/clipped_mask", new Pointwise.Clip(0, 1), mask);
    }
    Tensor wanted = target;
    Tensor made = predicted.image();
    if (settings.maskedTraining()) {
      Tensor soft = softMask(scope, mask);
      wanted = model.add(scope + "/target", new Binary(Binary.Kind.MUL), target, soft);
      made = model.add(scope + "/prediction", new Binary(Binary.Kind.MUL), made, soft);
    }
    Tensor image = losses.times(10, losses.meanSquaredError("mse", wanted, made));
    Tensor maskLoss = losses.times(10, losses.meanSquaredError("mask_mse", mask, predicted.mask()));
    return losses.sum("total", similarity(losses, wanted, made), image, maskLoss);
  }

  /** Returns 2 clip(blur(M), 0, 1/2): the mask, feathered outward only. */
  private Tensor softMask(String scope, Tensor mask) {
    Image.GaussianBlur blur = Image.GaussianBlur.of(Math.max(1, resolution / 32));
    Tensor blurred = model.add(scope + "/blurred_mask", blur, mask);
    Tensor half = model.add(scope + "/half_mask", new Pointwise.Clip(0, 0.5), blurred);
    return model.add(scope + "/soft_mask", new Pointwise.Affine(2, 0), half);
  }

  private Tensor similarity(Losses losses, Tensor wanted, Tensor made) {
    int taps = (int) (resolution / 11.6);
    if (resolution < TWO_SCALES_FROM) {
      return losses.times(10, losses.dssim("dssim", wanted, made, taps));
    }
    int finer = (int) (resolution / 23.2);
    return losses.sum(
        "dssim_scales",
        losses.times(5, losses.dssim("dssim_1", wanted, made, taps)),
        losses.times(5, losses.dssim("dssim_2", wanted, made, finer)));
  }
}
