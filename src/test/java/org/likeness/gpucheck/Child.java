package org.likeness.gpucheck;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a process of its own did, which may crash or hang without harm to the check.
 *
 * @param status of its end; {@link #KILLED} if it ran out of time
 * @param lines of its standard output
 * @param errors the last lines of its standard error
 */
record Child(int status, List<String> lines, List<String> errors) {
  static final int KILLED = -1;

  private static final int KEPT = 12;

  /** Runs a command to its end, or ends it and whatever it started when its time is over. */
  static Child run(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile("gpu-check", ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.redirectError(said.toFile());
      Process process = builder.start();
      process.getOutputStream().close();
      List<String> lines = new ArrayList<>();
      Thread reader = Thread.startVirtualThread(() -> read(process, lines));
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly().waitFor();
        started.forEach(ProcessHandle::destroyForcibly);
      }
      reader.join(TimeUnit.SECONDS.toMillis(5));
      List<String> errors =
          new String(Files.readAllBytes(said), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("WARNING:") && !line.isBlank())
              .toList();
      synchronized (lines) {
        return new Child(
            ended ? process.exitValue() : KILLED,
            List.copyOf(lines),
            errors.subList(Math.max(0, errors.size() - KEPT), errors.size()));
      }
    } finally {
      Files.deleteIfExists(said);
    }
  }

  private static void read(Process process, List<String> lines) {
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lines) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      // the process was ended: what it said before counts
    }
  }

  boolean killed() {
    return status == KILLED;
  }

  /** Returns the last line of what it said, of its errors if it said nothing. */
  String lastWords() {
    List<String> words = errors.isEmpty() ? lines : errors;
    return words.isEmpty() ? "it said nothing" : words.getLast();
  }
}
