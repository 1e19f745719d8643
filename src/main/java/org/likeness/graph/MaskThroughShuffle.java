package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Movement.DepthToSpace;
import org.likeness.graph.Movement.SpaceToDepth;
import org.likeness.graph.Pointwise.ActivateGrad;

/**
 * Lets an activation's gradient read the sign that it needs from the shuffled copy, which the next
 * layer keeps alive anyway: {@code activateGrad(y, spaceToDepth(g))} becomes {@code
 * spaceToDepth(activateGrad(depthToSpace(y), g))}, and y dies where it is shuffled (spec
 * performance.md 3, after In-Place ABN, arXiv 1712.02616).
 */
public final class MaskThroughShuffle {
  private final Map<Integer, Node> producers;
  private final Map<Integer, List<Node>> consumers;
  private final Set<Integer> fetched = new HashSet<>();
  private final Map<Node, Node> replacements = new HashMap<>();
  private int nextId;

  private MaskThroughShuffle(Graph graph) {
    producers = graph.producers();
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
    graph.leaves().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    }
    for (Node node : graph.nodes()) {
      if (node.op() instanceof ActivateGrad op && op.activation().gradientFromOutput()) {
        rewrite(node, op);
      }
    }
  }

  /** Returns the graph with exchanged gradients; run it after differentiation. */
  public static Graph apply(Graph graph) {
    MaskThroughShuffle pass = new MaskThroughShuffle(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(pass.replacements.getOrDefault(node, node));
    }
    return new Graph(graph.leaves(), nodes, graph.fetches());
  }

  private void rewrite(Node gradient, ActivateGrad op) {
    Tensor value = gradient.inputs().get(0);
    Tensor incoming = gradient.inputs().get(1);
    Node unshuffle = producers.get(incoming.id());
    if (unshuffle == null
        || !(unshuffle.op() instanceof SpaceToDepth back)
        || consumers.get(incoming.id()).size() != 1
        || fetched.contains(incoming.id())) {
      return;
    }
    for (Node reader : consumers.get(value.id())) {
      if (reader.op() instanceof DepthToSpace there && there.block() == back.block()) {
        Tensor shuffled = reader.output();
        Tensor masked =
            new Tensor(
                nextId++, incoming.name() + "/masked", shuffled.shape(), value.dtype(), Role.VALUE);
        List<Tensor> inputs = List.of(shuffled, unshuffle.inputs().getFirst());
        replacements.put(unshuffle, new Node(op, inputs, List.of(masked)));
        replacements.put(gradient, new Node(back, List.of(masked), gradient.outputs()));
        return;
      }
    }
  }
}
