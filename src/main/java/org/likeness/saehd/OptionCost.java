package org.likeness.saehd;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Graph;
import org.likeness.graph.MemoryPlan;

/**
 * What an option costs in memory: by how much the plan of one training step grows with a value.
 *
 * @param value that is compared with the default
 * @param bytes more, or less when negative, on a device that stores every tensor dense
 */
public record OptionCost(String value, long bytes) {
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("archi", "liae-udt"),
          Map.entry("resolution", "256"),
          Map.entry("ae_dims", "512"),
          Map.entry("e_dims", "128"),
          Map.entry("d_dims", "128"),
          Map.entry("d_mask_dims", "44"),
          Map.entry("wscale", "on"),
          Map.entry("batch_size", "8"),
          Map.entry("adabelief", "off"),
          Map.entry("lr_dropout", "y"),
          Map.entry("clipgrad", "on"),
          Map.entry("models_opt_on_gpu", "off"),
          Map.entry("precision", "bf16"),
          Map.entry("use_fp16", "on"),
          Map.entry("random_warp", "off"),
          Map.entry("masked_training", "off"),
          Map.entry("eyes_mouth_prio", "on"),
          Map.entry("eyes_prio", "on"),
          Map.entry("mouth_prio", "on"),
          Map.entry("blur_out_mask", "on"),
          Map.entry("loss_function", "MS-SSIM"),
          Map.entry("background_power", "0.3"),
          Map.entry("face_style_power", "0.001"),
          Map.entry("bg_style_power", "2"),
          Map.entry("true_face_power", "0.01"),
          Map.entry("gan_power", "0.1"),
          Map.entry("gan_patch_size", "32"),
          Map.entry("gan_dims", "32"),
          Map.entry("gan_noise", "0.05"));

  /** What must hold for the option to mean anything, apart from the defaults. */
  private static final Map<String, Map<String, String>> BESIDE =
      Map.of(
          "true_face_power", Map.of("archi", "df-ud"),
          "gan_patch_size", Map.of("gan_power", "0.1"),
          "gan_dims", Map.of("gan_power", "0.1"),
          "gan_noise", Map.of("gan_power", "0.1", "dialect", "mve"),
          "eyes_prio", Map.of("dialect", "mve"),
          "mouth_prio", Map.of("dialect", "mve"));

  private static final Map<SaehdOptions, Long> PLANNED = new ConcurrentHashMap<>();

  /** Plans a step with and without the option; nothing for options that no step depends on. */
  public static Optional<OptionCost> of(Option<?> option) {
    String value = VALUES.get(option.name());
    if (value == null) {
      return Optional.empty();
    }
    Map<String, String> text = new HashMap<>(BESIDE.getOrDefault(option.name(), Map.of()));
    long without = planned(SaehdOptions.of(text));
    text.put(option.name(), value);
    return Optional.of(new OptionCost(value, planned(SaehdOptions.of(text)) - without));
  }

  private static long planned(SaehdOptions options) {
    return PLANNED.computeIfAbsent(
        options,
        o -> {
          Graph step = TrainingStep.describe(o.architecture(), o.step()).scheduled();
          DeviceProfile profile = DeviceProfile.plain("any", Long.MAX_VALUE);
          return MemoryPlan.plan(step, profile).totalBytes();
        });
  }
}
