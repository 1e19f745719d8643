package org.likeness.gpucheck;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The results beside the pass marks B1 to B12 of the specification (spec performance.md 6). */
final class PassMarks {
  private static final String[] OURS = {
    StepStage.LIKENESS_BF16, StepStage.LIKENESS_TF32, StepStage.LIKENESS_F32
  };
  private static final String NO_PAIR = "one of the two was not measured";
  private static final double GIB_24 = 24.0 * (1L << 30);

  private final CheckResults results;
  private final List<Map<String, Object>> marks = new ArrayList<>();

  PassMarks(CheckResults results) {
    this.results = results;
  }

  /** Returns every mark: what is asked, what was reached, or why it is not known. */
  List<Map<String, Object>> all() {
    for (String w : List.of("M", "L")) {
      ratio("B1", "step " + w + ", ours / PyTorch compiled bf16", 0.95, w, StepStage.COMPILED_BF16);
      ratio("B2", "step " + w + ", ours / eager bf16 channels last", 0.75, w, StepStage.EAGER_BF16);
      ratio("B3", "step " + w + ", ours / eager TF32 as written", 0.33, w, StepStage.EAGER_TF32);
      atLeast(
          "B4", "step " + w + ", share of the measured peak", 0.55, utilisation(w), "not timed");
    }
    ratio("B5", "step S, ours / PyTorch compiled", 0.8, "S", StepStage.COMPILED_BF16);
    atMost(
        "B6",
        "memory of L, ours / eager bf16",
        0.42,
        quotient(best("L", "device_bytes"), number("L", StepStage.EAGER_BF16, "device_bytes")),
        NO_PAIR);
    unknown("B7", "memory of L in low-memory mode", 0.25, "micro-batches are not benchmarked yet");
    atMost(
        "B8",
        "memory of L / 24 GB, without the context",
        0.33,
        quotient(best("L", "device_bytes"), Optional.of(GIB_24)),
        "L was not measured");
    planned();
    unknown("B10", "recomputation curve", 1.05, "not measured here");
    unknown("B11", "micro-batch curve", 1.05, "gradients are tested, times are not measured here");
    kernels("B12", "slowest convolution, share of its roofline", 0.55, n -> n.startsWith("conv"));
    kernels(
        "B12",
        "slowest loss or data movement, share of copy",
        0.80,
        n -> !n.startsWith("conv") && !n.equals("dense"));
    return marks;
  }

  private Optional<Double> number(String workload, String side, String figure) {
    return StepFigures.number(results, workload, side, figure);
  }

  /** Returns the least of ours: the mode that would be chosen. */
  private Optional<Double> best(String workload, String figure) {
    Optional<Double> best = Optional.empty();
    for (String side : OURS) {
      Optional<Double> one = number(workload, side, figure);
      best = best.isEmpty() || (one.isPresent() && one.get() < best.get()) ? one : best;
    }
    return best;
  }

  private void ratio(String mark, String what, double required, String workload, String side) {
    atMost(
        mark,
        what,
        required,
        quotient(best(workload, "median_ms"), number(workload, side, "median_ms")),
        NO_PAIR);
  }

  private static Optional<Double> quotient(Optional<Double> ours, Optional<Double> theirs) {
    return ours.flatMap(a -> theirs.map(b -> a / b));
  }

  private Optional<Double> utilisation(String workload) {
    double peak = kernelFigures().path("tensorFlopsPerSecond").asDouble();
    Optional<Double> flops = best(workload, "flops");
    return peak == 0
        ? Optional.empty()
        : quotient(flops, best(workload, "median_ms").map(ms -> ms / 1e3 * peak));
  }

  /** The largest workload that was measured: what kernels take beside the plan weighs least. */
  private void planned() {
    Optional<Double> found = Optional.empty();
    for (String w : StepFigures.WORKLOADS) {
      Optional<Double> one =
          quotient(
              number(w, StepStage.LIKENESS_F32, "planned_bytes"),
              number(w, StepStage.LIKENESS_F32, "device_bytes"));
      found = one.isPresent() ? one : found;
    }
    boolean met = found.isPresent() && Math.abs(found.get() - 1) <= 0.01;
    add("B9", "planned / taken memory", "1.00 ± 0.01", found, met, "no step was run");
  }

  private JsonNode kernelFigures() {
    return JsonMapper.shared()
        .valueToTree(results.outcome("kernels").map(Outcome::figures).orElse(Map.of()));
  }

  /** Of ours and the libraries' kernels for one shape the faster counts: that is what is used. */
  private void kernels(String mark, String what, double required, Predicate<String> names) {
    Map<String, Double> best = new HashMap<>();
    for (JsonNode kernel : kernelFigures().path("kernels")) {
      String name = kernel.path("name").asString();
      if (names.test(name)) {
        String shape = name + " " + kernel.path("type").asString();
        best.merge(shape, kernel.path("share").asDouble(), Math::max);
      }
    }
    Optional<Double> reached = best.values().stream().min(Double::compare);
    atLeast(mark, what, required, reached, "no kernel was measured");
  }

  private void atMost(
      String mark, String what, double required, Optional<Double> reached, String why) {
    add(
        mark,
        what,
        "≤ " + required,
        reached,
        reached.isPresent() && reached.get() <= required,
        why);
  }

  private void atLeast(
      String mark, String what, double required, Optional<Double> reached, String why) {
    add(
        mark,
        what,
        "≥ " + required,
        reached,
        reached.isPresent() && reached.get() >= required,
        why);
  }

  private void unknown(String mark, String what, double required, String why) {
    add(mark, what, "≤ " + required, Optional.empty(), false, why);
  }

  private void add(
      String mark, String what, String asked, Optional<Double> reached, boolean met, String why) {
    boolean known = reached.isPresent() && !results.dry();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("mark", mark);
    row.put("what", what);
    row.put("asked", asked);
    row.put("reached", known ? reached.get() : null);
    row.put("met", known ? met : null);
    row.put("unknown", known ? null : results.dry() ? "a dry run" : why);
    marks.add(row);
  }

  /** Returns the table, what falls short named as such. */
  static String markdown(List<Map<String, Object>> marks) {
    StringBuilder text =
        new StringBuilder("\n| mark | | asked | reached | |\n|---|---|---|---:|---|\n");
    for (Map<String, Object> row : marks) {
      String reached =
          row.get("reached") instanceof Double d ? String.format(Locale.ROOT, "%.3f", d) : "";
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s |%n",
              row.get("mark"),
              row.get("what"),
              row.get("asked"),
              reached,
              reached.isEmpty()
                  ? row.get("unknown")
                  : Boolean.TRUE.equals(row.get("met")) ? "met" : "**falls short**"));
    }
    return text.toString();
  }
}
