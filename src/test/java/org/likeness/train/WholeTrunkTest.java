package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.Cut;
import org.likeness.graph.Levers;
import org.likeness.saehd.SaehdOptions;

/** Where a whole trunk is worth its memory, and that planning finds it there. */
class WholeTrunkTest {
  private static SaehdOptions options(int resolution, String precision) {
    return SaehdOptions.of(
        Map.of(
            "archi", "liae-udt",
            "resolution", String.valueOf(resolution),
            "batch_size", "16",
            "precision", precision,
            "recompute", "none"));
  }

  /**
   * Of the plans that fit, a whole trunk's is the fastest: parts, and its time over that of the
   * fastest that is cut all through.
   */
  @ParameterizedTest
  @CsvSource({
    "rtx-4090, 704, f32, 7.99, 8, 0.995",
    "rtx-4090, 704, bf16, 6.5, 8, 0.985",
    "h200, 704, bf16, 6.5, 8, 0.990",
    "rtx-4090, 416, bf16, 3.2, 4, 0.950",
    "h200, 416, bf16, 3.2, 4, 0.925"
  })
  void isTakenWhereSmallLayersWouldStarve(
      String card, int resolution, String precision, double gigabytes, int parts, double share) {
    ModelledGpu gpu = ModelledGpu.named(card);
    SaehdOptions options = options(resolution, precision);
    long bytes = (long) (gigabytes * 1e9);
    VramPlan plan = VramPlan.fit(options, gpu, bytes).orElseThrow();
    assertTrue(plan.plannedBytes() <= bytes, plan.plannedBytes() + " bytes");
    assertEquals(Cut.afterTrunk(parts), plan.levers().cut());
    double least = Double.MAX_VALUE;
    for (int n : Budget.cuts(16)) {
      VramPlan all = VramPlan.of(options, gpu, Levers.DEFAULT.cut(n));
      if (all.plannedBytes() <= bytes) {
        least = Math.min(least, all.predictedMilliseconds());
      }
    }
    double ours = plan.predictedMilliseconds();
    assertTrue(ours <= share * least, ours + " ms, cut all through " + least);
  }
}
