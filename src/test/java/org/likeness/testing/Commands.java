package org.likeness.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the programs that tests need. */
final class Commands {
  private Commands() {}

  /** What a program ended with: its status and all that it printed. */
  record Result(int status, String output) {}

  /** Runs a program to its end; one that cannot be started has status 127 and says why. */
  static Result run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(127, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(127, "interrupted");
    }
  }
}
