package org.likeness.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * One of the programs compared: how to start it.
 *
 * @param command to which a workload's options are added
 */
record Side(String name, List<String> command) {
  /** What ./likeness starts java with. */
  private static final List<String> LAUNCHER =
      List.of("--enable-native-access=ALL-UNNAMED", "-Xmx768m", "-XX:+UseSerialGC");

  private static final Path PEER = Path.of("peers", "saehd_torch_step.py");

  /** Returns ours, in the same kind of JVM as the launcher's. */
  static Side likeness(int threads) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(LAUNCHER);
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(StepBenchmark.class.getName());
    return new Side("Likeness", command);
  }

  /** Returns PyTorch's, eager in f32. */
  static Side torch(String python) {
    return new Side("PyTorch", List.of(python, PEER.toString()));
  }

  /** Returns why this Python cannot run the peer, or nothing if it can. */
  static Optional<String> missingTorch(String python) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import torch").redirectErrorStream(true).start();
      List<String> said = process.inputReader().readAllLines();
      return process.waitFor() == 0
          ? Optional.empty()
          : Optional.of(python + ": " + (said.isEmpty() ? "failed silently" : said.getLast()));
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  /**
   * Runs a workload once in a process of its own; what it says besides goes to our standard error.
   */
  SideResult run(Workload workload, int threads, int warmup, int steps)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(command);
    line.addAll(workload.arguments());
    line.addAll(List.of("--threads=" + threads, "--warmup=" + warmup, "--steps=" + steps));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
    builder.environment().putIfAbsent("OMP_WAIT_POLICY", "passive");
    Process process = builder.start();
    List<String> said = process.inputReader().readAllLines();
    int status = process.waitFor();
    if (status != 0 || said.isEmpty()) {
      throw new IOException(name + " ended with status " + status + " and " + said);
    }
    return new JsonMapper().readValue(said.getLast(), SideResult.class);
  }
}
