package org.likeness.saehd;

/**
 * The discriminators that learn beside the generator (spec model.md 4.8, 4.9).
 *
 * @param trueFace weight of the code discriminator's term, 0 for no such discriminator
 * @param gan weight of the patch discriminator's term, 0 for no such discriminator
 * @param patch what the patch discriminator looks like and how it learns
 */
public record Adversaries(double trueFace, double gan, Patch patch) {
  /** The file stem of the code discriminator's weights. */
  public static final String CODE = "code_discriminator";

  /** The file stem of its optimiser's slots. */
  public static final String CODE_OPTIMIZER = "D_code_opt";

  /** The file stem of the patch discriminator's weights. */
  public static final String PATCH = "GAN";

  /** The file stem of its optimiser's slots. */
  public static final String PATCH_OPTIMIZER = "GAN_opt";

  /** No discriminator. */
  public static final Adversaries NONE = new Adversaries(0, 0, new Patch(3, 16, 0, 0, true));

  /**
   * A patch discriminator.
   *
   * @param size side of what one logit is to see, in pixels
   * @param dims its width
   * @param smoothing what the label of real faces lacks to 1
   * @param noise share of labels that are flipped at random
   * @param halved whether its loss is halved, as the OG dialect does
   */
  public record Patch(int size, int dims, double smoothing, double noise, boolean halved) {}

  /** Tells whether there is a code discriminator. */
  public boolean hasCode() {
    return trueFace > 0;
  }

  /** Tells whether there is a patch discriminator. */
  public boolean hasPatch() {
    return gan > 0;
  }

  /** Tells whether there is any discriminator. */
  public boolean any() {
    return hasCode() || hasPatch();
  }
}
