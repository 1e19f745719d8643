package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpillWatchTest {
  private static final long GIB = 1L << 30;

  @Test
  void aPlanLargerThanWhatWasFreeAndNothingLeftIsASpill() {
    SpillWatch watch = new SpillWatch(true, 1);
    assertTrue(
        watch
            .loaded(6 * GIB, 5 * GIB, 0)
            .orElseThrow()
            .startsWith(
                "the session takes 6,442,450,944 bytes where 5,368,709,120 were free, so the"
                    + " driver keeps a part of it in the computer's memory"));
    assertEquals(Optional.empty(), watch.loaded(4 * GIB, 5 * GIB, 0)); // others took the rest
    assertEquals(Optional.empty(), watch.loaded(6 * GIB, 5 * GIB, GIB)); // others gave some back
    assertEquals(Optional.empty(), new SpillWatch(false, 1).loaded(6 * GIB, 5 * GIB, 0));
  }

  /** A slow first step, which compiles and reads faces, is none; the warning comes once. */
  @Test
  void stepsFarFromTheirPredictionAreASpill() {
    assertEquals(0, warnings(new SpillWatch(true, 0.1), 60, 0.3));
    assertEquals(1, warnings(new SpillWatch(true, 0.1), 60, 2.5));
    assertEquals(0, warnings(new SpillWatch(false, 0.1), 60, 2.5));
  }

  private static int warnings(SpillWatch watch, double first, double others) {
    int warnings = watch.stepped(first).isPresent() ? 1 : 0;
    for (int step = 1; step < 20; step++) {
      warnings += watch.stepped(others).isPresent() ? 1 : 0;
    }
    return warnings;
  }
}
