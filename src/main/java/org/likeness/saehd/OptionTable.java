package org.likeness.saehd;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.likeness.saehd.Option.Change;
import org.likeness.saehd.Option.Group;
import org.likeness.saehd.Option.Origin;
import org.likeness.saehd.OptionKind.Archi;
import org.likeness.saehd.OptionKind.Choice;
import org.likeness.saehd.OptionKind.Flag;
import org.likeness.saehd.OptionKind.Real;
import org.likeness.saehd.OptionKind.Whole;

/**
 * Every option of SAEHD, once: flags, help, file keys and stored sessions are all made from this
 * table. Names, ranges and defaults are spec model.md 1.2 and 1.3; what the original rounds or
 * clamps without a word is refused here.
 */
public final class OptionTable {
  /** Architecture: {@code df} or {@code liae}, a dash, letters of u, d, t, c. */
  public static final Option<String> ARCHI =
      new Option<>(
          "archi",
          new Archi(),
          "liae-ud",
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Architecture: df (keeps the look of src best) or liae (copes better with other shapes"
              + " and light), then a dash and any of u (adds likeness), d (doubles the resolution"
              + " for the same work), t (refines for more work), c (cosine activations).");

  /** Side of the square face in pixels. */
  public static final Option<Integer> RESOLUTION =
      new Option<>(
          "resolution",
          new Whole(64, 1024),
          128,
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Side of the face in pixels, a multiple of 16, with d or t of 32.");

  /** How much of the head is seen (spec data.md 4.1). */
  public static final Option<String> FACE_TYPE =
      new Option<>(
          "face_type",
          new Choice("h", "mf", "f", "wf", "head"),
          "f",
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "How much of the head is trained: half, mid-full, full, whole face, head.");

  /** Width of the bottleneck. */
  public static final Option<Integer> AE_DIMS =
      new Option<>(
          "ae_dims",
          new Whole(32, 1024),
          256,
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Width of the bottleneck.");

  /** Width of the encoder. */
  public static final Option<Integer> E_DIMS =
      new Option<>(
          "e_dims",
          new Whole(16, 256, 2),
          64,
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Width of the encoder, even.");

  /** Width of the decoder's image branch. */
  public static final Option<Integer> D_DIMS =
      new Option<>(
          "d_dims",
          new Whole(16, 256, 2),
          64,
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Width of the decoder, even.");

  /** Width of the decoder's mask branch. */
  public static final Option<Integer> D_MASK_DIMS =
      new Option<>(
          "d_mask_dims",
          new Whole(16, 256, 2),
          22,
          Group.MODEL,
          Origin.BOTH,
          Change.NEVER,
          "Width of the decoder's mask branch, even.");

  /** Equalised learning rate (spec model.md 3). */
  public static final Option<Boolean> WSCALE =
      new Option<>(
          "wscale",
          new Flag(),
          false,
          Group.MODEL,
          Origin.OURS,
          Change.NEVER,
          "Scale weights at run time so that every layer learns at one pace: wants a rate about"
              + " twenty times as high, and DeepFaceLab cannot load the model.");

  /** Which of the two references is followed where they differ. */
  public static final Option<String> DIALECT =
      new Option<>(
          "dialect",
          new Choice("og", "mve"),
          "og",
          Group.MODEL,
          Origin.OURS,
          Change.NEVER,
          "Which original is followed where they differ: DeepFaceLab or DeepFaceLab-MVE.");

  /** Where all random numbers of a session start. */
  public static final Option<Integer> SEED =
      new Option<>(
          "seed",
          new Whole(0, Integer.MAX_VALUE),
          0,
          Group.MODEL,
          Origin.OURS,
          Change.NEVER,
          "Start of all random numbers: the same seed gives the same session, bit for bit.");

  /** Samples of each side in an iteration. */
  public static final Option<Integer> BATCH_SIZE =
      new Option<>(
          "batch_size",
          new Whole(1, 1024),
          4,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Faces of each side in one iteration.");

  /** Iteration at which training ends. */
  public static final Option<Integer> TARGET_ITER =
      new Option<>(
          "target_iter",
          new Whole(0, Integer.MAX_VALUE),
          0,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Iteration at which training ends; 0 is never.");

  /** AdaBelief, else RMSprop (spec model.md 5). */
  public static final Option<Boolean> ADABELIEF =
      new Option<>(
          "adabelief",
          new Flag(),
          true,
          Group.TRAINING,
          Origin.BOTH,
          Change.OPTIMIZER,
          "Optimise with AdaBelief; off is RMSprop, which needs half the memory.");

  /** Learning rate. */
  public static final Option<Double> LR =
      new Option<>(
          "lr",
          new Real(0, 1),
          5e-5,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Learning rate; the original's is fixed at the default.");

  /** Whether the loss looks only inside the face mask. */
  public static final Option<Boolean> MASKED_TRAINING =
      new Option<>(
          "masked_training",
          new Flag(),
          true,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Learn the face only, not what lies around it.");

  /** Grid warp of the network's input. */
  public static final Option<Boolean> RANDOM_WARP =
      new Option<>(
          "random_warp",
          new Flag(),
          true,
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "Warp the input: needed to learn expressions; turn off at the end to sharpen.");

  /** Horizontal flips of src samples. */
  public static final Option<Boolean> RANDOM_SRC_FLIP =
      new Option<>(
          "random_src_flip",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "Mirror src faces at random.");

  /** Horizontal flips of dst samples. */
  public static final Option<Boolean> RANDOM_DST_FLIP =
      new Option<>(
          "random_dst_flip",
          new Flag(),
          true,
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "Mirror dst faces at random.");

  /** Every direction equally often (spec data.md 8.1). */
  public static final Option<Boolean> UNIFORM_YAW =
      new Option<>(
          "uniform_yaw",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "Show every direction that faces look in equally often.");

  /** Threads that prepare samples; results do not depend on it. */
  public static final Option<Integer> LOADER_THREADS =
      new Option<>(
          "loader_threads",
          new Whole(1, 256),
          2,
          Group.SAMPLES,
          Origin.OURS,
          Change.ANY_TIME,
          "Threads that prepare faces; changes the speed, never the result.");

  /** All options, in the order in which they are listed and stored. */
  public static final List<Option<?>> ALL =
      List.of(
          ARCHI,
          RESOLUTION,
          FACE_TYPE,
          AE_DIMS,
          E_DIMS,
          D_DIMS,
          D_MASK_DIMS,
          WSCALE,
          DIALECT,
          SEED,
          BATCH_SIZE,
          TARGET_ITER,
          ADABELIEF,
          LR,
          TrainingOptions.LR_DROPOUT,
          TrainingOptions.CLIPGRAD,
          TrainingOptions.MODELS_OPT_ON_GPU,
          TrainingOptions.PRECISION,
          TrainingOptions.USE_FP16,
          TrainingOptions.RECOMPUTE,
          TrainingOptions.RETRAINING_SAMPLES,
          TrainingOptions.PRETRAIN,
          TrainingOptions.PHASES,
          MASKED_TRAINING,
          LossOptions.EYES_MOUTH_PRIO,
          LossOptions.EYES_PRIO,
          LossOptions.MOUTH_PRIO,
          LossOptions.BLUR_OUT_MASK,
          LossOptions.LOSS_FUNCTION,
          LossOptions.BACKGROUND_POWER,
          LossOptions.FACE_STYLE_POWER,
          LossOptions.BG_STYLE_POWER,
          LossOptions.TRUE_FACE_POWER,
          LossOptions.GAN_POWER,
          LossOptions.GAN_PATCH_SIZE,
          LossOptions.GAN_DIMS,
          LossOptions.GAN_SMOOTHING,
          LossOptions.GAN_NOISE,
          RANDOM_WARP,
          RANDOM_SRC_FLIP,
          RANDOM_DST_FLIP,
          UNIFORM_YAW,
          SampleOptions.RANDOM_HSV_POWER,
          SampleOptions.CT_MODE,
          SampleOptions.RANDOM_COLOR,
          SampleOptions.RANDOM_DOWNSAMPLE,
          SampleOptions.RANDOM_NOISE,
          SampleOptions.RANDOM_BLUR,
          SampleOptions.RANDOM_JPEG,
          SampleOptions.RANDOM_SHADOW,
          SampleOptions.RANDOM_SHADOW_SRC,
          SampleOptions.RANDOM_SHADOW_DST,
          SampleOptions.EXACT_BATCHES,
          LOADER_THREADS,
          SessionOptions.SESSION_NAME,
          SessionOptions.SAVE_MINUTES,
          SessionOptions.AUTOBACKUP_HOUR,
          SessionOptions.MAXIMUM_N_BACKUPS,
          SessionOptions.PREVIEW_EVERY,
          SessionOptions.PREVIEW_SAMPLES,
          SessionOptions.WRITE_PREVIEW_HISTORY);

  private static final Map<String, Option<?>> BY_NAME =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Option::name, Function.identity()));

  private OptionTable() {}

  /** The option of that file key; an unknown key is refused with the nearest known one. */
  static Option<?> named(String name) {
    Option<?> option = BY_NAME.get(name);
    if (option == null) {
      throw new InvalidOptionException(
          "there is no option %s; did you mean %s?"
              .formatted(
                  name,
                  Spelling.nearest(
                      name, Stream.concat(BY_NAME.keySet().stream(), UnbuiltOption.names()))));
    }
    return option;
  }

  /** The flag that sets the option of that file key. */
  public static String flagOf(String name) {
    return named(name).flag();
  }
}
