package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Drops nodes that neither a fetch nor an update needs, and stop-gradients, which do nothing. */
public final class Prune {
  private Prune() {}

  /**
   * Returns the graph without dead nodes. Leaves stay, so that a session's tensors do not depend on
   * what one graph happens to use.
   */
  public static Graph apply(Graph graph) {
    Map<Integer, Tensor> same = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Tensor> inputs = node.inputs().stream().map(t -> same.getOrDefault(t.id(), t)).toList();
      if (node.op() instanceof Pointwise.StopGradient) {
        same.put(node.output().id(), inputs.getFirst());
      } else {
        nodes.add(new Node(node.op(), inputs, node.outputs()));
      }
    }
    Map<String, Tensor> fetches = new LinkedHashMap<>();
    graph.fetches().forEach((name, t) -> fetches.put(name, same.getOrDefault(t.id(), t)));
    Set<Integer> needed = new HashSet<>();
    fetches.values().forEach(t -> needed.add(t.id()));
    List<Node> live = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (node.hasEffect() || node.outputs().stream().anyMatch(t -> needed.contains(t.id()))) {
        node.inputs().forEach(t -> needed.add(t.id()));
        live.add(node);
      }
    }
    return new Graph(graph.leaves(), live.reversed(), fetches);
  }
}
