package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Tensor;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;

/** The loss of one side, a vector over its batch (spec model.md 4.4 to 4.6). */
final class ReconstructionLoss {
  private static final int TWO_SCALES_FROM = 256;

  private final Model model;
  private final LossSettings settings;
  private final int resolution;
  private final String scope;
  private final Losses losses;

  /**
   * Starts building one side's loss.
   *
   * @param scope of the names, "loss_src" for example
   */
  ReconstructionLoss(Model model, String scope, int resolution, LossSettings settings) {
    this.model = model;
    this.scope = scope;
    this.settings = settings;
    this.resolution = resolution;
    losses = new Losses(model, scope);
  }

  /** Two images (n,R,R,3) that are compared. */
  record Pair(Tensor wanted, Tensor made) {}

  /**
   * Where eyes and mouth are (n,R,R,1), as far as the losses read it: coded in one plane (spec
   * model.md 4.5), or as planes of their own.
   */
  record Parts(Tensor codes, Tensor eyes, Tensor mouth) {
    /** Nothing that the losses read. */
    static final Parts NONE = new Parts(null, null, null);
  }

  /** Returns what the image loss compares: all of both, or the target's face in both. */
  Pair seen(Targets target, Tensor made) {
    return settings.masked()
        ? new Pair(
            times("target", target.image(), target.softMask()),
            times("prediction", made, target.softMask()))
        : new Pair(target.image(), made);
  }

  /**
   * Returns the loss (n) of a prediction.
   *
   * @param parts where eyes and mouth are, which may have priority
   * @param seen what {@link #seen} made of target and prediction
   */
  Tensor of(Targets target, Parts parts, Decoder.Face predicted, Pair seen) {
    List<Tensor> terms = new ArrayList<>(image("", seen.wanted(), seen.made()));
    if (settings.priority() != LossSettings.Priority.NONE) {
      Tensor weight = priority(parts);
      Tensor error =
          losses.meanAbsoluteError(
              "priority",
              times("target_parts", target.image(), weight),
              times("predicted_parts", predicted.image(), weight));
      terms.add(losses.times(300, error));
    }
    terms.add(
        losses.times(10, losses.meanSquaredError("mask_mse", target.mask(), predicted.mask())));
    if (settings.background() > 0) {
      for (Tensor term : image("whole_", target.image(), predicted.image())) {
        terms.add(losses.times(settings.background(), term));
      }
    }
    return losses.sum("total", terms.toArray(Tensor[]::new));
  }

  /** Returns the terms of the image loss (spec model.md 4.4). */
  private List<Tensor> image(String name, Tensor wanted, Tensor made) {
    Tensor squares = losses.times(10, losses.meanSquaredError(name + "mse", wanted, made));
    return switch (settings.similarity()) {
      case SSIM -> List.of(dssim(name, wanted, made), squares);
      case MS_SSIM -> List.of(losses.times(10, dissimilarity(name, wanted, made)), squares);
      case MS_SSIM_L1 ->
          List.of(
              losses.times(8.4, dissimilarity(name, wanted, made)),
              losses.times(
                  1.6, MultiScale.centredDifference(model, scope + "/" + name, wanted, made)));
    };
  }

  private Tensor dssim(String name, Tensor wanted, Tensor made) {
    int taps = (int) (resolution / 11.6);
    if (resolution < TWO_SCALES_FROM) {
      return losses.times(10, losses.dssim(name + "dssim", wanted, made, taps));
    }
    int finer = (int) (resolution / 23.2);
    return losses.sum(
        name + "dssim_scales",
        losses.times(5, losses.dssim(name + "dssim_1", wanted, made, taps)),
        losses.times(5, losses.dssim(name + "dssim_2", wanted, made, finer)));
  }

  private Tensor dissimilarity(String name, Tensor wanted, Tensor made) {
    Tensor similarity = MultiScale.similarity(model, scope + "/" + name, wanted, made);
    return model.add(scope + "/" + name + "dissimilarity", new Pointwise.Affine(-1, 1), similarity);
  }

  /** Returns the weight of each pixel (n,R,R,1) (spec model.md 4.5). */
  private Tensor priority(Parts parts) {
    Tensor codes = parts.codes();
    return switch (settings.priority()) {
      case NONE -> throw new IllegalArgumentException("no part of the face has priority");
      case AS_DELIVERED -> codes;
      case EYES -> codes == null ? parts.eyes() : decoded(codes);
      case MOUTH -> codes == null ? parts.mouth() : decoded(codes);
      case EYES_AND_MOUTH ->
          codes == null
              ? model.add(scope + "/both", new Binary(Binary.Kind.ADD), parts.eyes(), parts.mouth())
              : decoded(codes);
    };
  }

  private Tensor decoded(Tensor codes) {
    Tensor both = above("both", codes, -1);
    if (settings.priority() == LossSettings.Priority.EYES_AND_MOUTH) {
      return both;
    }
    Tensor mouth = above("mouth", codes, -2);
    if (settings.priority() == LossSettings.Priority.MOUTH) {
      return mouth;
    }
    Tensor rest = model.add(scope + "/rest", new Binary(Binary.Kind.SUB), both, mouth);
    return model.add(scope + "/eyes", new Pointwise.Clip(0, 1), rest);
  }

  private Tensor above(String name, Tensor codes, double shift) {
    Tensor shifted = model.add(scope + "/" + name, new Pointwise.Affine(1, shift), codes);
    return model.add(scope + "/" + name + "_mask", new Pointwise.Clip(0, 1), shifted);
  }

  private Tensor times(String name, Tensor image, Tensor mask) {
    return model.add(scope + "/" + name, new Binary(Binary.Kind.MUL), image, mask);
  }
}
