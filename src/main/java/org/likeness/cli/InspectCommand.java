package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.likeness.device.Device;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphText;
import org.likeness.graph.MemoryPlan;
import org.likeness.runtime.Devices;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.Faces;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingStep;
import org.likeness.train.SessionReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness inspect}: prints what a session holds, or the graph of one iteration. */
@Command(
    name = "inspect",
    description =
        "Prints a session (iteration, options, files, device, recent losses), or with --graph what"
            + " one iteration computes, node by node, and the memory that it is planned to take.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = {
      "likeness inspect --session DIR [--json]",
      "       likeness inspect --graph step|swap|preview [--session DIR] [OPTIONS]"
    },
    footer = {
      "",
      "Examples:",
      "  likeness inspect --session my-swap",
      "  likeness inspect --graph step --archi df-ud --resolution 64",
      "",
      "--json prints {session, iteration, options, facts, src_loss, dst_loss, milliseconds}:",
      "losses and time are means of the last 100 iterations."
    })
final class InspectCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(names = "--session", paramLabel = "DIR", description = "The session.")
  private Path session;

  @Option(
      names = "--graph",
      paramLabel = "GRAPH",
      description =
          "step (one training iteration), swap (dst to src), or preview; of the session, or of the"
              + " options below.")
  private String graph;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  InspectCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    if (graph != null) {
      printGraph();
    } else if (session == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--session=DIR' or '--graph=GRAPH'");
    } else {
      SessionReport report = SessionReport.of(session, err::println);
      if (json) {
        Json.print(out, json(report));
      } else {
        print(report);
      }
    }
    return 0;
  }

  private void printGraph() throws IOException {
    SaehdOptions options =
        session == null
            ? SaehdOptions.defaults()
            : SessionReport.of(session, err::println).options();
    options = options.withText(OptionFlags.given(spec.commandLine().getParseResult())).inForce(0);
    Architecture architecture = options.architecture();
    Graph described =
        switch (graph) {
          case "step" -> TrainingStep.describe(architecture, options.step()).scheduled();
          case "swap" -> Faces.swap(architecture, 1);
          case "preview" -> Faces.preview(architecture, options.batchSize());
          default ->
              throw new ParameterException(
                  spec.commandLine(), "--graph is step, swap or preview, not " + graph);
        };
    try (Device device = Devices.open("auto")) {
      ExecutionPlan plan = ExecutionPlan.of(described, device.profile(described));
      out.print(GraphText.of(described));
      printMemory(plan.memory());
    }
    out.printf(Locale.ROOT, "%d parameters%n", architecture.parameterCount());
  }

  private void printMemory(MemoryPlan memory) {
    memory
        .pools()
        .forEach((pool, bytes) -> out.printf(Locale.ROOT, "pool %-12s %,15d B%n", pool, bytes));
    out.printf(
        Locale.ROOT,
        "activations need at least %,d B; fragmentation %.1f %%%n",
        memory.lowerBound(),
        100 * memory.fragmentation());
  }

  private static Map<String, Object> json(SessionReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("session", report.session().toString());
    json.put("iteration", report.iteration());
    json.put("options", report.options().stored());
    json.put("facts", report.facts());
    json.put("src_loss", report.recent().srcLoss());
    json.put("dst_loss", report.recent().dstLoss());
    json.put("milliseconds", report.recent().milliseconds());
    json.put("waiting_share", report.recent().waitingShare());
    return json;
  }

  private void print(SessionReport report) {
    out.printf(Locale.ROOT, "session    %s%n", report.session());
    out.printf(Locale.ROOT, "iteration  %d%n", report.iteration());
    SessionReport.Recent recent = report.recent();
    if (recent.n() > 0) {
      out.printf(
          Locale.ROOT,
          "losses     src %.4f  dst %.4f  in %.0f ms (means of the last %d iterations)%n",
          recent.srcLoss(),
          recent.dstLoss(),
          recent.milliseconds(),
          recent.n());
    }
    out.println("options");
    report.options().stored().forEach((name, value) -> out.printf("  %-16s %s%n", name, value));
    out.println("files");
    report
        .files()
        .forEach(
            (stem, file) ->
                out.printf(
                    Locale.ROOT,
                    "  %-16s %4d tensors  %8.1f MB%n",
                    stem,
                    file.tensors(),
                    file.bytes() / 1e6));
    out.println("made with");
    new TreeMap<>(report.facts()).forEach((name, value) -> out.printf("  %-16s %s%n", name, value));
  }
}
