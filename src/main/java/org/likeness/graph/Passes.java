package org.likeness.graph;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which pass of a step each value belongs to: what can run before the next pass begins. */
public final class Passes {
  private final Graph graph;
  private final Samples samples;

  /** Whether micro-batches run through the whole step, not within each of its passes. */
  private final boolean rounds;

  private final Map<Integer, Pass> passes = new HashMap<>();

  private Passes(Graph graph) {
    this.graph = graph;
    samples = Samples.of(graph);
    rounds = graph.nodes().stream().noneMatch(this::cutsValue);
  }

  /**
   * A pass, in the order in which passes run.
   *
   * @param stage how many rounds of updates come before it: discriminators judge what the updated
   *     generator makes
   * @param round the first sample of its micro-batch where the whole step is cut, else 0
   * @param feed the number of the last feed, in their order, that it reads; so src comes before
   *     dst, and what needs both, as the style losses do, with the later
   * @param part the first sample of its micro-batch; {@link #BEFORE} or {@link #AFTER} them all
   *     where the trunk stays whole
   */
  public record Pass(int stage, int round, int feed, int part) implements Comparable<Pass> {
    /** The part of what micro-batches are cut from. */
    public static final int BEFORE = -1;

    /** The part of what is made from micro-batches joined. */
    public static final int AFTER = Integer.MAX_VALUE;

    static final Pass FIRST = new Pass(0, 0, 0, BEFORE);

    private static final Comparator<Pass> ORDER =
        Comparator.comparingInt(Pass::stage)
            .thenComparingInt(Pass::round)
            .thenComparingInt(Pass::feed)
            .thenComparingInt(Pass::part);

    /** Compares by stage, then the step's micro-batch, then feed, then the pass's micro-batch. */
    @Override
    public int compareTo(Pass other) {
      return ORDER.compare(this, other);
    }

    /** A pass after all others of the stage. */
    Pass endOfStage() {
      return new Pass(stage, Integer.MAX_VALUE, 0, AFTER);
    }

    /** This pass, but not before another's micro-batch. */
    Pass notBefore(Pass other) {
      return in(round, Math.max(part, other.part));
    }

    private Pass in(int newRound, int newPart) {
      return new Pass(stage, newRound, feed, newPart);
    }

    private static Pass later(Pass a, Pass b) {
      return a.compareTo(b) < 0 ? b : a;
    }
  }

  /** Returns the pass of each feed and value by its id. */
  public static Map<Integer, Pass> of(Graph graph) {
    return new Passes(graph).find();
  }

  private Map<Integer, Pass> find() {
    List<Tensor> feeds = graph.leaves(Role.FEED);
    for (int i = 0; i < feeds.size(); i++) {
      passes.put(feeds.get(i).id(), new Pass(0, 0, i, Pass.BEFORE));
    }
    for (Node node : graph.nodes()) {
      Pass pass = pass(node);
      for (Tensor output : node.outputs()) {
        passes.put(output.id(), pass);
      }
      for (Tensor written : node.mutated()) {
        passes.put(written.id(), new Pass(pass.stage() + 1, 0, 0, Pass.BEFORE));
      }
    }
    return passes;
  }

  private Pass pass(Node node) {
    Pass pass = Pass.FIRST;
    for (Tensor input : node.inputs()) {
      pass = Pass.later(pass, of(input));
    }
    if (node.op() instanceof Movement.Slice slice && cutsSamples(node)) {
      return pass.in(rounds ? slice.from() : 0, slice.from());
    }
    return !rounds && joinsParts(node) ? pass.in(0, Pass.AFTER) : pass;
  }

  private Pass of(Tensor t) {
    return passes.getOrDefault(t.id(), Pass.FIRST);
  }

  private boolean cutsSamples(Node node) {
    return node.op() instanceof Movement.Slice slice
        && slice.axis() == 0
        && samples.has(node.inputs().getFirst());
  }

  private boolean cutsValue(Node node) {
    return cutsSamples(node) && node.inputs().getFirst().role() == Role.VALUE;
  }

  private boolean joinsParts(Node node) {
    return node.op() instanceof Movement.Concat concat
        && concat.axis() == 0
        && node.inputs().stream().mapToInt(t -> of(t).part()).distinct().count() > 1;
  }
}
