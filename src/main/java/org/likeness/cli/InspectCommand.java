package org.likeness.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.train.SessionReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code likeness inspect}: prints what a session holds. */
@Command(
    name = "inspect",
    description = "Prints a session: iteration, options, files, device, recent losses.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  likeness inspect --session my-swap"})
final class InspectCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Option(names = "--session", required = true, paramLabel = "DIR", description = "The session.")
  private Path session;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  InspectCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws Exception {
    SessionReport report = SessionReport.of(session, err::println);
    if (json) {
      Json.print(out, json(report));
    } else {
      print(report);
    }
    return 0;
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
    report.facts().forEach((name, value) -> out.printf("  %-16s %s%n", name, value));
  }
}
