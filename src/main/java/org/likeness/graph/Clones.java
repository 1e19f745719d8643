package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets go of forward values and makes them again by clones of their nodes, right in front of the
 * first backward node that reads them and never earlier, because the order is final by now: an
 * executor that runs a clone as soon as it can saves nothing (spec performance.md 0, fact 6).
 */
final class Clones {
  private final Timeline timeline;
  private final Map<Integer, List<Boolean>> kept;
  private final List<Node> order = new ArrayList<>();
  private final Map<Integer, Tensor> newest = new HashMap<>();
  private final Map<Integer, Integer> timesMade = new HashMap<>();
  private final Set<Integer> gone = new HashSet<>();

  /** What the clones in front of one backward node have made. */
  private final Set<Integer> madeNow = new HashSet<>();

  private final Map<Node, Node> origins = new HashMap<>();
  private int nextId;

  private Clones(Timeline timeline, Map<Integer, List<Boolean>> kept) {
    this.timeline = timeline;
    this.kept = kept;
    timeline.graph().leaves().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    for (Node node : timeline.graph().nodes()) {
      node.outputs().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    }
  }

  /**
   * Inserts clones into an ordered graph.
   *
   * @param kept of a value's id, whether each of its incarnations, the first made in the forward
   *     pass, is kept until its last reader; from the end of the list on they are
   */
  static Clones insert(Timeline timeline, Map<Integer, List<Boolean>> kept) {
    Clones clones = new Clones(timeline, kept);
    clones.insert();
    return clones;
  }

  /** Returns the graph with the clones. */
  Graph graph() {
    Graph graph = timeline.graph();
    return new Graph(graph.leaves(), order, graph.fetches());
  }

  /** Returns which node of the graph without clones each new one does the work of. */
  Map<Node, Node> origins() {
    return origins;
  }

  private void insert() {
    for (int i = 0; i < timeline.size(); i++) {
      Node node = timeline.node(i);
      if (timeline.backward(i)) {
        madeNow.clear();
        List<Tensor> inputs = new ArrayList<>();
        for (Tensor input : node.inputs()) {
          if (gone.contains(input.id())) {
            repeat(timeline.made(input), i);
          }
          inputs.add(newest.getOrDefault(input.id(), input));
        }
        Node reading = new Node(node.op(), inputs, node.outputs());
        origins.put(reading, node);
        order.add(reading);
        madeNow.forEach(this::letGo);
      } else {
        order.add(node);
        node.outputs().forEach(t -> letGo(t.id()));
      }
    }
  }

  /** Forgets a value just made unless this incarnation of it is kept. */
  private void letGo(int value) {
    List<Boolean> incarnations = kept.getOrDefault(value, List.of());
    int times = timesMade.getOrDefault(value, 0);
    if (times < incarnations.size() && !incarnations.get(times)) {
      gone.add(value);
    }
  }

  /** Clones a node, after those that make what it reads and what is there no more. */
  private void repeat(int index, int before) {
    if (timeline.staleAt(index, before)) {
      throw new IllegalStateException(
          timeline.node(index).op().name() + " cannot be repeated: a weight has changed since");
    }
    Node node = timeline.node(index);
    List<Tensor> inputs = new ArrayList<>();
    for (Tensor input : node.inputs()) {
      boolean there =
          input.role() != Role.VALUE
              || madeNow.contains(input.id())
              || !gone.contains(input.id()) && timeline.lastRead(input) >= before;
      if (!there) {
        repeat(timeline.made(input), before);
      }
      inputs.add(newest.getOrDefault(input.id(), input));
    }
    List<Tensor> outputs = new ArrayList<>();
    for (Tensor t : node.outputs()) {
      int times = timesMade.merge(t.id(), 1, Integer::sum);
      String name = t.name() + (times == 1 ? "/again" : "/again" + times);
      Tensor again = new Tensor(nextId++, name, t.shape(), t.dtype(), Role.VALUE);
      newest.put(t.id(), again);
      gone.remove(t.id());
      madeNow.add(t.id());
      outputs.add(again);
    }
    Node clone = new Node(node.op(), inputs, outputs);
    origins.put(clone, node);
    order.add(clone);
  }
}
