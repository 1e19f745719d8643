package org.likeness.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.saehd.InvalidOptionException;
import org.likeness.saehd.SaehdOptions;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A YAML file of options. Sections may be nested, as DeepFaceLab-MVE writes them (spec model.md
 * 1.6): only the innermost names count.
 */
final class OptionsFile {
  private static final String PHASES = "phases";

  private OptionsFile() {}

  /** Names and values as text; a refusal of any of them names the file. */
  static Map<String, String> read(Path file) throws IOException {
    Map<String, String> values = values(file);
    try {
      values.forEach(SaehdOptions::check);
    } catch (InvalidOptionException e) {
      throw new InvalidOptionException(file + ": " + e.getMessage());
    }
    return values;
  }

  private static Map<String, String> values(Path file) throws IOException {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new IOException("there is no options file " + file, e);
    } catch (JacksonException e) {
      throw new IOException(
          "%s, line %d is not YAML: write one \"name: value\" on each line"
              .formatted(file, e.getLocation() == null ? 1 : e.getLocation().getLineNr()),
          e);
    }
    Map<String, String> values = new LinkedHashMap<>();
    if (root.isObject()) {
      flatten(file, root, values);
    } else if (!root.isMissingNode() && !root.isNull()) {
      throw new IOException(file + " holds no options: write one \"name: value\" on each line");
    }
    return values;
  }

  private static void flatten(Path file, JsonNode section, Map<String, String> values)
      throws IOException {
    for (Map.Entry<String, JsonNode> entry : section.properties()) {
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        flatten(file, value, values);
      } else if (!value.isNull()) {
        String text =
            entry.getKey().equals(PHASES) && value.isArray()
                ? phases(file, value)
                : value.isArray() ? value.toString() : value.asString();
        if (values.put(entry.getKey(), text) != null) {
          throw new IOException(
              "%s sets %s twice: remove one of the two lines".formatted(file, entry.getKey()));
        }
      }
    }
  }

  /** A list of phases as the option's text: "until=100; lr_dropout=y". */
  private static String phases(Path file, JsonNode list) throws IOException {
    List<String> phases = new ArrayList<>();
    for (JsonNode phase : list) {
      if (!phase.isObject()) {
        throw new IOException(
            "%s: phase %d is no list of \"name: value\"".formatted(file, phases.size() + 1));
      }
      List<String> changes = new ArrayList<>();
      phase
          .properties()
          .forEach(change -> changes.add(change.getKey() + "=" + change.getValue().asString()));
      phases.add(String.join(", ", changes));
    }
    return String.join("; ", phases);
  }
}
