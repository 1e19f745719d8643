package org.likeness.train;

import java.io.IOException;
import java.nio.file.Path;
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
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A short training run, recorded exactly (spec golden.md). */
final class GoldenFile implements AutoCloseable {
  private static final Set<String> BUILT =
      Set.of("dialect", "lr", "random_warp", "clipgrad", "masked_training", "face_type");

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

  /** Opens a file and refuses one that asks for what is not built. */
  static GoldenFile open(Path path) throws IOException {
    GoldenFile golden = new GoldenFile(path, SafetensorsFile.open(path));
    Set<String> unbuilt = new TreeSet<>(golden.options.keySet());
    unbuilt.removeAll(BUILT);
    for (String key : List.of("iters0", "lr_dropout_mask")) {
      if (golden.file.metadata().containsKey(key)) {
        unbuilt.add(key);
      }
    }
    if (!unbuilt.isEmpty()) {
      golden.close();
      throw new UnsupportedGoldenException(path, List.copyOf(unbuilt));
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
    double clip = flag("clipgrad", false) ? 1 : 0;
    double rate = Double.parseDouble(text("lr"));
    Optimizer optimizer = new Optimizer(StepSettings.OPTIMIZER, rule, rate, 0, clip, 1);
    boolean mve = "MVE".equals(options.getOrDefault("dialect", "MVE"));
    return new StepSettings(
        integer("batch"),
        dtype,
        optimizer,
        flag("masked_training", true),
        mve,
        flag("random_warp", true),
        0);
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

  private boolean flag(String name, boolean preset) {
    return options.getOrDefault(name, preset) instanceof Boolean b ? b : preset;
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
