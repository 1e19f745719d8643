package org.likeness.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What another program did.
 *
 * @param output both of its streams, as they came
 */
public record Run(int status, String output) {
  /** Runs a command to its end. */
  public static Run of(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Run(process.waitFor(), output);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command.getFirst(), e);
    }
  }

  /** Runs a command to its end; one that cannot be started has status 127 and says why. */
  public static Run tried(List<String> command) {
    try {
      return of(command);
    } catch (IOException e) {
      return new Run(127, e.getMessage());
    }
  }

  /** Runs a command whose only good status is 0; the exception carries what it printed. */
  public static String checked(List<String> command) throws IOException {
    Run run = of(command);
    if (run.status != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + run.status + ": " + run.output.strip());
    }
    return run.output;
  }
}
