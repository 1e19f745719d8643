package org.likeness.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compares the whole training step with PyTorch's: processes of both sides take turns on this
 * machine, and the table tells the time of a step and the most memory resident.
 */
@Command(
    name = "StepComparison",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Times whole training steps beside PyTorch's, in turns, and writes a table.")
public final class StepComparison implements Callable<Integer> {
  @Option(
      names = "--workloads",
      split = ",",
      description = "names of standard workloads: XS, XS-liae, S, M, L")
  private List<String> names = List.of("XS", "XS-liae", "S");

  @Option(names = "--rounds", description = "processes of each side for each workload")
  private int rounds = 3;

  @Option(names = "--seconds", description = "about how long each process measures")
  private double seconds = 8;

  @Option(names = "--threads", description = "of either side")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--python", description = "a Python that has torch")
  private String python =
      System.getProperty("os.name").startsWith("Windows") ? "python" : "python3";

  @Option(names = "--output", description = "folder for step.md, step.csv and step.json")
  private Path output = Path.of("target", "results");

  private StepComparison() {}

  /** Runs the comparison. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new StepComparison()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> notes = new ArrayList<>();
    List<Side> sides = new ArrayList<>(List.of(Side.likeness(threads)));
    Optional<String> missing = Side.missingTorch(python);
    missing.ifPresentOrElse(
        reason -> notes.add("PyTorch was skipped: " + reason), () -> sides.add(Side.torch(python)));
    if (Machine.resident("VmHWM") == null) {
      notes.add("Memory was skipped: only Linux tells a process its peak.");
    }
    List<Row> rows = new ArrayList<>();
    for (String name : names) {
      rows.addAll(compare(named(name), sides));
    }
    Report report =
        new Report(
            LocalDate.now().toString(),
            Machine.processor(),
            Machine.system(),
            threads,
            rows,
            notes);
    report.write(output);
    System.out.println(report.markdown());
    System.out.println("Written to " + output.toAbsolutePath());
    return 0;
  }

  /** Measures one workload; a first short run of each side tells how many steps fill the time. */
  private List<Row> compare(Workload workload, List<Side> sides)
      throws IOException, InterruptedException {
    Map<Side, List<SideResult>> results = new LinkedHashMap<>();
    Map<Side, Integer> steps = new LinkedHashMap<>();
    for (Side side : sides) {
      double ms = side.run(workload, threads, 2, 2).stepMs().getLast();
      steps.put(side, (int) Math.clamp(seconds * 1e3 / ms, 3, 200));
      results.put(side, new ArrayList<>());
    }
    for (int round = 0; round < rounds; round++) {
      for (Side side : sides) {
        int count = steps.get(side);
        SideResult result = side.run(workload, threads, Math.max(2, count / 5), count);
        results.get(side).add(result);
        System.err.printf(
            Locale.ROOT,
            "%s, %s, round %d: %.1f ms%n",
            workload.name,
            side.name(),
            round + 1,
            Row.of(workload, side, List.of(result)).medianMs());
      }
    }
    return sides.stream().map(side -> Row.of(workload, side, results.get(side))).toList();
  }

  private static Workload named(String name) {
    return Workload.STANDARD.stream()
        .filter(workload -> workload.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no workload \"" + name + "\""));
  }
}
