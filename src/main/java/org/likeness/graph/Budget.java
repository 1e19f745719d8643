package org.likeness.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Chooses the levers that make a step fit a budget before anything is allocated: the largest
 * micro-batches that do, for the fewest launches.
 *
 * @param profile what the device says of a scheduled graph
 * @param bytes that all pools of the plan may take together
 */
public record Budget(Function<Graph, DeviceProfile> profile, long bytes) {
  /** A plan and how it was made. */
  public record Choice(Levers levers, ExecutionPlan plan) {
    /** Returns the bytes of all pools together. */
    public long bytes() {
      return plan.memory().totalBytes();
    }
  }

  /** Returns the first plan that fits, from the whole batch to parts of one sample. */
  public Optional<Choice> fit(Graph described) {
    for (int parts : cuts(MicroBatches.batch(described))) {
      Choice choice = plan(described, Levers.DEFAULT.cut(parts));
      if (choice.bytes() <= bytes) {
        return Optional.of(choice);
      }
    }
    return Optional.empty();
  }

  /** Plans a described step with these levers. */
  public Choice plan(Graph described, Levers levers) {
    Graph scheduled = levers.apply(described);
    return new Choice(levers, ExecutionPlan.of(scheduled, profile.apply(scheduled)));
  }

  /** Returns the numbers of equal parts that a batch can be cut into, ascending. */
  public static List<Integer> cuts(int batch) {
    List<Integer> cuts = new ArrayList<>();
    for (int parts = 1; parts <= batch; parts++) {
      if (batch % parts == 0) {
        cuts.add(parts);
      }
    }
    return cuts;
  }
}
