package org.likeness.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.likeness.format.FormatException;
import org.likeness.format.SafetensorsFile;
import org.likeness.format.SafetensorsTensor;
import org.likeness.graph.DType;
import org.likeness.nn.Optimizer;
import org.likeness.saehd.Adversaries;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.LossSettings;
import org.likeness.saehd.StepSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A short training run, recorded exactly (spec golden.md). */
final class GoldenFile implements AutoCloseable {
  private static final Set<String> KNOWN =
      Set.of(
          "background_power",
          "bg_style_power",
          "blur_out_mask",
          "clipgrad",
          "dialect",
          "eyes_mouth_prio",
          "eyes_prio",
          "face_style_power",
          "face_type",
          "gan_dims",
          "gan_noise",
          "gan_patch_size",
          "gan_power",
          "gan_smoothing",
          "loss_function",
          "lr",
          "lr_dropout",
          "masked_training",
          "mouth_prio",
          "random_warp",
          "retraining_samples",
          "true_face_power");

  private final Path path;
  private final SafetensorsFile file;
  private final Map<String, Object> options;

  private GoldenFile(Path path, SafetensorsFile file) throws IOException {
    this.path = path;
    this.file = file;
    String json = file.metadata().getOrDefault("options", "{}");
    try {
      options = JsonMapper.shared().readValue(json, new TypeReference<>() {});
    } catch (JacksonException e) {
      throw new FormatException(path + ": its options are no JSON object: " + json);
    }
  }

  /** Opens a file and refuses one that cannot be replayed. */
  static GoldenFile open(Path path) throws IOException {
    GoldenFile golden = new GoldenFile(path, SafetensorsFile.open(path));
    List<String> reasons = new ArrayList<>();
    for (String option : new TreeSet<>(golden.options.keySet())) {
      if (!KNOWN.contains(option)) {
        reasons.add(option + " is not known here");
      }
    }
    String mask = golden.file.metadata().get("lr_dropout_mask");
    boolean dropout = !"n".equals(golden.options.getOrDefault("lr_dropout", "n"));
    if (dropout ? !"ones".equals(mask) : mask != null && !mask.equals("ones")) {
      reasons.add("lr_dropout drew random masks, which no file records");
    }
    if (golden.number("gan_noise") > 0) {
      reasons.add("gan_noise drew random labels, which no file records");
    }
    if (!reasons.isEmpty()) {
      golden.close();
      throw new UnsupportedGoldenException(path, reasons);
    }
    return golden;
  }

  Architecture architecture() throws FormatException {
    return Architecture.of(
        text("archi"),
        integer("resolution"),
        new Architecture.Dims(
            integer("ae_dims"), integer("e_dims"), integer("d_dims"), integer("d_mask_dims")));
  }

  StepSettings settings(DType dtype) throws FormatException {
    Optimizer.Rule rule =
        switch (text("optimizer")) {
          case "rmsprop" -> Optimizer.Rule.RMSPROP;
          case "adabelief" -> Optimizer.Rule.ADABELIEF;
          default ->
              throw new FormatException(
                  path
                      + ": optimizer \""
                      + text("optimizer")
                      + "\" is neither rmsprop nor"
                      + " adabelief");
        };
    boolean mve = "MVE".equals(options.getOrDefault("dialect", "MVE"));
    boolean dropout = !"n".equals(options.getOrDefault("lr_dropout", "n"));
    Optimizer optimizer =
        new Optimizer(
            StepSettings.OPTIMIZER,
            rule,
            Double.parseDouble(text("lr")),
            dropout ? StepSettings.COSINE_PERIOD : 0,
            flag("clipgrad") ? 1 : 0,
            1);
    LossSettings losses =
        new LossSettings(
            !Boolean.FALSE.equals(options.get("masked_training")),
            mve,
            flag("blur_out_mask"),
            similarity(),
            LossSettings.Priority.of(
                mve, flag("eyes_mouth_prio"), flag("eyes_prio"), flag("mouth_prio")),
            number("background_power"),
            number("face_style_power"),
            number("bg_style_power"));
    boolean warped = !Boolean.FALSE.equals(options.get("random_warp"));
    return new StepSettings(
        integer("batch"), dtype, optimizer, losses, adversaries(mve), warped, 0);
  }

  private Adversaries adversaries(boolean mve) throws FormatException {
    Adversaries.Patch patch =
        new Adversaries.Patch(
            (int) number("gan_patch_size", integer("resolution") / 8),
            (int) number("gan_dims", 16),
            mve ? number("gan_smoothing", 0.1) : 0,
            mve ? number("gan_noise", 0) : 0,
            !mve);
    return new Adversaries(number("true_face_power"), number("gan_power"), patch);
  }

  private LossSettings.Similarity similarity() throws FormatException {
    String name = String.valueOf(options.getOrDefault("loss_function", "SSIM"));
    return LossSettings.Similarity.named(name)
        .orElseThrow(
            () -> new FormatException(path + ": there is no loss_function \"" + name + "\""));
  }

  /** Tells whether the worst samples were learned again (spec model.md 6.2). */
  boolean retraining() {
    return flag("retraining_samples");
  }

  /** Returns the optimiser's counter at the start. */
  long startCounter() throws FormatException {
    return file.metadata().containsKey("iters0") ? integer("iters0") : 0;
  }

  int steps() throws FormatException {
    return integer("steps");
  }

  int batches() {
    int count = 0;
    while (file.tensors().containsKey("batch" + count + "/warped_src")) {
      count++;
    }
    return count;
  }

  /** Returns the tensor of this name, or null. */
  SafetensorsTensor find(String name) {
    return file.tensors().get(name);
  }

  /** Returns the tensor of this name, or refuses with the file's path. */
  SafetensorsTensor tensor(String name) throws FormatException {
    return file.tensor(name);
  }

  /** Returns the names of a group, "grad" for example, without their prefix. */
  Set<String> group(String group) {
    Set<String> names = new LinkedHashSet<>();
    for (String name : file.tensors().keySet()) {
      if (name.startsWith(group + "/")) {
        names.add(name.substring(group.length() + 1));
      }
    }
    return names;
  }

  private boolean flag(String name) {
    return Boolean.TRUE.equals(options.get(name));
  }

  private double number(String name) {
    return number(name, 0);
  }

  private double number(String name, double preset) {
    return options.get(name) instanceof Number n ? n.doubleValue() : preset;
  }

  private String text(String key) throws FormatException {
    String value = file.metadata().get(key);
    if (value == null) {
      throw new FormatException(path + " says no \"" + key + "\", so it is no golden file");
    }
    return value;
  }

  private int integer(String key) throws FormatException {
    try {
      return Integer.parseInt(text(key));
    } catch (NumberFormatException e) {
      throw new FormatException(path + ": " + key + " is \"" + text(key) + "\", no whole number");
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
