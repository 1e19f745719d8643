package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.train.Demo;
import org.likeness.train.SwapScores;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness demo}: a swap from nothing within minutes. */
@Command(
    name = "demo",
    description =
        "Renders two people who do not exist, trains a small SAEHD on them for some minutes, and"
            + " compares the swap with the true answer. A second run goes on where the first"
            + " stopped.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "likeness demo [OPTIONS]",
    footer = {
      "",
      "Examples:",
      "  likeness demo",
      "  likeness demo --dir try2 --iterations 6000 --minutes 15",
      "",
      "--json prints, at the end, {psnr, ssim, baselines: {dst: {psnr, ssim}, mean_src: {...},",
      "nearest_src: {...}}, session, iteration, preview, swaps}: PSNR in decibels and SSIM inside",
      "the true face mask, means over faces that were never trained on."
    })
final class DemoCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "likeness-demo",
      description = "Where everything goes; default ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--faces",
      paramLabel = "N",
      defaultValue = "100",
      description = "Faces of each person; default ${DEFAULT-VALUE}.")
  private int faces;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Iteration at which the demo is complete; default ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "4",
      description = "Minutes to train at most; default ${DEFAULT-VALUE}.")
  private int minutes;

  @Mixin private DeviceOption device;

  @Option(names = "--json", description = "Print one JSON object at the end.")
  private boolean json;

  DemoCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException {
    atLeastOne("--faces", faces);
    atLeastOne("--iterations", iterations);
    atLeastOne("--minutes", minutes);
    Demo.Request request =
        new Demo.Request(folder, faces, iterations, Duration.ofMinutes(minutes), device.name());
    Demo.Outcome outcome = Demo.run(request, json ? err : out, TrainCommand.isTerminal());
    if (json) {
      Json.print(out, figures(outcome));
    } else {
      print(outcome);
    }
    return 0;
  }

  private void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " " + value + " is not allowed: use 1 or more");
    }
  }

  private void print(Demo.Outcome outcome) {
    SwapScores scores = outcome.scores();
    out.println();
    out.println("Against the true answer, inside the face, on faces that were never trained on:");
    row("the swap", scores.swap());
    row("dst as it is", scores.dst());
    row("the mean src face", scores.meanSrc());
    row("the src face nearest in landmarks", scores.nearestSrc());
    out.println();
    out.println(
        "Look at " + outcome.swaps() + " (dst, swap, truth) and " + outcome.preview() + ".");
    if (outcome.iteration() < iterations) {
      out.println("Run the demo again to go on to iteration " + iterations + ".");
    } else {
      out.printf(
          Locale.ROOT,
          "It is complete: --iterations %d goes on, another --dir starts anew.%n",
          2 * outcome.iteration());
    }
    out.println("Next, with faces that DeepFaceLab extracted:");
    out.println("  likeness train --src a/aligned --dst b/aligned --session a-to-b");
  }

  private void row(String name, SwapScores.Score score) {
    out.printf(Locale.ROOT, "  %-34s PSNR %5.2f dB  SSIM %.4f%n", name, score.psnr(), score.ssim());
  }

  private static Map<String, Object> figures(Demo.Outcome outcome) {
    SwapScores scores = outcome.scores();
    Map<String, Object> baselines = new LinkedHashMap<>();
    baselines.put("dst", figures(scores.dst()));
    baselines.put("mean_src", figures(scores.meanSrc()));
    baselines.put("nearest_src", figures(scores.nearestSrc()));
    Map<String, Object> figures = new LinkedHashMap<>(figures(scores.swap()));
    figures.put("baselines", baselines);
    figures.put("session", outcome.session().toString());
    figures.put("iteration", outcome.iteration());
    figures.put("preview", outcome.preview().toString());
    figures.put("swaps", outcome.swaps().toString());
    return figures;
  }

  private static Map<String, Object> figures(SwapScores.Score score) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("psnr", score.psnr());
    figures.put("ssim", score.ssim());
    return figures;
  }
}
