package org.likeness.gpucheck;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * One part of the check.
 *
 * @param name what options and the results call it
 * @param title what it shows
 * @param limit how long it may take
 */
record Stage(String name, String title, Duration limit, Work work) {
  /** What a stage does, given how long it has. */
  @FunctionalInterface
  interface Work {
    Outcome run(Duration limit) throws IOException, InterruptedException;
  }

  /** Runs it; what it throws is a failure told in one line. */
  Outcome run(Duration left) throws InterruptedException {
    Duration granted = left.compareTo(limit) < 0 ? left : limit;
    if (granted.compareTo(Duration.ofSeconds(5)) < 0) {
      return Outcome.skipped("no time was left of --minutes");
    }
    try {
      return work.run(granted);
    } catch (IOException | RuntimeException e) {
      return Outcome.failed(e.toString(), Map.of());
    }
  }
}
