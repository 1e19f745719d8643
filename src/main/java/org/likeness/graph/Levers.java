package org.likeness.graph;

import java.util.Optional;

/**
 * What a step does to need less memory; none changes what it computes, but for the order of sums.
 *
 * @param maskThroughShuffle activation gradients read the signs that they need from the shuffled
 *     copy
 * @param series one pass, branch and micro-batch after another, instead of the order as written
 * @param denseFactors dense gradients stay factors, also where they are clipped and in their update
 * @param microBatches parts that the batch is cut into
 * @param recompute what is made again on the way back
 */
public record Levers(
    boolean maskThroughShuffle,
    boolean series,
    boolean denseFactors,
    int microBatches,
    Recompute recompute) {
  /** No lever at all: the graph as it is written. */
  public static final Levers NONE = new Levers(false, false, false, 1);

  /** Everything that costs no time, and the batch in one piece. */
  public static final Levers DEFAULT = new Levers(true, true, true, 1);

  /** Makes levers without recomputation. */
  public Levers(boolean maskThroughShuffle, boolean series, boolean denseFactors, int parts) {
    this(maskThroughShuffle, series, denseFactors, parts, Recompute.NONE);
  }

  /** Returns the same levers with the batch in so many parts. */
  public Levers cut(int parts) {
    return new Levers(maskThroughShuffle, series, denseFactors, parts, recompute);
  }

  /** Returns the same levers with other recomputation. */
  public Levers with(Recompute other) {
    return new Levers(maskThroughShuffle, series, denseFactors, microBatches, other);
  }

  /**
   * Returns a differentiated graph pruned, fused and in order, with the recomputation that needs no
   * device to be chosen.
   */
  public Graph apply(Graph described) {
    Graph graph = Prune.apply(described);
    graph = maskThroughShuffle ? MaskThroughShuffle.apply(graph) : graph;
    graph = MicroBatches.apply(FuseEpilogues.apply(graph), microBatches);
    graph = denseFactors ? factors(graph) : graph;
    graph = series ? Scheduler.schedule(graph) : graph;
    return recompute instanceof Recompute.Blocks blocks && !blocks.names().isEmpty()
        ? Rematerializer.of(graph, blocks.names())
        : graph;
  }

  private static Graph factors(Graph graph) {
    return FuseDenseUpdates.apply(GramNorms.apply(DenseFactors.apply(graph)));
  }

  /** Returns a differentiated graph ready to plan; nothing if its slab cannot be so small. */
  public Optional<Graph> apply(Graph described, PlanTarget target) {
    Graph graph = apply(described);
    return recompute instanceof Recompute.Within(long slabBytes)
        ? Rematerializer.within(graph, target, slabBytes)
        : Optional.of(graph);
  }
}
