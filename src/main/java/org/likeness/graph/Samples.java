package org.likeness.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which tensors hold one entry per sample of the batch along their first axis. */
final class Samples {
  private final int batch;
  private final Set<Integer> ids = new HashSet<>();

  private Samples(Graph graph) {
    List<Tensor> feeds = graph.leaves(Role.FEED);
    batch = feeds.isEmpty() || feeds.getFirst().shape().rank() == 0 ? 0 : MicroBatches.batch(graph);
    feeds.stream().filter(this::isAsLong).forEach(t -> ids.add(t.id()));
    for (Node node : graph.nodes()) {
      if (reads(node) && !sums(node)) {
        node.outputs().forEach(t -> ids.add(t.id()));
      }
    }
  }

  /** Finds them in a graph, by the first extent of its feeds. */
  static Samples of(Graph graph) {
    return new Samples(graph);
  }

  boolean has(Tensor t) {
    return ids.contains(t.id());
  }

  /** Tells whether a node has samples; a constant has them if it is as long as the batch. */
  boolean reads(Node node) {
    return node.op() instanceof Pointwise.Constant
        ? isAsLong(node.output())
        : node.inputs().stream().anyMatch(this::has);
  }

  /** Tells whether a node that reads samples sums over them, whatever its output's extents are. */
  boolean sums(Node node) {
    return node.op() instanceof Linear.Conv2dWgrad
        || node.op() instanceof Linear.DenseWgrad
        || node.outputs().stream().noneMatch(this::isAsLong);
  }

  private boolean isAsLong(Tensor t) {
    return t.shape().rank() > 0 && t.shape().n() == batch;
  }
}
