package org.likeness.saehd;

import java.util.List;

/** What options mean together, beyond the range of each: refused in a sentence that says why. */
final class OptionChecks {
  private OptionChecks() {}

  static void check(SaehdOptions options) {
    checkResolution(options);
    checkDialect(options);
    checkDiscriminators(options);
    checkPhases(options);
  }

  /** The d head and the t trunk halve once more, so they need twice the divisor (model.md 2.8). */
  private static void checkResolution(SaehdOptions options) {
    String archi = options.archi();
    int resolution = options.resolution();
    String letters = archi.substring(archi.indexOf('-') + 1);
    int divisor = archi.contains("-") && (letters.contains("d") || letters.contains("t")) ? 32 : 16;
    if (resolution % divisor != 0) {
      int below = resolution / divisor * divisor;
      throw new InvalidOptionException(
          "resolution %d does not divide: %s needs a multiple of %d; use %d or %d"
              .formatted(resolution, archi, divisor, below, below + divisor));
    }
  }

  /** The dialects' masks of eyes and mouth differ, and so do the GAN's losses. */
  private static void checkDialect(SaehdOptions options) {
    if (options.isMve()) {
      return;
    }
    for (Option<Boolean> option : List.of(LossOptions.EYES_PRIO, LossOptions.MOUTH_PRIO)) {
      if (options.get(option)) {
        throw new InvalidOptionException(
            option.name() + " needs dialect mve; with dialect og use eyes_mouth_prio");
      }
    }
    for (Option<Double> option : List.of(LossOptions.GAN_SMOOTHING, LossOptions.GAN_NOISE)) {
      if (!options.get(option).equals(option.preset())) {
        throw new InvalidOptionException(
            option.name() + " needs dialect mve: with dialect og the GAN's labels are 1 and 0");
      }
    }
    if (options.get(LossOptions.GAN_POWER) > 5) {
      throw new InvalidOptionException(
          "gan_power %s needs dialect mve; with dialect og use at most 5"
              .formatted(OptionKind.shown(options.get(LossOptions.GAN_POWER))));
    }
  }

  private static void checkDiscriminators(SaehdOptions options) {
    if (options.get(LossOptions.TRUE_FACE_POWER) > 0 && !options.archi().startsWith("df")) {
      throw new InvalidOptionException(
          "true_face_power needs a df architecture: with %s leave it at 0"
              .formatted(options.archi()));
    }
    int given = options.get(LossOptions.GAN_PATCH_SIZE);
    if (given == 1 || given == 2) {
      throw new InvalidOptionException(
          "gan_patch_size %d is not allowed: use a whole number from 3 to 640, or 0 for an eighth of the resolution"
              .formatted(given));
    }
    int patch = options.patchSize();
    int resolution = options.resolution();
    if (options.get(LossOptions.GAN_POWER) > 0 && !PatchLayers.of(patch).fits(resolution)) {
      int smaller = patch;
      while (!PatchLayers.of(smaller).fits(resolution)) {
        smaller--; // 3 fits every even resolution
      }
      throw new InvalidOptionException(
          "gan_patch_size %d does not fit resolution %d, which cannot be halved so often; use %d"
              .formatted(patch, resolution, smaller));
    }
  }

  private static void checkPhases(SaehdOptions options) {
    Phases phases = options.phases();
    if (!phases.list().isEmpty() && options.get(TrainingOptions.PRETRAIN)) {
      throw new InvalidOptionException(
          "phases and pretrain exclude each other, because the iterations start anew after"
              + " pretraining; pretrain first, then give the phases");
    }
    for (int i = 0; i < phases.list().size(); i++) {
      for (String name : phases.list().get(i).changes().keySet()) {
        Option<?> option = OptionTable.named(name);
        boolean outside =
            List.of(TrainingOptions.PRETRAIN, TrainingOptions.PHASES, OptionTable.TARGET_ITER)
                .contains(option);
        if (option.fixed() || outside) {
          throw new InvalidOptionException(
              "phases: phase %d may not change %s".formatted(i + 1, name));
        }
      }
      options.phase(i); // refuses values that are not allowed
    }
  }
}
