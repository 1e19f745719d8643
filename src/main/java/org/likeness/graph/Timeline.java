package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An ordered graph, read once: which of its nodes go backward, and when each value is used. */
final class Timeline {
  private final Graph graph;
  private final boolean[] backward;
  private final Map<Integer, Integer> made = new HashMap<>();
  private final Map<Integer, List<Integer>> reads = new HashMap<>();
  private final Map<Integer, List<Integer>> writes = new HashMap<>();
  private final Set<Integer> fetched = new HashSet<>();

  Timeline(Graph ordered) {
    graph = ordered;
    List<Node> nodes = ordered.nodes();
    backward = new boolean[nodes.size()];
    Set<Integer> gradients = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      for (Tensor input : new HashSet<>(node.inputs())) {
        reads.computeIfAbsent(input.id(), k -> new ArrayList<>()).add(i);
      }
      for (Tensor written : node.mutated()) {
        writes.computeIfAbsent(written.id(), k -> new ArrayList<>()).add(i);
      }
      backward[i] =
          node.hasEffect()
              || node.inputs().stream().anyMatch(t -> gradients.contains(t.id()))
              || node.outputs().stream().anyMatch(Differentiator::isGradient);
      for (Tensor output : node.outputs()) {
        made.put(output.id(), i);
        if (backward[i]) {
          gradients.add(output.id());
        }
      }
    }
    ordered.fetches().values().forEach(t -> fetched.add(t.id()));
  }

  Graph graph() {
    return graph;
  }

  int size() {
    return backward.length;
  }

  Node node(int index) {
    return graph.nodes().get(index);
  }

  /** Tells whether a node computes gradients or updates. */
  boolean backward(int index) {
    return backward[index];
  }

  /** Returns the index of the node that makes a value, -1 for a leaf. */
  int made(Tensor t) {
    return made.getOrDefault(t.id(), -1);
  }

  /** Returns the indices of the nodes that read a tensor, ascending. */
  List<Integer> reads(Tensor t) {
    return reads.getOrDefault(t.id(), List.of());
  }

  /** Returns the index of the last node that reads a tensor; the number of nodes for a fetch. */
  int lastRead(Tensor t) {
    List<Integer> all = reads(t);
    return fetched.contains(t.id()) ? size() : all.isEmpty() ? -1 : all.getLast();
  }

  boolean fetched(Tensor t) {
    return fetched.contains(t.id());
  }

  /** Tells whether what a node reads has been overwritten by the time of a later one. */
  boolean staleAt(int node, int later) {
    for (Tensor input : node(node).inputs()) {
      for (int write : writes.getOrDefault(input.id(), List.of())) {
        if (write > node && write < later) {
          return true;
        }
      }
    }
    return false;
  }
}
