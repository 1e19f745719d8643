package org.likeness.graph;

/**
 * What a step does to need less memory; none changes what it computes, but for the order of sums.
 *
 * @param maskThroughShuffle activation gradients read the signs that they need from the shuffled
 *     copy
 * @param series one pass, branch and micro-batch after another, instead of the order as written
 * @param denseFactors dense gradients stay factors until their update, also where they are clipped
 * @param microBatches parts that the batch is cut into
 */
public record Levers(
    boolean maskThroughShuffle, boolean series, boolean denseFactors, int microBatches) {
  /** No lever at all: the graph as it is written. */
  public static final Levers NONE = new Levers(false, false, false, 1);

  /** Everything that costs no time, and the batch in one piece. */
  public static final Levers DEFAULT = new Levers(true, true, true, 1);

  /** Returns the same levers with the batch in so many parts. */
  public Levers cut(int parts) {
    return new Levers(maskThroughShuffle, series, denseFactors, parts);
  }

  /** Returns a differentiated graph ready to plan: pruned, fused and in order. */
  public Graph apply(Graph described) {
    Graph graph = Prune.apply(described);
    graph = maskThroughShuffle ? MaskThroughShuffle.apply(graph) : graph;
    graph = MicroBatches.apply(FuseEpilogues.apply(graph), microBatches);
    graph = denseFactors ? GramNorms.apply(DenseFactors.apply(graph)) : graph;
    return series ? Scheduler.schedule(graph) : graph;
  }
}
