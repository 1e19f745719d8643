package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.likeness.graph.MemoryPlan;

/** What holds of every memory plan. */
public final class Plans {
  private Plans() {}

  /** Expects every buffer inside the slab, and no two that are alive at one node to overlap. */
  public static void expectApart(MemoryPlan plan) {
    List<MemoryPlan.Placement> placed = plan.placements();
    for (int i = 0; i < placed.size(); i++) {
      MemoryPlan.Placement a = placed.get(i);
      assertTrue(a.offset() >= 0 && a.end() <= plan.slabBytes(), () -> a + " leaves the slab");
      for (MemoryPlan.Placement b : placed.subList(i + 1, placed.size())) {
        boolean apart = a.end() <= b.offset() || b.end() <= a.offset();
        assertTrue(apart || !a.interval().overlaps(b.interval()), () -> a + " and " + b);
      }
    }
  }
}
