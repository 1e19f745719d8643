package org.likeness.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Orders a graph in series (spec performance.md 0, fact 1): no operation mixes src with dst, or the
 * image branch with the mask branch, so one pass runs to its loss and back before the next begins,
 * and only one pass's activations are alive.
 *
 * <p>The order is what weight gradients demand. They are asked for pass by pass, each pass from its
 * last layer to its first, and each brings what it still needs with it. Whatever can run without
 * making more memory alive runs at once: losses, updates, the end of a value.
 */
public final class Scheduler {
  /** Bytes that do not count: learning rates, clip factors, the losses of a few samples. */
  private static final int NOTHING = 64;

  /** How many times less a small result holds than what it is made from. */
  private static final int SMALLER = 64;

  /** Longest row of missing steps in front of a small result. */
  private static final int STEPS = 6;

  private final Graph graph;
  private final List<Node> nodes;
  private final Dependencies edges;
  private final int[] waiting;
  private final boolean[] done;
  private final Map<Integer, List<Integer>> readers = new HashMap<>();
  private final Map<Integer, Integer> readersLeft = new HashMap<>();
  private final Set<Integer> fetched = new HashSet<>();
  private final Set<Integer> small = new TreeSet<>();
  private boolean summing;
  private final List<Node> order = new ArrayList<>();

  private Scheduler(Graph graph) {
    this.graph = graph;
    nodes = graph.nodes();
    edges = Dependencies.of(nodes);
    waiting = edges.before().stream().mapToInt(Set::size).toArray();
    done = new boolean[nodes.size()];
    for (int i = 0; i < nodes.size(); i++) {
      if (isSmall(nodes.get(i))) {
        small.add(i);
      }
      for (Tensor input : new HashSet<>(nodes.get(i).inputs())) {
        readers.computeIfAbsent(input.id(), k -> new ArrayList<>()).add(i);
        readersLeft.merge(input.id(), 1, Integer::sum);
      }
    }
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
  }

  private static boolean isSmall(Node node) {
    long made = node.outputs().stream().mapToLong(Tensor::bytes).sum();
    long read = node.inputs().stream().mapToLong(Tensor::bytes).sum();
    return !node.hasEffect() && !(node.op() instanceof Linear) && made * SMALLER < read;
  }

  /** Returns the same graph with its nodes in the order in which a device runs them. */
  public static Graph schedule(Graph graph) {
    return new Graph(graph.leaves(), new Scheduler(graph).order(), graph.fetches());
  }

  private List<Node> order() {
    runWhatCostsNothing(IntStream.range(0, nodes.size()).boxed().toList());
    for (int sink : sinks()) {
      demand(sink);
    }
    for (int i = 0; i < nodes.size(); i++) {
      demand(i);
    }
    return order;
  }

  /** A weight gradient as it is asked for: its pass, and where its layer lies in that pass. */
  private record Sink(int node, Passes.Pass pass, int layer) {}

  /**
   * The weight gradients, pass by pass, from the last layer of each to the first. A dense one that
   * an update alone waits for comes after all others, together with that update or as part of it:
   * until then it takes no more than its factors do (spec performance.md 0, fact 3).
   */
  private List<Integer> sinks() {
    Map<Integer, Node> producers = graph.producers();
    Map<Node, Integer> index = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      index.put(nodes.get(i), i);
    }
    Map<Integer, Passes.Pass> passes = Passes.of(graph);
    List<Sink> sinks = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Op op = nodes.get(i).op();
      boolean fused = op instanceof Update.DenseUpdate;
      if (op instanceof Linear.Conv2dWgrad || op instanceof Linear.DenseWgrad || fused) {
        Tensor input = nodes.get(i).inputs().get(fused ? 1 : 0);
        Tensor dy = nodes.get(i).inputs().get(fused ? 2 : 1);
        Node maker = producers.get(input.id());
        int layer = maker == null ? -1 : index.get(maker);
        int update = fused ? i : op instanceof Linear.DenseWgrad ? onlyUpdate(nodes.get(i)) : -1;
        Passes.Pass pass = passes.getOrDefault(input.id(), Passes.Pass.FIRST);
        Passes.Pass gradient = passes.getOrDefault(dy.id(), Passes.Pass.FIRST);
        sinks.add(
            update < 0
                ? new Sink(i, pass.notBefore(gradient), layer)
                : new Sink(update, pass.endOfStage(), layer));
      }
    }
    sinks.sort(
        Comparator.comparing(Sink::pass)
            .thenComparing(Comparator.comparingInt(Sink::layer).reversed())
            .thenComparingInt(Sink::node));
    return sinks.stream().map(Sink::node).toList();
  }

  /** The update that alone reads a weight's gradient, or -1. */
  private int onlyUpdate(Node gradient) {
    Tensor weight = gradient.outputs().getFirst();
    List<Integer> reading = readers.getOrDefault(weight.id(), List.of());
    if (reading.size() != 1 || fetched.contains(weight.id())) {
      return -1;
    }
    return nodes.get(reading.getFirst()).op() instanceof Update.Rule ? reading.getFirst() : -1;
  }

  /** Runs a node after everything that it waits for, in the order written. */
  private void demand(int wanted) {
    Deque<Integer> stack = new ArrayDeque<>();
    stack.push(wanted);
    while (!stack.isEmpty()) {
      int node = stack.peek();
      Integer missing = null;
      for (int earlier : edges.before().get(node)) {
        if (!done[earlier]) {
          missing = earlier;
          break;
        }
      }
      if (missing != null) {
        stack.push(missing);
      } else {
        stack.pop();
        if (!done[node]) {
          run(node);
          runWhatCostsNothing(neighbours(node));
          sumUpWhatIsThere();
        }
      }
    }
  }

  /**
   * Makes every small result, a loss or its part, whose large inputs are there but for a few steps
   * that repeat or combine them: else these inputs would live until somebody asks for the loss.
   */
  private void sumUpWhatIsThere() {
    if (summing) {
      return;
    }
    summing = true;
    for (Iterator<Integer> left = small.iterator(); left.hasNext(); ) {
      int node = left.next();
      if (done[node]) {
        left.remove();
      } else if (isWithinReach(node, STEPS)) {
        demand(node);
        left.remove();
      }
    }
    summing = false;
  }

  /** Tells whether nothing but elementwise steps, at most so many in a row, is missing. */
  private boolean isWithinReach(int node, int steps) {
    for (int earlier : edges.before().get(node)) {
      boolean linear = nodes.get(earlier).op() instanceof Linear;
      if (!done[earlier] && (linear || steps == 0 || !isWithinReach(earlier, steps - 1))) {
        return false;
      }
    }
    return true;
  }

  private void run(int node) {
    done[node] = true;
    order.add(nodes.get(node));
    for (int later : edges.after().get(node)) {
      waiting[later]--;
    }
    new HashSet<>(nodes.get(node).inputs())
        .forEach(t -> readersLeft.merge(t.id(), -1, Integer::sum));
  }

  /** Runs those of the nodes that can run and leave no more memory alive than there is. */
  private void runWhatCostsNothing(Collection<Integer> freed) {
    Set<Integer> candidates = new TreeSet<>(freed);
    while (true) {
      candidates.removeIf(c -> done[c] || waiting[c] > 0 || growth(nodes.get(c)) > NOTHING);
      if (candidates.isEmpty()) {
        return;
      }
      int next = Collections.min(candidates, Comparator.comparingLong(c -> growth(nodes.get(c))));
      run(next);
      candidates.addAll(neighbours(next));
    }
  }

  /** Nodes that a run may have freed: those that waited for it, and its inputs' last readers. */
  private Set<Integer> neighbours(int node) {
    Set<Integer> neighbours = new TreeSet<>(edges.after().get(node));
    for (Tensor input : nodes.get(node).inputs()) {
      if (readersLeft.get(input.id()) == 1) {
        neighbours.addAll(readers.get(input.id()));
      }
    }
    return neighbours;
  }

  /** Bytes that are alive after a node and were not before. */
  private long growth(Node node) {
    long growth = 0;
    for (Tensor output : node.outputs()) {
      growth += output.bytes();
    }
    for (Tensor input : new HashSet<>(node.inputs())) {
      boolean dies = readersLeft.get(input.id()) == 1 && !fetched.contains(input.id());
      if (dies && !input.role().persistent()) {
        growth -= input.bytes();
      }
    }
    return growth;
  }
}
