package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.device.cpu.OnednnConvolutionSpec.Padding;

class OnednnEngineTest {
  @TempDir Path folder;

  @Test
  void reportsVersionInstructionsAndThreads() {
    try (OnednnEngine engine = OnednnEngine.open().orThrow()) {
      assertTrue(engine.version().matches("3\\.\\d+\\.\\d+"), engine.version());
      assertTrue(engine.isa().matches("(sse|avx).*"), engine.isa());
      assertEquals(
          "oneDNN " + engine.version() + ", " + engine.isa() + ", " + engine.threads() + " threads",
          engine.toString());
    }
  }

  @Test
  void threadsAreSetForTheCallingThread() {
    try (OnednnEngine engine = OnednnEngine.open().orThrow()) {
      int usual = engine.threads();
      engine.useThreads(1);
      assertEquals(1, engine.threads());
      engine.useThreads(usual);
      assertEquals(usual, engine.threads());
      assertEquals(
          "threads: 0, must be at least 1",
          assertThrows(IllegalArgumentException.class, () -> engine.useThreads(0)).getMessage());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void withoutTheJarItIsAbsent() throws IOException {
    try (URLClassLoader none = new URLClassLoader(new URL[0], null)) {
      assertEquals(
          "onednn was not found; looked for org/bytedeco/dnnl/linux-x86_64/libgomp.so.1 on the"
              + " class path",
          OnednnEngine.open(none, folder).message());
    }
  }

  @Test
  void aFailedCallNamesFunctionStatusAndArguments() {
    assertEquals(
        "dnnl_f[3, x] failed: dnnl_invalid_arguments (2)",
        assertThrows(OnednnException.class, () -> OnednnCall.check(2, "dnnl_f", 3, "x"))
            .getMessage());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void workersSleepSoonAfterAPrimitiveUnlessTheUserSaysOtherwise() throws Exception {
    double resting = spinning(Map.of());
    double asked = spinning(Map.of("OMP_WAIT_POLICY", "active"));
    // measured 30 to 60 µs of processor time per pause of 2 ms when resting, 2000 when active
    assertTrue(resting < 500, resting + " µs of processor time per pause");
    assertTrue(asked > 2 * resting, asked + " µs when active, " + resting + " when resting");
  }

  @Test
  void forbiddenNativeAccessIsAnAnswerAndNoError() throws Exception {
    String said = java(List.of("--illegal-native-access=deny"), Opening.class, Map.of());
    assertTrue(
        said.endsWith(
            " cannot be used because native access is forbidden; start java with"
                + " --enable-native-access=ALL-UNNAMED"),
        said);
  }

  /** Opens oneDNN and prints the answer. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] args) {
      System.out.println(OnednnEngine.open().message());
    }
  }

  /** Runs {@link Pauses} in another process with these variables and returns what it measured. */
  private static double spinning(Map<String, String> environment) throws IOException {
    return Double.parseDouble(
        java(List.of("--enable-native-access=ALL-UNNAMED"), Pauses.class, environment));
  }

  /** Runs a main class in another process and returns what it printed. */
  private static String java(List<String> options, Class<?> main, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    ProcessBuilder java = new ProcessBuilder(command);
    java.environment().keySet().removeIf(k -> k.startsWith("OMP_") || k.startsWith("GOMP_"));
    java.environment().putAll(environment);
    Process process = java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  /**
   * Prints the processor time that OpenMP's worker takes, in µs per primitive and pause of 2 ms.
   */
  static final class Pauses {
    private static final int PAUSES = 60;

    private Pauses() {}

    public static void main(String[] args) throws Exception {
      OnednnConvolutionSpec spec =
          new OnednnConvolutionSpec(2, 8, 8, 16, 16, 3, 3, 1, Padding.all(1), 1);
      OnednnEngine engine = OnednnEngine.open().orThrow();
      engine.useThreads(2);
      try (OnednnFixture f = new OnednnFixture(engine, spec);
          OnednnOperation op = f.convolution().forward(OnednnEpilogue.NONE, 1 << 20)) {
        f.run(op, f.forwardOperands(OnednnEpilogue.NONE));
        long before = workerTicks();
        for (int i = 0; i < PAUSES; i++) {
          op.run();
          Thread.sleep(2);
        }
        long ticks = workerTicks() - before;
        System.out.println(ticks * 10_000.0 / PAUSES); // a tick is 10 ms
      }
    }

    /** Adds up user and system time of the threads that Java does not know by name: OpenMP's. */
    private static long workerTicks() throws IOException {
      long ticks = 0;
      try (var tasks = Files.list(Path.of("/proc/self/task"))) {
        for (Path task : tasks.toList()) {
          String stat = Files.readString(task.resolve("stat"));
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
          if (Files.readString(task.resolve("comm")).strip().equals("main")
              || Files.readString(task.resolve("comm")).strip().equals("java")) {
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
          }
        }
      }
      return ticks;
    }
  }
}
