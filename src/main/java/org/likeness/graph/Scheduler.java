package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Orders a graph: as written, except that an update runs as soon as nothing else needs the old
 * contents, so that its gradient dies early.
 */
public final class Scheduler {
  private final List<Node> nodes;
  private final List<Set<Integer>> successors = new ArrayList<>();
  private final int[] waiting;

  private Scheduler(Graph graph) {
    nodes = graph.nodes();
    waiting = new int[nodes.size()];
    nodes.forEach(n -> successors.add(new HashSet<>()));
    Map<Integer, Integer> madeBy = new HashMap<>();
    Map<Integer, Integer> lastWrite = new HashMap<>();
    Map<Integer, List<Integer>> readers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Tensor input : nodes.get(i).inputs()) {
        edge(madeBy.get(input.id()), i);
        edge(lastWrite.get(input.id()), i);
        readers.computeIfAbsent(input.id(), k -> new ArrayList<>()).add(i);
      }
      for (Tensor written : nodes.get(i).mutated()) {
        for (int reader : readers.get(written.id())) {
          edge(reader, i);
        }
        lastWrite.put(written.id(), i);
      }
      for (Tensor output : nodes.get(i).outputs()) {
        madeBy.put(output.id(), i);
      }
    }
  }

  /** Returns the same graph with its nodes in the order in which a device runs them. */
  public static Graph schedule(Graph graph) {
    return new Graph(graph.leaves(), new Scheduler(graph).order(), graph.fetches());
  }

  private void edge(Integer before, int after) {
    if (before != null && before != after && successors.get(before).add(after)) {
      waiting[after]++;
    }
  }

  private List<Node> order() {
    PriorityQueue<Integer> ready = new PriorityQueue<>((a, b) -> Integer.compare(rank(a), rank(b)));
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<Node> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order.add(nodes.get(next));
      for (int successor : successors.get(next)) {
        if (--waiting[successor] == 0) {
          ready.add(successor);
        }
      }
    }
    return order;
  }

  private int rank(int node) {
    return nodes.get(node).hasEffect() ? node - nodes.size() : node;
  }
}
