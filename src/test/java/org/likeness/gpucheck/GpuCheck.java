package org.likeness.gpucheck;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Checks on a machine with a card whether it computes rightly, and how fast. */
@Command(
    name = "gpu-check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Tells whether this machine's NVIDIA GPU computes what it should, and how fast: tests of"
          + " every kernel, recorded training runs, whole steps beside PyTorch's where it is"
          + " installed, kernels as a share of what the card can do.",
      "The results are written anew after every part, so that nothing is lost when it is ended."
    },
    footer = {
      "",
      "The status is 0 only if nothing failed; what could not be tried here is skipped and says"
          + " why."
    })
public final class GpuCheck implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--output", description = "Folder for gpu-check.json and gpu-check.md.")
  private Path output = Path.of("results");

  @Option(names = "--minutes", description = "How long all of it may take.")
  private double minutes = 25;

  @Option(names = "--only", split = ",", description = "Names of parts to run; default all.")
  private List<String> only = List.of();

  @Option(names = "--python", description = "A Python that may have PyTorch.")
  private String python = "python3";

  @Option(names = "--driver", description = "The driver's file; default the one installed.")
  private Path driver;

  @Option(names = "--dry-run", description = "Tiny sizes, for a driver without a card.")
  private boolean dry;

  private GpuCheck() {}

  /** Runs the check. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new GpuCheck()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path from = Path.of(System.getProperty("gpu-check.from", ""));
    Path folder = from.resolve(output).toAbsolutePath();
    Path library = driver == null ? null : from.resolve(driver).toAbsolutePath();
    if (library != null) {
      System.setProperty("likeness.cuda.driver", library.toString());
    }
    Setup setup = new Setup(dry, library, python, folder);
    CheckResults results = new CheckResults(folder, dry);
    long end = System.nanoTime() + (long) (minutes * 60e9);
    for (Stage stage : chosen(new Stages(setup).all())) {
      long start = System.nanoTime();
      boolean useless = results.outcome("machine").filter(machine -> !machine.green()).isPresent();
      Outcome outcome =
          useless
              ? Outcome.skipped("no GPU can be used")
              : stage.run(Duration.ofNanos(end - start));
      double seconds = (System.nanoTime() - start) / 1e9;
      results.add(new CheckResults.Entry(stage, outcome, seconds));
      System.out.printf(
          Locale.ROOT,
          "%-14s %-9s %5.0f s  %s%n",
          stage.name(),
          outcome.status().name().toLowerCase(Locale.ROOT).replace('_', ' '),
          seconds,
          outcome.summary());
    }
    System.out.println("Written to " + folder);
    return results.green() ? 0 : 1;
  }

  private List<Stage> chosen(List<Stage> all) {
    List<String> names = all.stream().map(Stage::name).toList();
    if (!names.containsAll(only)) {
      throw new ParameterException(
          spec.commandLine(), "--only " + String.join(",", only) + "; there are " + names);
    }
    return all.stream().filter(stage -> only.isEmpty() || only.contains(stage.name())).toList();
  }
}
