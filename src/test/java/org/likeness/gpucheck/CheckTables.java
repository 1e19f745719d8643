package org.likeness.gpucheck;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The results as people read them. */
final class CheckTables {
  private final CheckResults results;

  CheckTables(CheckResults results) {
    this.results = results;
  }

  /** Returns what a stage found as a tree; one without children where it found nothing. */
  private JsonNode figures(String stage) {
    Map<String, Object> figures = results.outcome(stage).map(Outcome::figures).orElse(Map.of());
    return JsonMapper.shared().valueToTree(figures);
  }

  /** Returns a line for the system, each GPU and each library. */
  String machine() {
    JsonNode found = figures("machine");
    StringBuilder text = new StringBuilder();
    text.append(line("System", found.path("machine").path("system").asString("unknown")));
    for (JsonNode gpu : found.path("gpus")) {
      text.append(
          line(
              "GPU",
              String.format(
                  Locale.ROOT,
                  "%s, compute capability %s, %.1f GiB, %s multiprocessors, %s MHz, %s",
                  gpu.path("name").asString(),
                  gpu.path("capability").asString(),
                  gpu.path("memory_bytes").asDouble() / (1L << 30),
                  gpu.path("multiprocessors").asString(),
                  gpu.path("megahertz").asString("unknown"),
                  gpu.path("uuid").asString())));
    }
    for (JsonNode library : found.path("libraries")) {
      String where = library.path("place").asString("");
      text.append(
          line(
              library.path("name").asString(),
              where.isEmpty() ? "not found" : where + ": " + library.path("version").asString("")));
    }
    for (String workload : StepFigures.WORKLOADS) {
      JsonNode clocks = figures(StepFigures.stage(workload)).path("clocks");
      if (!clocks.isEmpty()) {
        text.append(line("While steps of " + workload + " ran", range(clocks)));
      }
    }
    return text.append("\n").toString();
  }

  private static String range(JsonNode clocks) {
    return clocks
        .propertyStream()
        .map(
            e ->
                String.format(
                    Locale.ROOT,
                    "%s %.0f to %.0f",
                    e.getKey().replace('_', ' '),
                    e.getValue().path("least").asDouble(),
                    e.getValue().path("most").asDouble()))
        .collect(Collectors.joining(", "));
  }

  private static String line(String name, String words) {
    return "- " + name + ": " + words + "\n";
  }

  /** Returns a row for each side of each workload. */
  String steps() {
    List<JsonNode> sides = StepFigures.all(results);
    if (sides.isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            """

            | workload | side | median ms | TFLOP/s | planned MiB | taken MiB |
            |---|---|---:|---:|---:|---:|
            """);
    for (JsonNode side : sides) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s |%n",
              side.path("workload").asString(),
              side.path("side").asString(),
              side.has("median_ms")
                  ? fixed("%.2f", side.path("median_ms").asDouble())
                  : side.path("problem").asString().replace("|", "\\|"),
              side.has("flops")
                  ? fixed(
                      "%.1f",
                      side.path("flops").asDouble() / side.path("median_ms").asDouble() / 1e9)
                  : "",
              mebibytes(side.path("planned_bytes")),
              mebibytes(side.path("device_bytes"))));
    }
    return text.toString();
  }

  private static String fixed(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String mebibytes(JsonNode bytes) {
    return bytes.isNumber() ? Long.toString(bytes.asLong() >> 20) : "";
  }

  /** Returns a row for each kernel, with its share of the roofline. */
  String kernels() {
    JsonNode found = figures("kernels");
    if (found.path("kernels").isEmpty()) {
      return "";
    }
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%nMeasured rates: copy %.0f GB/s, f32 %.1f TFLOP/s, tensor cores %.1f TFLOP/s.%n",
                found.path("bytesPerSecond").asDouble() / 1e9,
                found.path("f32FlopsPerSecond").asDouble() / 1e12,
                found.path("tensorFlopsPerSecond").asDouble() / 1e12));
    text.append("\n| kernel | type | way | ms | share |\n|---|---|---|---:|---:|\n");
    for (JsonNode kernel : found.path("kernels")) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %.3f | %.2f |%n",
              kernel.path("name").asString(),
              kernel.path("type").asString(),
              kernel.path("way").asString(),
              kernel.path("seconds").asDouble() * 1e3,
              kernel.path("share").asDouble()));
    }
    return text.toString();
  }
}
