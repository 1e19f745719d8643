package org.likeness.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Table TABLE =
      new Table(
          "Sides",
          List.of("side", "ns", "ratio"),
          List.of(
              Arrays.asList("ours, \"f32\"", 34.62, 0.00312), Arrays.asList("theirs", 11, null)),
          List.of("On one core."));

  @Test
  void markdownAlignsNumbersAndEndsWithNotes() {
    assertEquals(
        """
        ## Sides

        | side | ns | ratio |
        |---|---:|---:|
        | ours, "f32" | 34.6 | 0.0031 |
        | theirs | 11 |  |

        On one core.

        """,
        TABLE.markdown());
  }

  @Test
  void csvKeepsEveryDigitAndQuotesWhereItMust() {
    assertEquals(
        """
        side,ns,ratio
        "ours, ""f32""\",34.62,0.00312
        theirs,11,
        """,
        TABLE.csv());
  }

  @Test
  void aSkippedTableIsItsReason() {
    assertEquals("## Random\n\nSkipped: no GPU\n\n", Table.skipped("Random", "no GPU").markdown());
  }
}
