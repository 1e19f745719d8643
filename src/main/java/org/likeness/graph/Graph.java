package org.likeness.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A step: nodes in an order that respects their data. The order is the program's meaning where a
 * node writes an input in place: earlier nodes read the old contents, later nodes the new.
 *
 * @param leaves feeds, parameters and slots
 * @param fetches values that the host reads after a run, by the name it asks for
 */
public record Graph(List<Tensor> leaves, List<Node> nodes, Map<String, Tensor> fetches) {
  /** Checks that every input is made before it is read and that ids and names are unique. */
  public Graph {
    leaves = List.copyOf(leaves);
    nodes = List.copyOf(nodes);
    fetches = Collections.unmodifiableMap(new LinkedHashMap<>(fetches));
    Set<Integer> made = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Tensor leaf : leaves) {
      define(leaf, made, names);
    }
    for (Node node : nodes) {
      for (Tensor input : node.inputs()) {
        if (!made.contains(input.id())) {
          throw new IllegalArgumentException(
              node.op().name() + " reads " + input + " before anything makes it");
        }
      }
      for (Tensor written : node.mutated()) {
        if (!written.role().persistent()) {
          throw new IllegalArgumentException(
              node.op().name() + " writes " + written + " in place, which is no parameter or slot");
        }
      }
      for (Tensor output : node.outputs()) {
        define(output, made, names);
      }
    }
    for (Map.Entry<String, Tensor> fetch : fetches.entrySet()) {
      if (!made.contains(fetch.getValue().id())) {
        throw new IllegalArgumentException(
            "nothing makes " + fetch.getValue() + ", fetched as " + fetch.getKey());
      }
    }
  }

  private static void define(Tensor tensor, Set<Integer> made, Set<String> names) {
    if (!made.add(tensor.id()) || !names.add(tensor.name())) {
      throw new IllegalArgumentException(tensor + " (id " + tensor.id() + ") is made twice");
    }
  }

  /** Returns the leaves of one role in their order. */
  public List<Tensor> leaves(Role role) {
    return leaves.stream().filter(t -> t.role() == role).toList();
  }

  /** Returns the parameters and slots. */
  public List<Tensor> persistent() {
    return leaves.stream().filter(t -> t.role().persistent()).toList();
  }

  /** Returns the leaf of this name, or refuses with the names that there are. */
  public Tensor leaf(String name) {
    for (Tensor leaf : leaves) {
      if (leaf.name().equals(name)) {
        return leaf;
      }
    }
    throw new IllegalArgumentException(
        "the graph has no leaf " + name + " among " + leaves.stream().map(Tensor::name).toList());
  }

  /** Returns the node that makes each non-leaf tensor, by tensor id. */
  public Map<Integer, Node> producers() {
    Map<Integer, Node> producers = new HashMap<>();
    for (Node node : nodes) {
      for (Tensor output : node.outputs()) {
        producers.put(output.id(), node);
      }
    }
    return producers;
  }

  /** Returns the nodes that read each tensor, by tensor id, in order. */
  public Map<Integer, List<Node>> consumers() {
    Map<Integer, Set<Node>> consumers = new HashMap<>();
    for (Node node : nodes) {
      for (Tensor input : node.inputs()) {
        consumers.computeIfAbsent(input.id(), k -> new LinkedHashSet<>()).add(node);
      }
    }
    Map<Integer, List<Node>> lists = new HashMap<>();
    consumers.forEach((id, nodes) -> lists.put(id, List.copyOf(nodes)));
    return lists;
  }

  /** Returns this graph with other fetches. */
  public Graph fetching(Map<String, Tensor> other) {
    return new Graph(leaves, nodes, other);
  }
}
