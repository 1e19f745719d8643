package org.likeness.graph;

import java.util.Optional;

/**
 * What a step does to need less memory; none changes what it computes, but for the order of sums.
 *
 * @param maskThroughShuffle activation gradients read the signs that they need from the shuffled
 *     copy
 * @param series one pass, branch and micro-batch after another, instead of the order as written
 * @param denseFactors dense gradients stay factors, also where they are clipped and in their update
 * @param cut the batch into micro-batches
 * @param recompute what is made again on the way back
 */
public record Levers(
    boolean maskThroughShuffle,
    boolean series,
    boolean denseFactors,
    Cut cut,
    Recompute recompute) {
  /** No lever at all: the graph as it is written. */
  public static final Levers NONE = new Levers(false, false, false, Cut.NONE);

  /** Everything that costs no time, and the batch in one piece. */
  public static final Levers DEFAULT = new Levers(true, true, true, Cut.NONE);

  /** Makes levers without recomputation. */
  public Levers(boolean maskThroughShuffle, boolean series, boolean denseFactors, Cut cut) {
    this(maskThroughShuffle, series, denseFactors, cut, Recompute.NONE);
  }

  /** Returns the same levers with the whole step in so many parts. */
  public Levers cut(int parts) {
    return with(Cut.all(parts));
  }

  /** Returns the same levers with the batch cut like this. */
  public Levers with(Cut other) {
    return new Levers(maskThroughShuffle, series, denseFactors, other, recompute);
  }

  /** Returns the same levers with other recomputation. */
  public Levers with(Recompute other) {
    return new Levers(maskThroughShuffle, series, denseFactors, cut, other);
  }

  /**
   * Returns a differentiated graph pruned, fused and in order, with the recomputation that needs no
   * device to be chosen.
   */
  public Graph apply(Graph described) {
    return order(cut(fuse(described)));
  }

  /** Returns a differentiated graph ready to plan; nothing if its slab cannot be so small. */
  public Optional<Graph> apply(Graph described, PlanTarget target) {
    return order(cut(fuse(described)), target);
  }

  /** Returns a differentiated graph pruned and fused, which is the same however it is cut. */
  Graph fuse(Graph described) {
    Graph graph = Prune.apply(described);
    return FuseEpilogues.apply(maskThroughShuffle ? MaskThroughShuffle.apply(graph) : graph);
  }

  /** Returns a fused graph cut: but for recomputation, all that runs. */
  Graph cut(Graph fused) {
    Graph graph = MicroBatches.apply(fused, cut);
    return denseFactors
        ? FuseDenseUpdates.apply(GramNorms.apply(DenseFactors.apply(graph)))
        : graph;
  }

  /** Returns a graph that is cut ready to plan; nothing if its slab cannot be so small. */
  Optional<Graph> order(Graph graph, PlanTarget target) {
    Graph ordered = order(graph);
    return recompute instanceof Recompute.Within(long slabBytes)
        ? Rematerializer.within(ordered, target, slabBytes)
        : Optional.of(ordered);
  }

  private Graph order(Graph graph) {
    Graph ordered = series ? Scheduler.schedule(graph) : graph;
    return recompute instanceof Recompute.Blocks blocks && !blocks.names().isEmpty()
        ? Rematerializer.of(ordered, blocks.names())
        : ordered;
  }
}
