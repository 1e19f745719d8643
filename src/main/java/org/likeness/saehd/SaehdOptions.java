package org.likeness.saehd;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.DType;
import org.likeness.nn.Optimizer;

/**
 * The options of one session, complete and valid: every option of {@link OptionTable} has a value,
 * and the values fit each other. Immutable; {@link #with} gives a changed copy.
 */
public record SaehdOptions(Map<Option<?>, Object> values) {
  /** Fills in defaults, checks every value and what they mean together. */
  public SaehdOptions {
    Map<Option<?>, Object> all = new LinkedHashMap<>();
    for (Option<?> option : OptionTable.ALL) {
      Object value = values.get(option);
      all.put(option, option.checked(value == null ? option.preset() : value));
    }
    for (Option<?> option : values.keySet()) {
      if (!all.containsKey(option)) {
        throw new InvalidOptionException(option.name() + " is not in the table of options");
      }
    }
    values = Collections.unmodifiableMap(all);
    checkResolution((String) all.get(OptionTable.ARCHI), (int) all.get(OptionTable.RESOLUTION));
  }

  /** The d head and the t trunk halve once more, so they need twice the divisor (model.md 2.8). */
  private static void checkResolution(String archi, int resolution) {
    String letters = archi.substring(archi.indexOf('-') + 1);
    int divisor = archi.contains("-") && (letters.contains("d") || letters.contains("t")) ? 32 : 16;
    if (resolution % divisor != 0) {
      int below = resolution / divisor * divisor;
      throw new InvalidOptionException(
          "resolution %d does not divide: %s needs a multiple of %d; use %d or %d"
              .formatted(resolution, archi, divisor, below, below + divisor));
    }
  }

  /** Every option at its default. */
  public static SaehdOptions defaults() {
    return new SaehdOptions(Map.of());
  }

  /** Defaults, changed by values written as text; see {@link #withText}. */
  public static SaehdOptions of(Map<String, String> text) {
    return defaults().withText(text);
  }

  /** The value of one option. */
  public <T> T get(Option<T> option) {
    return option.kind().type().cast(values.get(option));
  }

  /** A copy with one other value. */
  public <T> SaehdOptions with(Option<T> option, T value) {
    Map<Option<?>, Object> changed = new LinkedHashMap<>(values);
    changed.put(option, value);
    return new SaehdOptions(changed);
  }

  /**
   * A copy with values written as text, keyed by the names used in files. Unknown names, options
   * that are not built yet and values out of range are refused by name.
   */
  public SaehdOptions withText(Map<String, String> text) {
    Map<Option<?>, Object> changed = new LinkedHashMap<>(values);
    text.forEach(
        (name, value) -> {
          if (!UnbuiltOption.accepts(name, value)) {
            Option<?> option = OptionTable.named(name);
            changed.put(option, option.parse(value));
          }
        });
    return new SaehdOptions(changed);
  }

  /** The options as a session stores them: names and plain values, in the table's order. */
  public Map<String, Object> stored() {
    Map<String, Object> stored = new LinkedHashMap<>();
    values.forEach((option, value) -> stored.put(option.name(), value));
    return stored;
  }

  /** Names of the options that differ in {@code other} and are fixed once a session exists. */
  public List<String> fixedDifferences(SaehdOptions other) {
    return OptionTable.ALL.stream()
        .filter(option -> option.fixed() && !values.get(option).equals(other.values.get(option)))
        .map(Option::name)
        .toList();
  }

  /** Architecture, such as {@code liae-ud}. */
  public String archi() {
    return get(OptionTable.ARCHI);
  }

  /** Side of the face in pixels. */
  public int resolution() {
    return get(OptionTable.RESOLUTION);
  }

  /** Width of the bottleneck. */
  public int aeDims() {
    return get(OptionTable.AE_DIMS);
  }

  /** Width of the encoder. */
  public int eDims() {
    return get(OptionTable.E_DIMS);
  }

  /** Width of the decoder's image branch. */
  public int dDims() {
    return get(OptionTable.D_DIMS);
  }

  /** Width of the decoder's mask branch. */
  public int dMaskDims() {
    return get(OptionTable.D_MASK_DIMS);
  }

  /** Faces of each side in one iteration. */
  public int batchSize() {
    return get(OptionTable.BATCH_SIZE);
  }

  /** The shape of the model. */
  public Architecture architecture() {
    Architecture.Dims dims = new Architecture.Dims(aeDims(), eDims(), dDims(), dMaskDims());
    return Architecture.of(archi(), resolution(), dims);
  }

  /** What a training step does besides. */
  public StepSettings step() {
    Optimizer.Rule rule =
        get(OptionTable.ADABELIEF) ? Optimizer.Rule.ADABELIEF : Optimizer.Rule.RMSPROP;
    return new StepSettings(
        batchSize(),
        DType.F32,
        Optimizer.constant(StepSettings.OPTIMIZER, rule, get(OptionTable.LR)),
        LossSettings.DEFAULT.with(
            get(OptionTable.MASKED_TRAINING), get(OptionTable.DIALECT).equals("mve")),
        Adversaries.NONE,
        get(OptionTable.RANDOM_WARP),
        get(OptionTable.SEED));
  }
}
