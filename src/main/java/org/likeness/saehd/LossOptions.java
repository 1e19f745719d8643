package org.likeness.saehd;

import org.likeness.saehd.Option.Change;
import org.likeness.saehd.Option.Group;
import org.likeness.saehd.Option.Origin;
import org.likeness.saehd.OptionKind.Choice;
import org.likeness.saehd.OptionKind.Flag;
import org.likeness.saehd.OptionKind.Real;
import org.likeness.saehd.OptionKind.Whole;

/** Options of what is learned: losses and discriminators; {@link OptionTable} lists them. */
public final class LossOptions {
  private LossOptions() {}

  /** More weight on eyes and mouth (spec model.md 4.5). */
  public static final Option<Boolean> EYES_MOUTH_PRIO =
      new Option<>(
          "eyes_mouth_prio",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.OG,
          Change.ANY_TIME,
          "Give eyes and mouth more weight: helps where the gaze strays.");

  /** More weight on eyes (spec model.md 4.5). */
  public static final Option<Boolean> EYES_PRIO =
      new Option<>(
          "eyes_prio",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Give eyes more weight.");

  /** More weight on the mouth (spec model.md 4.5). */
  public static final Option<Boolean> MOUTH_PRIO =
      new Option<>(
          "mouth_prio",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Give the mouth more weight: helps with teeth.");

  /** Targets blurred outside the face (spec model.md 4.2). */
  public static final Option<Boolean> BLUR_OUT_MASK =
      new Option<>(
          "blur_out_mask",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Blur what lies around the face in the targets: smooths the border of the swap.");

  /** How images are compared (spec model.md 4.4). */
  public static final Option<String> LOSS_FUNCTION =
      new Option<>(
          "loss_function",
          new Choice("SSIM", "MS-SSIM", "MS-SSIM+L1"),
          "SSIM",
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "How likeness is measured: SSIM as ever, MS-SSIM at several scales, +L1 with more heed to"
              + " the middle.");

  /** Weight of the whole picture (spec model.md 4.6). */
  public static final Option<Double> BACKGROUND_POWER =
      new Option<>(
          "background_power",
          new Real(0, 1),
          0.0,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Learn the whole picture too, this much beside the face: with masked_training.");

  /** Style of the swapped face (spec model.md 4.7). */
  public static final Option<Double> FACE_STYLE_POWER =
      new Option<>(
          "face_style_power",
          new Real(0, 100),
          0.0,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Give the swap the colours of dst: begin with 0.001 and keep a backup, because it can"
              + " ruin a model.");

  /** Style of the swap's background (spec model.md 4.7). */
  public static final Option<Double> BG_STYLE_POWER =
      new Option<>(
          "bg_style_power",
          new Real(0, 100),
          0.0,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Let the swap's outline follow dst: begin with 2 and keep a backup, because it can ruin a"
              + " model.");

  /** Weight of the code discriminator (spec model.md 4.8). */
  public static final Option<Double> TRUE_FACE_POWER =
      new Option<>(
          "true_face_power",
          new Real(0, 1),
          0.0,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Make the swap look more like src, df only: begin with 0.01.");

  /** Weight of the patch discriminator (spec model.md 4.9). */
  public static final Option<Double> GAN_POWER =
      new Option<>(
          "gan_power",
          new Real(0, 10),
          0.0,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Paint detail that passes for real: only at the very end, random_warp off and lr_dropout"
              + " on, with 0.1.");

  /** Side of the patch discriminator's patches, 0 for an eighth (spec model.md 2.12). */
  public static final Option<Integer> GAN_PATCH_SIZE =
      new Option<>(
          "gan_patch_size",
          new Whole(0, 640),
          0,
          Group.TRAINING,
          Origin.BOTH,
          Change.DISCRIMINATOR,
          "Side of the GAN's patches in pixels, 3 or more: larger is better and slower; 0 is an"
              + " eighth of the resolution.");

  /** Width of the patch discriminator (spec model.md 2.12). */
  public static final Option<Integer> GAN_DIMS =
      new Option<>(
          "gan_dims",
          new Whole(4, 512),
          16,
          Group.TRAINING,
          Origin.BOTH,
          Change.DISCRIMINATOR,
          "Width of the GAN: more finds finer faults and needs more memory.");

  /** What the GAN's labels lack to 1 (spec model.md 4.9). */
  public static final Option<Double> GAN_SMOOTHING =
      new Option<>(
          "gan_smoothing",
          new Real(0, 0.5),
          0.1,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "How unsure the GAN is told to be of real faces: calms it.");

  /** Share of the GAN's labels that are flipped (spec model.md 4.9). */
  public static final Option<Double> GAN_NOISE =
      new Option<>(
          "gan_noise",
          new Real(0, 0.5),
          0.0,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Share of the GAN's labels that are flipped: keeps it from winning.");
}
