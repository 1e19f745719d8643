package org.likeness.gpucheck;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the check runs its parts.
 *
 * @param dry whether everything is tiny, for a driver that runs kernels on the processor
 * @param driver the file to take for the driver, null for the installed one
 * @param python a Python that may have PyTorch
 * @param output folder of the results, and of what programs would keep in the user's cache
 */
record Setup(boolean dry, Path driver, String python, Path output) {
  private static final String TESTS = DeviceTests.class.getName();
  private static final String PROGRAM = "org.likeness.cli.Main";

  /** Returns what starts java with our class path, its properties and these arguments. */
  List<String> java(String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx2g", "-Dgpu=true"));
    if (driver != null) {
      command.add("-Dlikeness.cuda.driver=" + driver);
      File sensors = new File(driver.toFile().getParentFile(), "libnvidia-ml.so.1");
      if (sensors.exists()) {
        command.add("-Dlikeness.nvml=" + sensors);
      }
    }
    if (dry) {
      command.add("-Dlikeness.cuda.tuning=never");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    command.addAll(arguments);
    return command;
  }

  Map<String, String> environment() {
    return Map.of("XDG_CACHE_HOME", output.resolve("cache").toAbsolutePath().toString());
  }

  Child run(List<String> command, Duration limit) throws IOException, InterruptedException {
    return Child.run(command, environment(), limit);
  }

  /** Runs a command of {@code likeness}. */
  Child likeness(Duration limit, String... arguments) throws IOException, InterruptedException {
    return run(java(PROGRAM, List.of(arguments)), limit);
  }

  /** Returns what runs test classes by their names after {@code org.likeness.}. */
  List<String> tests(List<String> classes) {
    return java(TESTS, classes.stream().map(name -> "org.likeness." + name).toList());
  }
}
