package org.likeness.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.nn.LossScaling;
import org.likeness.saehd.Adversaries;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingOptions;

/** What people are told when a session goes on with something that it did not have. */
final class Notices {
  private Notices() {}

  /** Sentences about tensors that a checkpoint lacked. */
  static List<String> of(List<String> missing, SaehdOptions options) {
    List<String> notices = new ArrayList<>();
    long slots =
        missing.stream()
            .filter(name -> in(StepSettings.OPTIMIZER, name) && !LossScaling.isSlot(name))
            .count();
    if (slots > 0) {
      notices.add(
          String.format(
              Locale.ROOT,
              "the optimiser is now %s, so its memory of gradients starts anew (%d tensors)",
              options.get(OptionTable.ADABELIEF) ? "AdaBelief" : "RMSprop",
              slots));
    }
    if (missing.stream().anyMatch(name -> in(Adversaries.CODE, name))) {
      notices.add("the true face's discriminator starts anew");
    }
    if (missing.stream().anyMatch(name -> in(Adversaries.PATCH, name))) {
      notices.add("the GAN's discriminator starts anew");
    }
    return notices;
  }

  /** Sentences about what convolutions compute in, where it is not what one might expect. */
  static List<String> ofPrecision(SaehdOptions options, Device device) {
    List<String> notices = new ArrayList<>();
    String precision = options.get(TrainingOptions.PRECISION);
    if (options.get(TrainingOptions.USE_FP16) && precision.equals("f32")) {
      notices.add(
          "use_fp16 is taken as precision bf16: weights, optimiser and losses stay f32, because in"
              + " f16, as the original keeps them, small steps are lost");
    }
    DType type = options.step().dtype();
    String name = type.name().toLowerCase(Locale.ROOT);
    if (precision.equals("tf32") && device.name().equals("cpu")) {
      notices.add("the processor has no TF32, so it computes in f32");
    } else if (options.step().isMixed() && !device.isFastIn(type)) {
      notices.add(
          device.name() + " has no instructions for " + name + " and is slow in it; f32 is faster");
    }
    return notices;
  }

  private static boolean in(String stem, String name) {
    return name.startsWith(stem + "/");
  }
}
