package org.likeness.device.cpu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/**
 * Chooses how each tensor is stored: f32 convolution weights, their slots and gradients in one
 * blocked layout for each shape, their 16-bit casts in another, everything else dense.
 */
final class CpuLayouts implements AutoCloseable {
  /** Below this many outputs a block of 16 is mostly padding. */
  private static final int FEWEST_OUTPUTS = 8;

  private final Optional<OnednnEngine> engine;
  private final Map<Kind, OnednnWeightLayout> weights = new HashMap<>();

  /** What layouts depend on. */
  private record Kind(Shape shape, DType type) {}

  CpuLayouts(Optional<OnednnEngine> engine) {
    this.engine = engine;
  }

  /** Returns how a feed, parameter or slot is stored. */
  Stored of(Tensor leaf) {
    boolean weight =
        leaf.role().persistent() && leaf.shape().rank() == 4 && leaf.dtype() == DType.F32;
    return weight && engine.isPresent() && leaf.shape().n() >= FEWEST_OUTPUTS
        ? blocked(leaf)
        : Stored.dense(leaf.bytes());
  }

  /** Returns the blocked layout of a weight (o,h,w,i). */
  OnednnWeightLayout blocked(Tensor weight) {
    Shape s = weight.shape();
    return weights.computeIfAbsent(
        new Kind(s, weight.dtype()),
        k -> OnednnWeightLayout.of(engine.orElseThrow(), k.type(), s.n(), s.h(), s.w(), s.c()));
  }

  /** Returns how every tensor of a graph is stored, by tensor id. */
  Map<Integer, Stored> of(Graph graph) {
    Map<Integer, Stored> stored = new HashMap<>();
    graph.leaves().forEach(t -> stored.put(t.id(), of(t)));
    Map<Integer, Stored> wanted = wantedByUpdates(graph, stored);
    Map<Integer, List<Node>> consumers = graph.consumers();
    for (Node node : graph.nodes()) {
      for (Tensor output : node.outputs()) {
        Stored wish = wanted.get(output.id());
        boolean made = wish != null && canMake(node, wish, stored);
        if (isCastWeight(node, consumers)) {
          stored.put(output.id(), blocked(output));
        } else {
          stored.put(output.id(), made ? wish : Stored.dense(output.bytes()));
        }
      }
    }
    return stored;
  }

  /** A gradient wants to lie as its weight does, and so do the gradients that it is the sum of. */
  private static Map<Integer, Stored> wantedByUpdates(Graph graph, Map<Integer, Stored> leaves) {
    Map<Integer, Stored> wanted = new HashMap<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.op() instanceof Update && node.inputs().size() > 1 && node.hasEffect()) {
        Stored weight = leaves.get(node.inputs().getFirst().id());
        if (weight instanceof OnednnWeightLayout) {
          wanted.put(node.inputs().get(1).id(), weight);
        }
      } else if (node.op() instanceof Binary && wanted.containsKey(node.output().id())) {
        node.inputs().forEach(t -> wanted.put(t.id(), wanted.get(node.output().id())));
      }
    }
    return wanted;
  }

  /** Tells whether a node casts a weight for convolutions that oneDNN computes. */
  private boolean isCastWeight(Node node, Map<Integer, List<Node>> consumers) {
    if (!(node.op() instanceof Pointwise.Cast) || node.output().dtype() != DType.BF16) {
      return false;
    }
    Tensor cast = node.output();
    return engine.isPresent()
        && engine.get().computesBf16()
        && cast.shape().rank() == 4
        && cast.shape().n() >= FEWEST_OUTPUTS
        && consumers.getOrDefault(cast.id(), List.of()).stream()
            .allMatch(
                reader ->
                    (reader.op() instanceof Linear.Conv2d
                            || reader.op() instanceof Linear.Conv2dDgrad)
                        && reader.inputs().get(1).equals(cast)
                        && !reader.inputs().getFirst().equals(cast));
  }

  private static boolean canMake(Node node, Stored wish, Map<Integer, Stored> stored) {
    return node.op() instanceof Linear.Conv2dWgrad
        || node.op() instanceof Binary
            && node.inputs().stream().allMatch(t -> stored.get(t.id()) == wish);
  }

  @Override
  public void close() {
    weights.values().forEach(OnednnWeightLayout::close);
  }
}
