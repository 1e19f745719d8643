package org.likeness.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Notices when a GPU's driver on Windows has moved memory of a session into the computer's own,
 * which it does without a word and which makes steps many times slower. What it goes by: nothing
 * left free after loading, or steps far from their prediction.
 */
final class SpillWatch {
  private static final int FIRST_STEPS = 8;

  /** Slower than this many times the card's limits no kernel of ours is. */
  private static final double FAR = 20;

  private static final long NOTHING_FREE = 32L << 20;
  private static final String REMEDY =
      "end other programs that use the GPU, give a smaller --vram, or in NVIDIA's control panel"
          + " set CUDA - Sysmem Fallback Policy to Prefer No Sysmem Fallback";

  private final boolean spills;
  private final double predictedSeconds;
  private final double[] measured = new double[FIRST_STEPS];
  private int steps;

  /**
   * Starts watching.
   *
   * @param spills whether the device is a GPU under a driver that may move memory: on Windows
   * @param predictedSeconds of a step, at the card's limits
   */
  SpillWatch(boolean spills, double predictedSeconds) {
    this.spills = spills;
    this.predictedSeconds = predictedSeconds;
  }

  /** Whether this computer's drivers do so. */
  static boolean onWindows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
  }

  /** What to tell after loading, of bytes free before and after. */
  Optional<String> loaded(long planned, long freeBefore, long freeAfter) {
    return spills && planned > freeBefore && freeAfter < NOTHING_FREE
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "the session takes %,d bytes where %,d were free, so the driver keeps a part of it"
                    + " in the computer's memory, and steps will be slow: %s",
                planned,
                freeBefore,
                REMEDY))
        : Optional.empty();
  }

  /** What to tell after a step, once. */
  Optional<String> stepped(double seconds) {
    if (!spills || steps >= FIRST_STEPS) {
      return Optional.empty();
    }
    measured[steps++] = seconds;
    double[] sorted = measured.clone();
    Arrays.sort(sorted);
    double median = sorted[FIRST_STEPS / 2];
    return steps == FIRST_STEPS && median > FAR * predictedSeconds
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "steps take %.1f s where this GPU needs %.1f s at least: its driver may keep a part"
                    + " of the session in the computer's memory: %s",
                median,
                predictedSeconds,
                REMEDY))
        : Optional.empty();
  }
}
