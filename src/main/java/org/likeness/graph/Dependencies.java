package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which nodes must run before which: what makes a value before what reads it, what reads the old
 * contents of a persistent tensor before what writes it, that before what reads the new.
 *
 * @param before indices of the nodes that each node waits for
 * @param after indices of the nodes that wait for each node
 */
record Dependencies(List<Set<Integer>> before, List<Set<Integer>> after) {
  static Dependencies of(List<Node> nodes) {
    Dependencies edges = new Dependencies(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < nodes.size(); i++) {
      edges.before.add(new TreeSet<>());
      edges.after.add(new TreeSet<>());
    }
    Map<Integer, Integer> madeBy = new HashMap<>();
    Map<Integer, Integer> lastWrite = new HashMap<>();
    Map<Integer, List<Integer>> readers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (Tensor input : nodes.get(i).inputs()) {
        edges.add(madeBy.get(input.id()), i);
        edges.add(lastWrite.get(input.id()), i);
        readers.computeIfAbsent(input.id(), k -> new ArrayList<>()).add(i);
      }
      for (Tensor written : nodes.get(i).mutated()) {
        for (int reader : readers.get(written.id())) {
          edges.add(reader, i);
        }
        lastWrite.put(written.id(), i);
      }
      for (Tensor output : nodes.get(i).outputs()) {
        madeBy.put(output.id(), i);
      }
    }
    return edges;
  }

  private void add(Integer earlier, int later) {
    if (earlier != null && earlier != later) {
      before.get(later).add(earlier);
      after.get(earlier).add(later);
    }
  }
}
