package org.likeness.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The outcome of a comparison, with what a reader needs to repeat it.
 *
 * @param notes what was left out, and why
 */
record Report(
    @JsonProperty("date") String date,
    @JsonProperty("processor") String processor,
    @JsonProperty("system") String system,
    @JsonProperty("threads") int threads,
    @JsonProperty("rows") List<Row> rows,
    @JsonProperty("notes") List<String> notes) {
  /** Writes the report as step.md, step.csv and step.json. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("step.md"), markdown());
    Files.writeString(folder.resolve("step.csv"), csv());
    JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(folder.resolve("step.json"), json.writeValueAsString(this) + "\n");
  }

  /** Returns the table; ratios are to the other side's row of the same workload. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(processor).append(", ").append(threads).append(" threads, ").append(system);
    text.append(", ").append(date).append(".\n");
    rows.stream().map(Row::version).distinct().forEach(v -> text.append(v).append(".\n"));
    text.append(
        "\n| workload | side | median ms | min ms | time | peak MiB | at start | memory |"
            + " activations MiB | activations |");
    text.append("\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (Row row : rows) {
      Row peer = peer(row);
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %.1f | %.1f | %s | %s | %s | %s | %s | %s |%n",
              row.workload(),
              row.side(),
              row.medianMs(),
              row.minMs(),
              peer == null ? "" : ratio(row.medianMs(), peer.medianMs()),
              Objects.toString(row.peakMib(), "unknown"),
              Objects.toString(row.startMib(), "unknown"),
              peer == null ? "" : ratio(row.peakMib(), peer.peakMib()),
              Objects.toString(row.activationMib(), "unknown"),
              peer == null ? "" : ratio(row.activationMib(), peer.activationMib())));
    }
    notes.forEach(note -> text.append("\n").append(note).append("\n"));
    return text.toString().replace("\r\n", "\n");
  }

  private String csv() {
    return rows.stream()
        .map(
            row ->
                String.format(
                    Locale.ROOT,
                    "\"%s\",%s,%.3f,%.3f,%d,%s,%s,%s,\"%s\"\n",
                    row.workload(),
                    row.side(),
                    row.medianMs(),
                    row.minMs(),
                    row.steps(),
                    Objects.toString(row.peakMib(), ""),
                    Objects.toString(row.startMib(), ""),
                    Objects.toString(row.activationMib(), ""),
                    row.version()))
        .collect(
            Collectors.joining(
                "",
                "workload,side,median_ms,min_ms,steps,peak_mib,start_mib,activation_mib,version\n",
                ""));
  }

  /** Returns the other side's row for one of ours, or null. */
  private Row peer(Row row) {
    return rows.stream()
        .filter(other -> row.side().equals("Likeness"))
        .filter(other -> other.workload().equals(row.workload()) && other != row)
        .findFirst()
        .orElse(null);
  }

  private static String ratio(Long ours, Long theirs) {
    return ours == null || theirs == null ? "" : ratio((double) ours, (double) theirs);
  }

  private static String ratio(double ours, double theirs) {
    return String.format(Locale.ROOT, "%.2f ×", ours / theirs);
  }
}
