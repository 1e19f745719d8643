package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000L;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Progress progress(boolean live, long target) {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    return new Progress(out, live, target, () -> LocalTime.of(7, 8, 9, 55));
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static LossHistory.Entry entry(long iteration, int ms, float src, float dst) {
    return new LossHistory.Entry(iteration, ms, src, dst);
  }

  @Test
  void elsewhereThanOnATerminalLinesAreSparse() {
    Progress progress = progress(false, 0);
    for (int i = 1; i <= 25; i++) {
      progress.iteration(entry(i, 1000, 2, 3.14159f), i * SECOND);
    }
    assertEquals(
        """
        [07:08:09] #1  1000 ms  src 2.0000  dst 3.1416  waited 0.0 %
        [07:08:09] #11  1000 ms  src 2.0000  dst 3.1416  waited 0.0 %
        [07:08:09] #21  1000 ms  src 2.0000  dst 3.1416  waited 0.0 %
        """,
        printed());
  }

  @Test
  void theLineAfterASaveStaysAndShowsMeans() {
    Progress progress = progress(true, 0);
    progress.iteration(entry(1, 100, 4, 2), SECOND);
    progress.saved();
    progress.iteration(entry(2, 200, 2, 4), 2 * SECOND);
    progress.iteration(entry(3, 12345, 1, 1), 3 * SECOND);
    progress.say("done");
    assertEquals(
        "\r[07:08:09] #1  100 ms  src 4.0000  dst 2.0000  waited 0.0 %"
            + "\r"
            + " ".repeat(59)
            + "\r[07:08:09] #2  150 ms  src 3.0000  dst 3.0000  waited 0.0 %\n"
            + "\r[07:08:09] #3  12.3 s  src 1.0000  dst 1.0000  waited 0.0 %"
            + "\r"
            + " ".repeat(59)
            + "\rdone\n",
        printed());
  }

  @Test
  void tellsHowLongTheTargetTakes() {
    Progress progress = progress(false, 7201);
    progress.iteration(entry(1, 500, 1, 1), SECOND);
    assertEquals(
        "[07:08:09] #1  500 ms  src 1.0000  dst 1.0000  waited 0.0 %  7200 to go, 1:00:00\n",
        printed());
  }

  @Test
  void tellsWhichShareOfTheTimeNoFaceWasReady() {
    Progress progress = progress(false, 0);
    progress.iteration(new LossHistory.Entry(1, 900, 1, 1, 800), SECOND); // nothing was prepared
    for (int i = 2; i <= 100; i++) {
      progress.iteration(new LossHistory.Entry(i, 400, 1, 1, 50), SECOND);
    }
    progress.iteration(new LossHistory.Entry(101, 400, 1, 1, 50), 100 * SECOND);
    progress.saved();
    progress.iteration(new LossHistory.Entry(102, 100, 1, 1, 50), 101 * SECOND);
    assertEquals(
        """
        [07:08:09] #1  900 ms  src 1.0000  dst 1.0000  waited 0.0 %
        [07:08:09] #101  400 ms  src 1.0000  dst 1.0000  waited 12.3 %
        [07:08:09] #102  402 ms  src 1.0000  dst 1.0000  waited 14.3 %
        """,
        printed());
  }
}
