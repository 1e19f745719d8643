package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tolerances of curve files (spec golden.md). */
class CurveTest {
  private static final int STEPS = 200;
  private static final int BATCH = 2;
  private final double[] theirs = new double[STEPS * BATCH];
  private final double[] ours = new double[STEPS * BATCH];

  CurveTest() {
    Arrays.fill(theirs, 2);
    Arrays.fill(ours, 2);
  }

  private List<Verification.Group> groups() {
    return new Curve(ours, theirs, STEPS, Tolerances.EXACT.curve()).groups("src_loss");
  }

  @Test
  void eachRangeNamesItsWorstStep() {
    ours[2 * 24] = 2 * 1.0009;
    ours[2 * 25 + 1] = 2 * 1.009;
    ours[2 * 199] = 2 * 0.97;
    List<Verification.Group> groups = groups();
    assertEquals(
        List.of("curve_to_24", "curve_to_49", "curve_from_50", "curve_mean_8", "curve_mean_50"),
        groups.stream().map(Verification.Group::group).toList());
    assertEquals(9e-4, groups.get(0).error(), 1e-9);
    assertEquals("src_loss at step 24", groups.get(0).tensor());
    assertTrue(groups.get(1).ok(), groups.get(1).toString());
    assertEquals("src_loss at step 199", groups.get(2).tensor());
    assertFalse(groups.get(2).ok(), groups.get(2).toString());
    assertEquals(0.03 / 16, groups.get(3).error(), 1e-9);
    assertEquals(0.03 / 100, groups.get(4).error(), 1e-9);
  }

  @Test
  void whatIsNotANumberNeverPasses() {
    ours[2 * 60] = Double.NaN;
    assertFalse(groups().get(2).ok());
    assertFalse(groups().get(3).ok());
  }
}
