package org.likeness.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.likeness.saehd.Adversaries;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.StepSettings;

/** What people are told when a session goes on with something that it did not have. */
final class Notices {
  private Notices() {}

  /** Sentences about tensors that a checkpoint lacked. */
  static List<String> of(List<String> missing, SaehdOptions options) {
    List<String> notices = new ArrayList<>();
    long slots = missing.stream().filter(name -> in(StepSettings.OPTIMIZER, name)).count();
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

  private static boolean in(String stem, String name) {
    return name.startsWith(stem + "/");
  }
}
