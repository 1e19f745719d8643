package org.likeness.gpucheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whole training steps of one standard workload: ours, PyTorch's where it is there, ours again,
 * each in a process of its own.
 *
 * @param workload S, M or L
 */
record StepStage(Setup setup, String workload) {
  static final String LIKENESS_F32 = "Likeness f32";
  static final String LIKENESS_TF32 = "Likeness TF32";
  static final String LIKENESS_BF16 = "Likeness bf16";
  static final String EAGER_TF32 = "PyTorch eager TF32";
  static final String EAGER_BF16 = "PyTorch eager bf16 channels last";
  static final String COMPILED_BF16 = "PyTorch compiled bf16 channels last";

  /** Of the benchmarks, which are no part of the project and so known by name alone. */
  private static final String BENCHMARK = "org.likeness.benchmarks.StepBenchmark";

  private static final Path PEER = Path.of("benchmarks", "peers", "saehd_torch_step.py");

  /** One program and the runs of it that ended. */
  private record Side(
      String name, List<String> command, List<JsonNode> runs, List<String> problems) {
    Side(String name, List<String> command) {
      this(name, command, new ArrayList<>(), new ArrayList<>());
    }
  }

  Outcome run(Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    List<Side> sides = ours();
    Optional<String> missing = missingTorch();
    if (missing.isEmpty()) {
      sides.addAll(torch());
    }
    List<Side> turns = new ArrayList<>(sides);
    turns.addAll(sides.subList(0, 2).reversed());
    try (AutoSampler sampler = new AutoSampler(ClockSampler.start())) {
      for (Side side : setup.dry() ? sides : turns) {
        turn(side, Duration.ofNanos(end - System.nanoTime()));
      }
      return outcome(sides, missing, sampler.figures());
    }
  }

  /** A sampler that may not be there. */
  private record AutoSampler(Optional<ClockSampler> sampler) implements AutoCloseable {
    Map<String, Object> figures() {
      return sampler.map(ClockSampler::figures).orElse(Map.of());
    }

    @Override
    public void close() {
      sampler.ifPresent(ClockSampler::close);
    }
  }

  private Outcome outcome(List<Side> sides, Optional<String> missing, Map<String, Object> clocks) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("sides", sides.stream().map(this::summed).toList());
    figures.put("clocks", clocks);
    missing.ifPresent(reason -> figures.put("pytorch", reason));
    String summary =
        sides.stream()
                .map(s -> s.name() + " " + (s.runs().isEmpty() ? why(s) : ms(median(s)) + " ms"))
                .collect(Collectors.joining("; "))
            + missing.map(reason -> "; no PyTorch: " + reason).orElse("");
    boolean measured = sides.stream().anyMatch(s -> !s.runs().isEmpty());
    boolean wrong =
        sides.subList(0, 2).stream().anyMatch(s -> s.runs().isEmpty() && !tooLarge(why(s)));
    return wrong
        ? Outcome.failed(summary, figures)
        : measured ? Outcome.passed(summary, figures) : Outcome.skipped(summary);
  }

  /** A card may be too small for a workload in full batches: that is no fault. */
  private static boolean tooLarge(String words) {
    return words.contains("bytes free, the plan needs") || words.contains("no time was left");
  }

  private static String why(Side side) {
    return side.problems().isEmpty() ? "was not run" : side.problems().getLast();
  }

  private static String ms(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static double median(Side side) {
    double[] all =
        side.runs().stream()
            .flatMap(run -> run.path("step_ms").valueStream())
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    return Arrays.stream(all, (all.length - 1) / 2, all.length / 2 + 1).average().orElse(0);
  }

  private Map<String, Object> summed(Side side) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("workload", workload);
    figures.put("side", side.name());
    if (side.runs().isEmpty()) {
      figures.put("problem", why(side));
      return figures;
    }
    figures.put("median_ms", median(side));
    for (String name : List.of("planned_bytes", "device_bytes", "reserved_bytes", "flops")) {
      JsonNode value = side.runs().getFirst().path(name);
      if (value.isNumber()) {
        figures.put(name, value.isIntegralNumber() ? value.asLong() : value.asDouble());
      }
    }
    figures.put("runs", side.runs());
    return figures;
  }

  private void turn(Side side, Duration left) throws IOException, InterruptedException {
    if (left.isNegative()) {
      side.problems().add("no time was left");
      return;
    }
    Child child = setup.run(side.command(), left);
    if (child.status() == 0 && !child.lines().isEmpty()) {
      side.runs().add(JsonMapper.shared().readTree(child.lines().getLast()));
    } else {
      side.problems().add(child.killed() ? "no time was left" : child.lastWords());
    }
  }

  private List<Side> ours() {
    return new ArrayList<>(
        List.of(
            likeness(LIKENESS_F32),
            likeness(LIKENESS_TF32, "--tf32"),
            likeness(LIKENESS_BF16, "--bf16")));
  }

  private Side likeness(String name, String... options) {
    List<String> command = new ArrayList<>(setup.java(BENCHMARK, arguments()));
    command.addAll(List.of(options));
    return new Side(name, command);
  }

  private List<Side> torch() {
    return new ArrayList<>(
        List.of(
            torch(EAGER_TF32, "--tf32"),
            torch(EAGER_BF16, "--tf32", "--bf16", "--separable"),
            torch(COMPILED_BF16, "--tf32", "--bf16", "--separable", "--compile")));
  }

  private Side torch(String name, String... options) {
    List<String> command = new ArrayList<>(List.of(setup.python(), PEER.toString()));
    command.addAll(arguments());
    command.addAll(List.of(options));
    return new Side(name, command);
  }

  private List<String> arguments() {
    List<String> shape =
        setup.dry()
            ? List.of("df-ud", "64", "1", "8", "4", "4", "2", "1", "1")
            : switch (workload) {
              case "S" -> List.of("df-ud", "128", "8", "256", "64", "64", "22", "20", "100");
              case "M" -> List.of("liae-udt", "416", "16", "256", "64", "64", "22", "5", "20");
              case "L" -> List.of("liae-udt", "704", "16", "256", "64", "64", "22", "5", "15");
              default -> throw new IllegalArgumentException(workload);
            };
    List<String> arguments = new ArrayList<>(List.of("--device=cuda", "--archi=" + shape.get(0)));
    arguments.addAll(List.of("--resolution=" + shape.get(1), "--batch=" + shape.get(2), "--dims"));
    arguments.addAll(shape.subList(3, 7));
    arguments.addAll(List.of("--warmup=" + shape.get(7), "--steps=" + shape.get(8)));
    return arguments;
  }

  private Optional<String> missingTorch() throws InterruptedException {
    if (setup.dry()) {
      return Optional.of("not in a dry run");
    }
    if (!Files.isRegularFile(PEER)) {
      return Optional.of(PEER + " is missing");
    }
    try {
      String test = "import torch; assert torch.cuda.is_available(), 'it sees no GPU'";
      Child child = setup.run(List.of(setup.python(), "-c", test), Duration.ofMinutes(1));
      return child.status() == 0 ? Optional.empty() : Optional.of(child.lastWords());
    } catch (IOException e) {
      return Optional.of(setup.python() + " cannot be started");
    }
  }
}
