package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.faceset.SkippedFace;
import org.likeness.train.Prediction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code likeness predict}: swaps aligned faces with a trained session. */
@Command(
    name = "predict",
    description =
        "Swaps every aligned face of a folder: writes the face as NAME.png and where it belongs as"
            + " NAME_mask.png, both as large as the session's resolution.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "likeness predict --session DIR --input DIR --output DIR [OPTIONS]",
    footer = {
      "",
      "Example:",
      "  likeness predict --session a-to-b --input b/aligned --output swapped",
      "",
      "--json prints {session, iteration, faces, skipped, output}."
    })
final class PredictCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Option(
      names = "--session",
      required = true,
      paramLabel = "DIR",
      description = "A session that train made.")
  private Path session;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "DIR",
      description = "Aligned faces of the person to replace.")
  private Path input;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where the pictures go; older ones of the same name are replaced.")
  private Path output;

  @Mixin private DeviceOption device;

  @Option(names = "--json", description = "Print one JSON object at the end.")
  private boolean json;

  PredictCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException {
    PrintStream words = json ? err : out;
    Prediction.Outcome outcome =
        Prediction.run(
            new Prediction.Request(session, input, output, device.name()), words::println);
    for (SkippedFace face : outcome.skipped()) {
      words.println("skipped " + face.name() + ", because it " + face.reason());
    }
    if (json) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("session", session.toString());
      figures.put("iteration", outcome.iteration());
      figures.put("faces", outcome.faces());
      figures.put("skipped", outcome.skipped().size());
      figures.put("output", output.toString());
      Json.print(out, figures);
    } else {
      out.printf(
          Locale.ROOT,
          "swapped %d faces with the weights of iteration %d, skipped %d: see %s%n",
          outcome.faces(),
          outcome.iteration(),
          outcome.skipped().size(),
          output);
    }
    return 0;
  }
}
