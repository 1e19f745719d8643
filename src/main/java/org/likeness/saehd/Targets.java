package org.likeness.saehd;

import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/**
 * What one side's prediction is compared with, prepared (spec model.md 4.2).
 *
 * @param image (n,R,R,3), blurred outside the face when asked for
 * @param mask (n,R,R,1), unblurred
 * @param softMask (n,R,R,1), feathered outward only
 */
record Targets(Tensor image, Tensor mask, Tensor softMask) {
  /**
   * Prepares one side.
   *
   * @param scope of the names, "loss_src" for example
   */
  static Targets prepare(
      Model model, String scope, int resolution, LossSettings settings, Tensor image, Tensor mask) {
    Tensor outside =
        settings.blurOut() ? blurredOutside(model, scope, resolution, image, mask) : image;
    Tensor limited =
        settings.clipMasks()
            ? model.add(scope + "/clipped_mask", new Pointwise.Clip(0, 1), mask)
            : mask;
    return new Targets(outside, limited, softMask(model, scope, resolution, limited));
  }

  /** Returns 2 clip(blur(M), 0, 1/2). */
  private static Tensor softMask(Model model, String scope, int resolution, Tensor mask) {
    Image.GaussianBlur blur = Image.GaussianBlur.of(Math.max(1, resolution / 32));
    Tensor blurred = model.add(scope + "/blurred_mask", blur, mask);
    Tensor half = model.add(scope + "/half_mask", new Pointwise.Clip(0, 0.5), blurred);
    return model.add(scope + "/soft_mask", new Pointwise.Affine(2, 0), half);
  }

  /** Returns T M + blur(T (1 - M)) / (1 - blur(M)) (1 - M), the divisor 1 where it would be 0. */
  private static Tensor blurredOutside(
      Model model, String scope, int resolution, Tensor image, Tensor mask) {
    Image.GaussianBlur blur = Image.GaussianBlur.of(resolution / 128.0);
    Pointwise.Affine complement = new Pointwise.Affine(-1, 1);
    Binary times = new Binary(Binary.Kind.MUL);
    Tensor outside = model.add(scope + "/outside", complement, mask);
    Tensor background = model.add(scope + "/background", times, image, outside);
    Tensor blurred = model.add(scope + "/blurred_background", blur, background);
    Tensor covered = model.add(scope + "/covered", blur, mask);
    Tensor free = model.add(scope + "/free", complement, covered);
    Tensor divisor =
        model.add(scope + "/divisor", new Pointwise.Unary(Pointwise.Unary.Kind.ZERO_TO_ONE), free);
    Tensor filled = model.add(scope + "/filled", new Binary(Binary.Kind.DIV), blurred, divisor);
    Tensor face = model.add(scope + "/face", times, image, mask);
    return model.add(
        scope + "/blurred_out",
        new Binary(Binary.Kind.ADD),
        face,
        model.add(scope + "/filled_outside", times, filled, outside));
  }
}
