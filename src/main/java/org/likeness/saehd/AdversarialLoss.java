package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Tensor;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;

/** What discriminators add to the generator's loss, and their own; vectors (n) (spec 4.8, 4.9). */
final class AdversarialLoss {
  private final Model model;
  private final Losses losses;

  AdversarialLoss(Model model) {
    this.model = model;
    losses = new Losses(model, "adversary");
  }

  /** Returns the mean over everything but the batch of the cross-entropy against one label. */
  Tensor against(double label, Tensor logits) {
    Pointwise.Constant constant = new Pointwise.Constant(logits.shape(), logits.dtype(), label);
    return against(model.add("adversary/label", constant), logits);
  }

  /** The same against a label for each logit. */
  Tensor against(Tensor labels, Tensor logits) {
    return losses.mean("bce", model.add("adversary/entropy", new Pointwise.Bce(), logits, labels));
  }

  /** Returns the code discriminator's loss: dst codes are real, src codes are not. */
  Tensor code(Tensor dstLogits, Tensor srcLogits) {
    Tensor sum = losses.sum("code", against(1, dstLogits), against(0, srcLogits));
    return losses.times(0.5, sum);
  }

  /** Returns what a patch discriminator that sees through them costs the made faces. */
  Tensor exposed(PatchDiscriminator.Logits made) {
    return losses.sum("exposed", against(1, made.center()), against(1, made.full()));
  }

  /** Returns the patch discriminator's loss. */
  Tensor patch(
      Adversaries.Patch patch,
      PatchLabels labels,
      PatchDiscriminator.Logits real,
      PatchDiscriminator.Logits made) {
    Tensor sum =
        losses.sum(
            "patch",
            against(labels.of("real_center", real.center()), real.center()),
            against(labels.of("made_center", made.center()), made.center()),
            against(labels.of("real_full", real.full()), real.full()),
            against(labels.of("made_full", made.full()), made.full()));
    return patch.halved() ? losses.times(0.5, sum) : sum;
  }

  /**
   * Returns what keeps a masked GAN from painting outside the face: 1e-6 times the total variation
   * of the made face along channels and height, as the original has it, and 0.02 times its squared
   * error outside the mask.
   */
  Tensor calm(Targets target, Tensor made) {
    Tensor outside = model.add("adversary/outside", new Pointwise.Affine(-1, 1), target.softMask());
    Binary times = new Binary(Binary.Kind.MUL);
    Tensor error =
        losses.meanSquaredError(
            "surroundings",
            model.add("adversary/made_outside", times, made, outside),
            model.add("adversary/target_outside", times, target.image(), outside));
    List<Tensor> terms = new ArrayList<>(List.of(losses.times(0.02, error)));
    for (int axis : new int[] {3, 1}) {
      int end = made.shape().dim(axis);
      Tensor next = model.add("adversary/next", new Movement.Slice(axis, 1, end), made);
      Tensor here = model.add("adversary/here", new Movement.Slice(axis, 0, end - 1), made);
      Tensor step = model.add("adversary/step", new Binary(Binary.Kind.SUB), next, here);
      Pointwise.Unary square = new Pointwise.Unary(Pointwise.Unary.Kind.SQUARE);
      Tensor squares = model.add("adversary/steps", square, step);
      terms.add(model.add("adversary/variation", new Reduction.SumPerSample(1e-6), squares));
    }
    return losses.sum("calm", terms.toArray(Tensor[]::new));
  }
}
