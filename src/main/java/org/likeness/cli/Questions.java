package org.likeness.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.util.List;
import java.util.Map;
import org.likeness.saehd.InvalidOptionException;
import org.likeness.saehd.LossOptions;
import org.likeness.saehd.Option;
import org.likeness.saehd.OptionKind;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SampleOptions;
import org.likeness.saehd.SessionOptions;
import org.likeness.saehd.TrainingOptions;

/**
 * Asks for options in the terminal, in DeepFaceLab's order and under its names (spec model.md 1.1,
 * 1.3): the value in brackets stays on Enter, and {@code ?} explains.
 */
final class Questions {
  private static final List<Option<?>> ORDER =
      List.of(
          SessionOptions.SESSION_NAME,
          SessionOptions.AUTOBACKUP_HOUR,
          SessionOptions.MAXIMUM_N_BACKUPS,
          SessionOptions.WRITE_PREVIEW_HISTORY,
          SessionOptions.PREVIEW_SAMPLES,
          OptionTable.TARGET_ITER,
          TrainingOptions.RETRAINING_SAMPLES,
          OptionTable.RANDOM_SRC_FLIP,
          OptionTable.RANDOM_DST_FLIP,
          OptionTable.BATCH_SIZE,
          TrainingOptions.PRECISION, // in the place of use_fp16
          OptionTable.DIALECT,
          OptionTable.RESOLUTION,
          OptionTable.FACE_TYPE,
          OptionTable.ARCHI,
          OptionTable.AE_DIMS,
          OptionTable.E_DIMS,
          OptionTable.D_DIMS,
          OptionTable.D_MASK_DIMS,
          OptionTable.MASKED_TRAINING,
          LossOptions.EYES_MOUTH_PRIO,
          LossOptions.EYES_PRIO,
          LossOptions.MOUTH_PRIO,
          OptionTable.UNIFORM_YAW,
          LossOptions.BLUR_OUT_MASK,
          TrainingOptions.MODELS_OPT_ON_GPU,
          OptionTable.ADABELIEF,
          TrainingOptions.LR_DROPOUT,
          LossOptions.LOSS_FUNCTION,
          OptionTable.LR,
          OptionTable.RANDOM_WARP,
          SampleOptions.RANDOM_HSV_POWER,
          SampleOptions.RANDOM_DOWNSAMPLE,
          SampleOptions.RANDOM_NOISE,
          SampleOptions.RANDOM_BLUR,
          SampleOptions.RANDOM_JPEG,
          SampleOptions.RANDOM_SHADOW,
          LossOptions.GAN_POWER,
          LossOptions.GAN_PATCH_SIZE,
          LossOptions.GAN_DIMS,
          LossOptions.GAN_SMOOTHING,
          LossOptions.GAN_NOISE,
          LossOptions.TRUE_FACE_POWER,
          LossOptions.BACKGROUND_POWER,
          LossOptions.FACE_STYLE_POWER,
          LossOptions.BG_STYLE_POWER,
          SampleOptions.CT_MODE,
          SampleOptions.RANDOM_COLOR,
          TrainingOptions.CLIPGRAD,
          TrainingOptions.PRETRAIN);

  private final BufferedReader in;
  private final PrintStream out;

  Questions(Reader in, PrintStream out) {
    this.in = new BufferedReader(in);
    this.out = out;
  }

  /**
   * Asks for everything that matters and returns the answers; begun are the values shown.
   *
   * @param isNew whether the model itself is still to be chosen
   */
  SaehdOptions ask(SaehdOptions begun, boolean isNew) throws IOException {
    SaehdOptions options = begun;
    for (Option<?> option : ORDER) {
      if ((isNew || !option.fixed()) && matters(option, options)) {
        options = ask(option, options);
      }
    }
    return options;
  }

  /** Whether an option means anything beside those answered so far. */
  private static boolean matters(Option<?> option, SaehdOptions options) {
    String name = option.name();
    String faceType = options.get(OptionTable.FACE_TYPE);
    boolean mve = options.isMve();
    if (option.origin() == Option.Origin.OG && mve) {
      return false;
    }
    return switch (name) {
      case "maximum_n_backups" -> options.get(SessionOptions.AUTOBACKUP_HOUR) > 0;
      case "masked_training" -> faceType.equals("wf") || faceType.equals("head");
      case "eyes_prio", "mouth_prio" -> mve;
      case "true_face_power" -> options.archi().startsWith("df");
      case "gan_patch_size", "gan_dims" -> options.get(LossOptions.GAN_POWER) > 0;
      case "gan_smoothing", "gan_noise" -> mve && options.get(LossOptions.GAN_POWER) > 0;
      default -> true;
    };
  }

  private SaehdOptions ask(Option<?> option, SaehdOptions options) throws IOException {
    while (true) {
      Object now = options.stored().get(option.name());
      out.printf("[%s] %s ( %s ?:help ) : ", shown(now), option.name(), answers(option));
      out.flush();
      String answer = in.readLine();
      if (answer == null || answer.isBlank()) {
        if (answer == null) {
          out.println();
        }
        return options;
      }
      if (answer.strip().equals("?")) {
        out.println(option.helpLine());
        continue;
      }
      try {
        return options.withText(Map.of(option.name(), answer));
      } catch (InvalidOptionException e) {
        out.println(e.getMessage());
      }
    }
  }

  /** What may be answered, as DeepFaceLab writes it. */
  private static String answers(Option<?> option) {
    return switch (option.kind()) {
      case OptionKind.Flag flag -> "y/n";
      case OptionKind.Choice choice -> String.join("/", choice.words());
      default -> option.allowed();
    };
  }

  private static String shown(Object value) {
    return value instanceof Boolean on ? (on ? "y" : "n") : value.toString();
  }
}
