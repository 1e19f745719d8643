package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.runtime.Devices;
import org.likeness.train.UnsupportedGoldenException;
import org.likeness.train.Verification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code likeness verify}: replays golden files and tells how far off every number is. */
@Command(
    name = "verify",
    description =
        "Replays golden files, recorded training runs of the original, and prints the worst error"
            + " of each group of numbers.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  likeness verify og_df-ud_64_adabelief.safetensors",
      "  likeness verify --f64 *.safetensors",
      "  likeness verify --precision bf16 *.safetensors",
      "",
      "The status is 0 only if every number is inside its tolerance.",
      "--json prints {ok, files: [{file, ok, groups: [{group, error, tolerance, tensor, ok}],",
      "absent, unsupported}]}; unsupported says why a file cannot be replayed yet; a group without",
      "tolerance is only reported."
    })
final class VerifyCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Golden files.")
  private List<Path> files;

  @Mixin private DeviceOption device;

  @Option(names = "--f64", description = "Compute in double precision, slowly: for proofs.")
  private boolean f64;

  @Option(
      names = "--precision",
      paramLabel = "f32|tf32|bf16|f16",
      defaultValue = "f32",
      description =
          "What convolutions compute in, default f32; in bf16 and f16 the tolerances are wider.")
  private String precision;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  VerifyCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** What came of one file: a report, or why there is none. */
  private record Result(Path file, Verification.Report report, String unsupported) {
    boolean ok() {
      return report != null && report.ok();
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Result> results = new ArrayList<>();
    DType dtype = dtype();
    try (Device opened = Devices.open(device.name())) {
      opened.allowTf32(precision.equals("tf32"));
      for (Path file : files) {
        Result result = verify(file, opened, dtype);
        results.add(result);
        if (!json) {
          print(result);
        }
      }
    }
    boolean ok = results.stream().allMatch(Result::ok);
    if (json) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("ok", ok);
      figures.put("files", results.stream().map(VerifyCommand::json).toList());
      Json.print(out, figures);
    } else if (files.size() > 1) {
      long passed = results.stream().filter(Result::ok).count();
      out.printf(Locale.ROOT, "%d of %d files pass%n", passed, files.size());
    }
    return ok ? 0 : 1;
  }

  private DType dtype() {
    if (f64 && !precision.equals("f32")) {
      throw new IllegalArgumentException("--f64 and --precision exclude each other; leave one out");
    }
    return switch (precision) {
      case "f32", "tf32" -> f64 ? DType.F64 : DType.F32;
      case "bf16" -> DType.BF16;
      case "f16" -> DType.F16;
      default ->
          throw new IllegalArgumentException(
              "--precision " + precision + " is not allowed: use one of f32, tf32, bf16, f16");
    };
  }

  private Result verify(Path file, Device opened, DType dtype) throws IOException {
    try {
      return new Result(file, Verification.run(file, opened, dtype, step -> {}), null);
    } catch (UnsupportedGoldenException e) {
      if (files.size() == 1 && !json) {
        throw e;
      }
      return new Result(file, null, e.getMessage());
    }
  }

  private void print(Result result) {
    if (result.report() == null) {
      err.println("likeness: " + result.unsupported());
      return;
    }
    out.println(result.file().getFileName() + (result.ok() ? "  ok" : "  FAILED"));
    for (Verification.Group group : result.report().groups()) {
      out.printf(
          Locale.ROOT,
          "  %-14s %8.1e %s  %-6s  worst: %s%n",
          group.group(),
          group.error(),
          judged(group) ? String.format(Locale.ROOT, "of %7.1e", group.tolerance()) : "  reported",
          group.ok() ? "ok" : "FAILED",
          group.tensor());
    }
    for (String group : result.report().absent()) {
      out.printf("  %-14s not in the file%n", group);
    }
  }

  private static boolean judged(Verification.Group group) {
    return Double.isFinite(group.tolerance());
  }

  private static Map<String, Object> json(Result result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("file", result.file().toString());
    figures.put("ok", result.ok());
    if (result.report() == null) {
      figures.put("unsupported", result.unsupported());
      return figures;
    }
    List<Map<String, Object>> groups = new ArrayList<>();
    for (Verification.Group group : result.report().groups()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("group", group.group());
      entry.put("error", group.error());
      if (judged(group)) {
        entry.put("tolerance", group.tolerance());
      }
      entry.put("tensor", group.tensor());
      entry.put("ok", group.ok());
      groups.add(entry);
    }
    figures.put("groups", groups);
    figures.put("absent", result.report().absent());
    return figures;
  }
}
