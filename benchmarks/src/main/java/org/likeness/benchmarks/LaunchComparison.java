package org.likeness.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.likeness.ffi.Availability;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What a launch costs before the driver, through FFM and through JCuda's JNI (spec performance.md
 * 6, B18): all sides in each round, the same driver's own cost subtracted from both.
 *
 * @param rounds of all benchmarks; medians and ratios are over rounds
 * @param milliseconds of each measurement, of which a round has five after three to warm up
 */
record LaunchComparison(int rounds, int milliseconds) {
  private static final String TITLE = "Launch: FFM beside JCuda's JNI";
  private static final String[] PARAMETERS = {"0", "5", "10"};

  private static final List<String> COLUMNS =
      List.of(
          "parameters",
          "arguments",
          "driver ns",
          "FFM ns",
          "JNI ns",
          "FFM - driver",
          "JNI - driver",
          "ratio",
          "worst round");

  /** Nanoseconds by benchmark and parameters, such as "ffm 10". */
  private record Round(Map<String, Double> nanos) {
    double of(String benchmark, String parameters) {
      return nanos.get(benchmark + " " + parameters);
    }

    double net(String benchmark, String parameters) {
      return of(benchmark, parameters) - of("driver", parameters);
    }

    double ratio(String way, String parameters) {
      return net("ffm" + way, parameters) / net("jni" + way, parameters);
    }
  }

  /** Runs it, or says why it cannot be run. */
  Table run() throws InterruptedException, RunnerException {
    Availability<Path> softCuda = SoftCudaDriver.build();
    if (!(softCuda instanceof Availability.Available<Path>(Path library))) {
      return Table.skipped(TITLE, softCuda.message());
    }
    List<Round> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      System.err.printf(Locale.ROOT, "launch, round %d of %d%n", i + 1, rounds);
      all.add(round(library));
    }
    return table(all);
  }

  private Round round(Path library) throws RunnerException {
    TimeValue time = TimeValue.milliseconds(milliseconds);
    Options options =
        new OptionsBuilder()
            .include("\\." + LaunchBenchmark.class.getSimpleName() + "\\.")
            .param("parameters", PARAMETERS)
            .forks(1)
            .warmupIterations(3)
            .warmupTime(time)
            .measurementIterations(5)
            .measurementTime(time)
            .verbosity(VerboseMode.SILENT)
            .jvmArgs(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-D" + SoftCudaDriver.PROPERTY + "=" + library)
            .shouldFailOnError(true)
            .build();
    Map<String, Double> nanos = new TreeMap<>();
    for (RunResult result : new Runner(options).run()) {
      String label = result.getPrimaryResult().getLabel();
      nanos.put(
          label + " " + result.getParams().getParam("parameters"),
          result.getPrimaryResult().getStatistics().getPercentile(50));
    }
    return new Round(nanos);
  }

  private static Table table(List<Round> all) {
    List<List<Object>> rows = new ArrayList<>();
    for (String parameters : PARAMETERS) {
      for (String way : List.of("", "ArgumentsAnew")) {
        rows.add(
            List.of(
                Integer.valueOf(parameters),
                way.isEmpty() ? "made once" : "anew",
                median(all, r -> r.of("driver", parameters)),
                median(all, r -> r.of("ffm" + way, parameters)),
                median(all, r -> r.of("jni" + way, parameters)),
                median(all, r -> r.net("ffm" + way, parameters)),
                median(all, r -> r.net("jni" + way, parameters)),
                median(all, r -> r.ratio(way, parameters)),
                all.stream().mapToDouble(r -> r.ratio(way, parameters)).max().orElseThrow()));
      }
    }
    return new Table(
        TITLE,
        COLUMNS,
        rows,
        List.of(
            "Nanoseconds of host time for a launch, medians over "
                + all.size()
                + " rounds of JMH with every side in each. The driver is softcuda, which reads the"
                + " parameters and does nothing else; its own time is that of the same calls from a"
                + " loop in C. \"Made once\": the arguments are ready before, as in a training"
                + " step, which is also JCuda's fastest way. \"Anew\": they are made for each"
                + " launch, as in JCuda's samples. Ratio: FFM to JNI, without the driver."));
  }

  private static double median(List<Round> all, ToDoubleFunction<Round> value) {
    double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElseThrow();
  }
}
