package org.likeness.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.ExecutionPlan;

/**
 * What was seen of one run of a program.
 *
 * @param startNanos from the first recorded run's begin
 * @param nanos of each node
 * @param statistics (4) of each measured value by its fetch
 */
record ProfiledStep(
    long iteration,
    ExecutionPlan plan,
    long startNanos,
    long[] nanos,
    Map<String, float[]> statistics) {
  /** Copies the map. */
  ProfiledStep {
    statistics = Map.copyOf(statistics);
  }

  /** Returns the bytes alive in the slab at each node, by what they are. */
  static List<Map<String, Long>> alive(ExecutionPlan plan) {
    int nodes = plan.graph().nodes().size();
    Map<String, long[]> alive = new HashMap<>();
    for (var placement : plan.memory().placements()) {
      var interval = placement.interval();
      long[] bytes = alive.computeIfAbsent(ValueKind.of(interval).toString(), k -> new long[nodes]);
      for (int i = Math.max(0, interval.first()); i <= interval.last() && i < nodes; i++) {
        bytes[i] += interval.bytes();
      }
    }
    List<Map<String, Long>> each = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Map<String, Long> kinds = new java.util.LinkedHashMap<>();
      for (ValueKind kind : ValueKind.values()) {
        long[] bytes = alive.get(kind.toString());
        kinds.put(kind.toString(), bytes == null ? 0 : bytes[i]);
      }
      each.add(kinds);
    }
    return each;
  }

  long totalNanos() {
    return Arrays.stream(nanos).sum();
  }
}
