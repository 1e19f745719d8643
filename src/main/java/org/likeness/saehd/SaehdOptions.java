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
  private static final String CPU_CAP = "cpu_cap";

  /** Fills in defaults, checks every value and what they mean together. */
  public SaehdOptions(Map<Option<?>, Object> values) {
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
    this.values = Collections.unmodifiableMap(all);
    OptionChecks.check(this);
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
          if (name.equals(CPU_CAP)) {
            changed.put(OptionTable.LOADER_THREADS, threads(value));
          } else if (!UnbuiltOption.accepts(name, value)) {
            Option<?> option = OptionTable.named(name);
            changed.put(option, option.parse(value));
          }
        });
    return new SaehdOptions(changed);
  }

  /** Refuses a name or a value that no options could have, whatever the others are. */
  public static void check(String name, String value) {
    if (name.equals(CPU_CAP)) {
      threads(value);
    } else if (!UnbuiltOption.accepts(name, value)) {
      OptionTable.named(name).parse(value);
    }
  }

  /** What DeepFaceLab-MVE's cap leaves of the processor's cores (spec model.md 1.2). */
  private static int threads(String cap) {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.min(cores, new OptionKind.Whole(1, 256).parse(CPU_CAP, cap.strip()));
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
    Architecture plain = Architecture.of(archi(), resolution(), dims);
    return get(OptionTable.WSCALE) ? plain.equalised() : plain;
  }

  /** Whether DeepFaceLab-MVE is followed where the originals differ. */
  public boolean isMve() {
    return get(OptionTable.DIALECT).equals("mve");
  }

  /** The recipe that the session walks through. */
  public Phases phases() {
    return Phases.parse(get(TrainingOptions.PHASES));
  }

  /** Side of the GAN's patches in pixels. */
  int patchSize() {
    int given = get(LossOptions.GAN_PATCH_SIZE);
    return given > 0 ? given : resolution() / 8;
  }

  /** A copy as phase {@code index} has it, without the recipe. */
  SaehdOptions phase(int index) {
    return with(TrainingOptions.PHASES, "").withText(phases().changesAt(index));
  }

  /**
   * What holds for the step from {@code iteration} to the next: the recipe's changes by then, and
   * what pretraining forces. The recipe itself is not in it.
   */
  public SaehdOptions inForce(long iteration) {
    int phase = phases().at(iteration);
    SaehdOptions now = phase < 0 ? this : phase(phase);
    return now.get(TrainingOptions.PRETRAIN) ? now.pretraining() : now;
  }

  /**
   * What pretraining forces (spec model.md 1.4); the true face's term too, which the original keeps
   * against a discriminator that does not learn.
   */
  private SaehdOptions pretraining() {
    String transfer = get(SampleOptions.CT_MODE);
    return with(OptionTable.RANDOM_WARP, false)
        .with(OptionTable.RANDOM_SRC_FLIP, true)
        .with(OptionTable.RANDOM_DST_FLIP, true)
        .with(SampleOptions.RANDOM_HSV_POWER, 0.0)
        .with(OptionTable.UNIFORM_YAW, true)
        .with(SampleOptions.CT_MODE, transfer.endsWith("-aug") ? transfer : "none")
        .with(LossOptions.GAN_POWER, 0.0)
        .with(LossOptions.TRUE_FACE_POWER, 0.0)
        .with(LossOptions.FACE_STYLE_POWER, 0.0)
        .with(LossOptions.BG_STYLE_POWER, 0.0)
        .with(TrainingOptions.LR_DROPOUT, "n");
  }

  /** What a training step does besides; of options that are {@link #inForce}. */
  public StepSettings step() {
    Optimizer.Rule rule =
        get(OptionTable.ADABELIEF) ? Optimizer.Rule.ADABELIEF : Optimizer.Rule.RMSPROP;
    boolean dropout = !get(TrainingOptions.LR_DROPOUT).equals("n");
    Optimizer optimizer =
        new Optimizer(
            StepSettings.OPTIMIZER,
            rule,
            get(OptionTable.LR),
            dropout ? StepSettings.COSINE_PERIOD : 0,
            get(TrainingOptions.CLIPGRAD) ? 1 : 0,
            dropout ? StepSettings.DROPOUT_KEEPS : 1,
            !get(TrainingOptions.MODELS_OPT_ON_GPU));
    return new StepSettings(
        batchSize(),
        dtype(),
        optimizer,
        losses(),
        adversaries(),
        get(OptionTable.RANDOM_WARP),
        get(OptionTable.SEED),
        !get(SampleOptions.EXACT_BATCHES));
  }

  /** What convolutions compute in: F32, BF16 or F16. */
  private DType dtype() {
    return switch (get(TrainingOptions.PRECISION)) {
      case "bf16" -> DType.BF16;
      case "f16" -> DType.F16;
      default -> get(TrainingOptions.USE_FP16) ? DType.BF16 : DType.F32;
    };
  }

  private LossSettings losses() {
    return new LossSettings(
        get(OptionTable.MASKED_TRAINING),
        isMve(),
        get(LossOptions.BLUR_OUT_MASK),
        LossSettings.Similarity.named(get(LossOptions.LOSS_FUNCTION)).orElseThrow(),
        LossSettings.Priority.of(
            isMve(),
            get(LossOptions.EYES_MOUTH_PRIO),
            get(LossOptions.EYES_PRIO),
            get(LossOptions.MOUTH_PRIO)),
        get(LossOptions.BACKGROUND_POWER),
        get(LossOptions.FACE_STYLE_POWER),
        get(LossOptions.BG_STYLE_POWER));
  }

  private Adversaries adversaries() {
    double gan = get(LossOptions.GAN_POWER);
    double trueFace = get(LossOptions.TRUE_FACE_POWER);
    if (gan == 0) {
      return new Adversaries(trueFace, 0, Adversaries.NONE.patch());
    }
    Adversaries.Patch patch =
        new Adversaries.Patch(
            patchSize(),
            get(LossOptions.GAN_DIMS),
            isMve() ? get(LossOptions.GAN_SMOOTHING) : 0,
            isMve() ? get(LossOptions.GAN_NOISE) : 0,
            !isMve());
    return new Adversaries(trueFace, gan, patch);
  }
}
