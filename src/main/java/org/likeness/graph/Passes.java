package org.likeness.graph;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which pass of a step each value belongs to: what can run before the next pass begins. */
public final class Passes {
  private Passes() {}

  /**
   * A pass, in the order in which passes run.
   *
   * @param stage how many rounds of updates come before it: discriminators judge what the updated
   *     generator makes
   * @param part the first sample of its micro-batch
   * @param feed the number of the last feed, in their order, that it reads; so src comes before
   *     dst, and what needs both, as the style losses do, with the later
   */
  public record Pass(int stage, int part, int feed) implements Comparable<Pass> {
    static final Pass FIRST = new Pass(0, 0, 0);

    private static final Comparator<Pass> ORDER =
        Comparator.comparingInt(Pass::stage)
            .thenComparingInt(Pass::part)
            .thenComparingInt(Pass::feed);

    /** Compares by stage, then micro-batch, then feed. */
    @Override
    public int compareTo(Pass other) {
      return ORDER.compare(this, other);
    }

    /** A pass after all others of the stage. */
    Pass endOfStage() {
      return new Pass(stage, Integer.MAX_VALUE, 0);
    }

    private static Pass later(Pass a, Pass b) {
      return a.compareTo(b) < 0 ? b : a;
    }
  }

  /** Returns the pass of each feed and value by its id. */
  public static Map<Integer, Pass> of(Graph graph) {
    Map<Integer, Pass> passes = new HashMap<>();
    List<Tensor> feeds = graph.leaves(Role.FEED);
    for (int i = 0; i < feeds.size(); i++) {
      passes.put(feeds.get(i).id(), new Pass(0, 0, i));
    }
    for (Node node : graph.nodes()) {
      Pass pass = Pass.FIRST;
      for (Tensor input : node.inputs()) {
        pass = Pass.later(pass, passes.getOrDefault(input.id(), Pass.FIRST));
      }
      if (node.op() instanceof Movement.Slice slice
          && slice.axis() == 0
          && node.inputs().getFirst().role() == Role.FEED) {
        pass = new Pass(pass.stage(), slice.from(), pass.feed());
      }
      for (Tensor output : node.outputs()) {
        passes.put(output.id(), pass);
      }
      for (Tensor written : node.mutated()) {
        passes.put(written.id(), new Pass(pass.stage() + 1, 0, 0));
      }
    }
    return passes;
  }
}
