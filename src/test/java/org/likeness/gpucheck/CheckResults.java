package org.likeness.gpucheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What is known so far; both files are written anew, each in one move, as every stage ends. */
final class CheckResults {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;
  private final boolean dry;
  private final String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  private final List<Entry> entries = new ArrayList<>();

  /** A stage that has ended. */
  record Entry(Stage stage, Outcome outcome, double seconds) {}

  CheckResults(Path folder, boolean dry) {
    this.folder = folder;
    this.dry = dry;
  }

  /** Keeps what came of a stage, on the disk too. */
  void add(Entry entry) throws IOException {
    entries.add(entry);
    Files.createDirectories(folder);
    replace("gpu-check.json", JSON.writeValueAsString(json()) + "\n");
    replace("gpu-check.md", markdown());
  }

  private void replace(String name, String text) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.writeString(part, text);
    Files.move(
        part,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Returns what came of a stage, if it has ended. */
  Optional<Outcome> outcome(String stage) {
    return entries.stream()
        .filter(e -> e.stage().name().equals(stage))
        .map(Entry::outcome)
        .findFirst();
  }

  /** Returns whether sizes are tiny, so that no figure means anything. */
  boolean dry() {
    return dry;
  }

  /** Returns whether nothing failed so far. */
  boolean green() {
    return entries.stream().allMatch(e -> e.outcome().green());
  }

  private Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("started", started);
    json.put("dry_run", dry);
    json.put("green", green());
    List<Map<String, Object>> stages = new ArrayList<>();
    for (Entry e : entries) {
      Map<String, Object> stage = new LinkedHashMap<>();
      stage.put("name", e.stage().name());
      stage.put("status", e.outcome().status().name().toLowerCase(Locale.ROOT));
      stage.put("seconds", e.seconds());
      stage.put("limit_seconds", e.stage().limit().toSeconds());
      stage.put("summary", e.outcome().summary());
      stage.put("figures", e.outcome().figures());
      stages.add(stage);
    }
    json.put("stages", stages);
    json.put("pass_marks", new PassMarks(this).all());
    return json;
  }

  private String markdown() {
    StringBuilder text = new StringBuilder("# GPU check\n\n");
    text.append("Started ").append(started).append(". ");
    if (dry) {
      text.append("A dry run: sizes are tiny and times mean nothing. ");
    }
    text.append(green() ? "Nothing failed.\n\n" : "Something failed.\n\n");
    CheckTables tables = new CheckTables(this);
    text.append(tables.machine());
    text.append("| stage | result | seconds | |\n|---|---|---:|---|\n");
    for (Entry e : entries) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.0f | %s |%n",
              e.stage().title(),
              words(e.outcome().status()),
              e.seconds(),
              e.outcome().summary().replace("|", "\\|")));
    }
    text.append(tables.steps()).append(tables.kernels());
    text.append(PassMarks.markdown(new PassMarks(this).all()));
    return text.toString().replace("\r\n", "\n");
  }

  private static String words(Outcome.Status status) {
    return status.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
