package org.likeness.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The part of a step that can stay whole where the rest is cut into micro-batches (spec
 * performance.md 2): its layers are of few pixels, and a few samples of them would leave most of a
 * GPU idle.
 *
 * <p>Forward that is what the outputs of dense layers are made from, and what is made from it in
 * turn as long as values are small. Backward it is what nothing but weight gradients of these
 * layers are made from, from the first of their products on.
 */
final class Trunk {
  /** How many times less than the trunk's largest value those hold that follow it. */
  private static final int SMALL = 8;

  private final Graph graph;
  private final Samples samples;
  private final Map<Integer, Node> producers;
  private final Map<Integer, List<Node>> consumers;
  private final Set<Integer> fetched = new HashSet<>();
  private final Set<Node> whole = new HashSet<>();

  /** Values that the forward trunk makes. */
  private final Set<Integer> forward = new HashSet<>();

  /** Gradients that its backward pass makes. */
  private final Set<Integer> backward = new HashSet<>();

  private Trunk(Graph graph, Samples samples) {
    this.graph = graph;
    this.samples = samples;
    producers = graph.producers();
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
  }

  /** Returns the nodes with samples that stay whole; none where no layer is dense. */
  static Set<Node> of(Graph graph, Samples samples) {
    Trunk trunk = new Trunk(graph, samples);
    trunk.findForward();
    trunk.findBackward();
    trunk.findConstants();
    return trunk.whole;
  }

  private void findForward() {
    for (Node node : graph.nodes().reversed()) {
      boolean dense = node.op() instanceof Linear.Dense;
      if (samples.reads(node) && (dense || leadsToTrunk(node))) {
        keep(node, forward);
      }
    }
    long most = 0;
    for (Node node : whole) {
      for (Tensor t : node.outputs()) {
        most = Math.max(most, t.shape().elements());
      }
    }
    for (Node node : graph.nodes()) {
      if (!whole.contains(node) && followsTrunk(node) && isSmall(node, most / SMALL)) {
        keep(node, forward);
      }
    }
  }

  private void keep(Node node, Set<Integer> values) {
    whole.add(node);
    node.outputs().forEach(t -> values.add(t.id()));
  }

  private boolean leadsToTrunk(Node node) {
    return node.outputs().stream()
        .flatMap(t -> consumers.getOrDefault(t.id(), List.of()).stream())
        .anyMatch(whole::contains);
  }

  /** Whether all samples that a node reads come out of the trunk, or are the same number. */
  private boolean followsTrunk(Node node) {
    List<Tensor> read =
        node.inputs().stream().filter(samples::has).filter(t -> !isConstant(t)).toList();
    return !read.isEmpty() && read.stream().allMatch(t -> forward.contains(t.id()));
  }

  private boolean isConstant(Tensor t) {
    Node producer = producers.get(t.id());
    return producer != null && producer.op() instanceof Pointwise.Constant;
  }

  private static boolean isSmall(Node node, long most) {
    return node.outputs().stream().allMatch(t -> t.shape().elements() <= most);
  }

  private void findBackward() {
    Set<Node> late = new HashSet<>();
    for (Node node : graph.nodes().reversed()) {
      if (!whole.contains(node) && samples.reads(node) && isLate(node, late)) {
        late.add(node);
      }
    }
    for (Node node : graph.nodes()) {
      if (late.contains(node) && isInTrunk(node, late)) {
        keep(node, backward);
      }
    }
  }

  /** Whether nothing depends on a node but weight gradients of the trunk. */
  private boolean isLate(Node node, Set<Node> late) {
    return samples.sums(node)
        ? isOfTrunk(node)
        : node.outputs().stream()
            .allMatch(t -> !fetched.contains(t.id()) && isReadBy(t, late) && hasReaders(t));
  }

  private boolean hasReaders(Tensor t) {
    return consumers.containsKey(t.id());
  }

  private boolean isReadBy(Tensor t, Set<Node> nodes) {
    return consumers.getOrDefault(t.id(), List.of()).stream().allMatch(nodes::contains);
  }

  /** Whether a node is the weight gradient of a layer that the forward trunk has. */
  private boolean isOfTrunk(Node node) {
    boolean weights =
        node.op() instanceof Linear.Conv2dWgrad || node.op() instanceof Linear.DenseWgrad;
    Tensor x = node.inputs().getFirst();
    List<Node> layers = consumers.get(x.id()).stream().filter(n -> isLayer(n, x)).toList();
    return weights && !layers.isEmpty() && whole.containsAll(layers);
  }

  private static boolean isLayer(Node node, Tensor x) {
    boolean layer = node.op() instanceof Linear.Conv2d || node.op() instanceof Linear.Dense;
    return layer && node.inputs().getFirst().equals(x);
  }

  /** Whether a late node is one of the trunk's; until a product makes it small, it stays cut. */
  private boolean isInTrunk(Node node, Set<Node> late) {
    boolean product =
        node.op() instanceof Linear.Conv2dDgrad || node.op() instanceof Linear.DenseDgrad;
    return samples.sums(node)
        || node.inputs().stream().anyMatch(t -> backward.contains(t.id()))
        || product && meetsWeights(node.inputs().getFirst(), late);
  }

  /** Whether a layer's gradient also makes the gradient of weights of the trunk. */
  private boolean meetsWeights(Tensor dy, Set<Node> late) {
    return consumers.get(dy.id()).stream().anyMatch(n -> samples.sums(n) && late.contains(n));
  }

  /** Constants are whole where nothing else reads them. */
  private void findConstants() {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Pointwise.Constant
          && samples.reads(node)
          && !fetched.contains(node.output().id())
          && hasReaders(node.output())
          && isReadBy(node.output(), whole)) {
        whole.add(node);
      }
    }
  }
}
