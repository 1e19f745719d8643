package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.likeness.faceset.ColourTransfer;
import org.likeness.faceset.DataBenchmark;
import org.likeness.faceset.Dialect;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.Photometry;
import org.likeness.faceset.SampleSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness bench data}: how fast samples are made. */
@Command(
    name = "data",
    description = "Measures how many samples of a faceset one core makes in a second.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "--json prints {faceset, faces, resolution, samplesPerSecondPerCore: {warm,",
      "cached, cold}, millisecondsPerStage}. Times are of the processor, so other work",
      "on the machine hardly changes them. Warm is with every face prepared and in",
      "memory, cached is with every face as an earlier run of train left it on the",
      "disk, cold is from the files."
    })
final class BenchDataCommand implements Callable<Integer> {
  private static final String TYPES = "h, mf, f, wf, head or custom";
  private static final String MODES = "none, rct, lct, mkl, idt, sot, fs-aug or cc-aug";
  private static final int MOST_SECONDS = 3600;

  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Option(names = "--faceset", required = true, paramLabel = "DIR", description = "Aligned faces.")
  private Path faceset;

  @Option(
      names = "--resolution",
      paramLabel = "PIXELS",
      defaultValue = "256",
      description = "Side of a sample; default ${DEFAULT-VALUE}.")
  private int resolution;

  @Option(
      names = "--face-type",
      paramLabel = "TYPE",
      defaultValue = "wf",
      description = TYPES + "; default ${DEFAULT-VALUE}.")
  private String faceType;

  @Option(names = "--eyes-mouth", description = "Also make the mask of eyes and mouth.")
  private boolean em;

  @Option(
      names = "--ct-mode",
      paramLabel = "MODE",
      defaultValue = "none",
      description = MODES + "; default ${DEFAULT-VALUE}.")
  private String transfer;

  @Option(
      names = "--hsv-power",
      paramLabel = "POWER",
      defaultValue = "0",
      description = "0 to 0.3; default ${DEFAULT-VALUE}.")
  private double hsvPower;

  @Option(
      names = "--exact-batches",
      description = "Make samples as floats; they are bytes otherwise, as in training.")
  private boolean exact;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "How long to measure; default ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  BenchDataCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    FaceType type =
        FaceType.ofOption(faceType).orElseThrow(() -> wrong("--face-type", faceType, TYPES));
    ColourTransfer mode =
        ColourTransfer.ofOption(transfer).orElseThrow(() -> wrong("--ct-mode", transfer, MODES));
    if (!(seconds > 0 && seconds <= MOST_SECONDS)) { // NaN too
      throw wrong("--seconds", Double.toString(seconds), "a number from 0 to " + MOST_SECONDS);
    }
    SampleSettings settings =
        new SampleSettings(resolution, type, true, true, Dialect.OG, em)
            .with(new Photometry(hsvPower, mode, Set.of()))
            .withPacked(!exact);
    Faceset faces = Faceset.load(faceset);
    DataBenchmark result = DataBenchmark.run(faces, settings, seconds);
    if (json) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("faceset", faceset.toString());
      figures.put("faces", faces.faces().size());
      figures.put("resolution", resolution);
      figures.put("samplesPerSecondPerCore", rates(result));
      figures.put("millisecondsPerStage", result.stages());
      Json.print(out, figures);
    } else {
      out.printf(
          Locale.ROOT,
          "%.0f samples/s a core warm, %.0f from the cache on the disk, %.0f cold, at %d px%n",
          result.warm(),
          result.cached(),
          result.cold(),
          resolution);
      result
          .stages()
          .forEach((stage, ms) -> out.printf(Locale.ROOT, "  %-8s %8.3f ms%n", stage, ms));
    }
    return 0;
  }

  private static Map<String, Double> rates(DataBenchmark result) {
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put("warm", result.warm());
    rates.put("cached", result.cached());
    rates.put("cold", result.cold());
    return rates;
  }

  private ParameterException wrong(String option, String value, String use) {
    return new ParameterException(
        spec.commandLine(), "%s %s is not allowed: use %s".formatted(option, value, use));
  }
}
