package org.likeness.device.cpu;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/**
 * Chooses how each tensor is stored: f32 convolution weights, their slots and gradients in one
 * blocked layout for each shape, everything else dense.
 */
final class CpuLayouts implements AutoCloseable {
  private final Optional<OnednnEngine> engine;
  private final Map<Shape, OnednnWeightLayout> weights = new HashMap<>();

  CpuLayouts(Optional<OnednnEngine> engine) {
    this.engine = engine;
  }

  /** Returns how a feed, parameter or slot is stored. */
  Stored of(Tensor leaf) {
    boolean weight =
        leaf.role().persistent() && leaf.shape().rank() == 4 && leaf.dtype() == DType.F32;
    return weight && engine.isPresent() ? blocked(leaf.shape()) : Stored.dense(leaf.bytes());
  }

  private OnednnWeightLayout blocked(Shape s) {
    return weights.computeIfAbsent(
        s, k -> OnednnWeightLayout.of(engine.orElseThrow(), s.n(), s.h(), s.w(), s.c()));
  }

  /** Returns how every tensor of a graph is stored, by tensor id. */
  Map<Integer, Stored> of(Graph graph) {
    Map<Integer, Stored> stored = new HashMap<>();
    graph.leaves().forEach(t -> stored.put(t.id(), of(t)));
    for (Node node : graph.nodes()) {
      for (Tensor output : node.outputs()) {
        stored.put(output.id(), ofOutput(node, output, stored));
      }
    }
    return stored;
  }

  private Stored ofOutput(Node node, Tensor output, Map<Integer, Stored> stored) {
    boolean f32 = output.dtype() == DType.F32 && engine.isPresent();
    if (f32 && node.op() instanceof Linear.Conv2dWgrad && output.shape().rank() == 4) {
      return blocked(output.shape());
    }
    if (node.op() instanceof Binary) {
      Stored a = stored.get(node.inputs().get(0).id());
      Stored b = stored.get(node.inputs().get(1).id());
      if (a == b && a instanceof OnednnWeightLayout) {
        return a; // two gradients of one weight
      }
    }
    return Stored.dense(output.bytes());
  }

  @Override
  public void close() {
    weights.values().forEach(OnednnWeightLayout::close);
  }
}
