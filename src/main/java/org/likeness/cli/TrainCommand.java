package org.likeness.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.train.Profile;
import org.likeness.train.SessionReport;
import org.likeness.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness train}: trains a session, new or begun. */
@Command(
    name = "train",
    description =
        "Trains SAEHD on two folders of aligned faces. The same command goes on where the last one"
            + " stopped; Ctrl-C saves first.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "likeness train --src DIR --dst DIR --session DIR [OPTIONS]",
    footer = {
      "",
      "Examples:",
      "  likeness train --src a/aligned --dst b/aligned --session a-to-b",
      "  likeness train --src a/aligned --dst b/aligned --session small --archi df-ud \\",
      "      --resolution 64 --ae-dims 64 --e-dims 32 --d-dims 32 --d-mask-dims 16",
      "  likeness train --src a/aligned --dst b/aligned --session a-to-b --batch-size 8",
      "",
      "A file for --config holds a line for each option, named with underscores. It can hold a",
      "recipe too; what a phase changes stays changed in the later ones:",
      "  batch_size: 8",
      "  phases:",
      "    - until: 200000",
      "    - {until: 300000, random_warp: false, lr_dropout: y}",
      "    - gan_power: 0.1",
      "likeness options tells what each option does.",
      "",
      "--json prints, at the end, {session, iteration, iterations, src_loss, dst_loss,",
      "milliseconds, preview, interrupted [, profile]}: losses and time are means of the last 100.",
      "profile is {folder, first, last, milliseconds, plannedBytes, measuredBytes, dead}: dead",
      "names activations that deviate by less than 0.01. The folder's profile.json has these and",
      "layers: [{layer, milliseconds, forward, backward, weight gradients, update, flops}],",
      "values: [{value, kind, layer, pass, shape, min, max, mean, std}] of the last iteration, and",
      "nodes: [{program, node, op, value, layer, pass, phase, milliseconds, flops, alive}]."
    })
final class TrainCommand implements Callable<Integer> {
  private static final String OWN_CONFIG = "config.yaml";

  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(
      names = "--src",
      required = true,
      paramLabel = "DIR",
      description = "Aligned faces of the person to put in.")
  private Path src;

  @Option(
      names = "--dst",
      required = true,
      paramLabel = "DIR",
      description = "Aligned faces of the person to replace.")
  private Path dst;

  @Option(
      names = "--session",
      required = true,
      paramLabel = "DIR",
      description = "Where the model is kept; made if it is not there.")
  private Path session;

  @Option(
      names = "--pretraining-data",
      paramLabel = "DIR",
      description = "Aligned faces of anybody, for --pretrain.")
  private Path pretraining;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML file of options; flags come before it, and it before config.yaml in the session.")
  private Path config;

  @Option(
      names = "--ask",
      negatable = true,
      description =
          "Ask for every option (by default for a new session without options, in a terminal).")
  private Boolean ask;

  @Mixin private DeviceOption device;

  @Option(
      names = "--profile",
      paramLabel = "N",
      description =
          "Record N iterations, after two to warm up: a trace for ui.perfetto.dev with the memory"
              + " at each node, times by layer, and min, max, mean and deviation of every"
              + " activation and gradient; into SESSION/profile. Training goes on unchanged.")
  private int profile;

  @Option(
      names = "--vram",
      paramLabel = "SIZE",
      converter = SizeInBytes.class,
      description =
          "Memory that the session may take on its device, 8GiB for example, the driver's context"
              + " included (default: what a GPU has free, less a sixteenth; no limit on the"
              + " processor). Chooses micro-batches and recomputation before anything is"
              + " allocated.")
  private Long vram;

  @Mixin private CacheOption cache;

  @Option(names = "--json", description = "Print one JSON object at the end.")
  private boolean json;

  TrainCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException {
    if (profile < 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--profile " + profile + " is negative; give the iterations to record");
    }
    Map<String, String> options = given();
    boolean asking = ask == null ? options.isEmpty() && !Trainer.exists(session) : ask;
    if (asking && !json && isTerminal()) {
      options = ask(options);
    } else if (ask != null && ask) {
      err.println("there is no terminal to ask in: going on with what is given");
    }
    Trainer.Request request =
        new Trainer.Request(src, dst, pretraining, session, options, device.name(), null, profile);
    request = (vram == null ? request : request.within(vram)).caching(cache.place());
    Trainer.Outcome outcome = Trainer.train(request, json ? err : out, isTerminal());
    if (json) {
      Json.print(out, figures(outcome));
    } else {
      out.println("preview: " + outcome.preview());
    }
    return 0;
  }

  /** What files and flags say, the stronger over the weaker. */
  private Map<String, String> given() throws IOException {
    Map<String, String> options = new LinkedHashMap<>();
    Path own = session.resolve(OWN_CONFIG);
    if (Files.exists(own)) {
      options.putAll(OptionsFile.read(own));
    }
    if (config != null) {
      options.putAll(OptionsFile.read(config));
    }
    options.putAll(OptionFlags.given(spec.commandLine().getParseResult()));
    return options;
  }

  /** Asks on the console, which {@link #isTerminal} found. */
  private Map<String, String> ask(Map<String, String> given) throws IOException {
    Console console = System.console();
    SaehdOptions begun = Trainer.options(session, given);
    SaehdOptions answered =
        new Questions(console.reader(), out).ask(begun, !Trainer.exists(session));
    Map<String, String> options = new LinkedHashMap<>();
    answered.stored().forEach((name, value) -> options.put(name, value.toString()));
    return options;
  }

  /**
   * Whether lines can be rewritten. A runtime without the module jdk.internal.le has no console.
   */
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static Map<String, Object> figures(Trainer.Outcome outcome) {
    SessionReport report = outcome.session();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("session", report.session().toString());
    figures.put("iteration", report.iteration());
    figures.put("iterations", report.iteration() - outcome.started());
    figures.put("src_loss", report.recent().srcLoss());
    figures.put("dst_loss", report.recent().dstLoss());
    figures.put("milliseconds", report.recent().milliseconds());
    figures.put("waiting_share", report.recent().waitingShare());
    figures.put("preview", outcome.preview().toString());
    figures.put("interrupted", outcome.interrupted());
    if (outcome.profile() != null) {
      figures.put("profile", figures(outcome.profile(), report.session()));
    }
    return figures;
  }

  private static Map<String, Object> figures(Profile profile, Path session) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("folder", session.resolve("profile").toString());
    figures.put("first", profile.first());
    figures.put("last", profile.last());
    figures.put("milliseconds", profile.milliseconds());
    figures.put("plannedBytes", profile.plannedBytes());
    figures.put("measuredBytes", profile.measuredBytes());
    figures.put("dead", profile.deadNames());
    return figures;
  }
}
