package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Linear.DenseWgrad;
import org.likeness.graph.Pointwise.Binary;

/**
 * Keeps dense gradients as their factors (spec performance.md 0, fact 3): a gradient x^T dy has the
 * rank of its batch, so the sum of several passes' gradients is one product of the joined factors,
 * {@code denseWgrad(x1, dy1) + denseWgrad(x2, dy2) = denseWgrad([x1; x2], [dy1; dy2])}. The factors
 * wait for the update, next to which the {@link Scheduler} forms the product.
 */
public final class DenseFactors {
  /**
   * A sum of one output of products.
   *
   * @param output 0 for the weight's gradient, 1 for the bias's
   * @param adds the nodes that add up
   */
  private record Sum(Tensor root, int output, List<Node> products, List<Node> adds) {}

  private final Map<Integer, List<Node>> consumers;
  private final Map<Integer, Sum> sums = new HashMap<>();
  private final Set<Integer> fetched = new HashSet<>();
  private final Set<Node> dropped = new HashSet<>();
  private final Map<Node, List<Node>> replacements = new HashMap<>();
  private final Map<Node, Integer> places = new HashMap<>();
  private int nextId;

  private DenseFactors(Graph graph) {
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
    graph.leaves().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    for (Node node : graph.nodes()) {
      places.put(node, places.size());
      node.outputs().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    }
    graph.nodes().forEach(this::collect);
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Binary && sums.containsKey(node.output().id())) {
        Sum sum = sums.get(node.output().id());
        if (sum.output() == 0 && !isPartOfMore(sum)) {
          rewrite(sum);
        }
      }
    }
  }

  /** Returns the graph with joined products; run it after differentiation and micro-batches. */
  public static Graph apply(Graph graph) {
    DenseFactors pass = new DenseFactors(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.addAll(pass.replacements.getOrDefault(node, List.of()));
      if (!pass.dropped.contains(node)) {
        nodes.add(node);
      }
    }
    return new Graph(graph.leaves(), nodes, graph.fetches());
  }

  private void collect(Node node) {
    if (node.op() instanceof DenseWgrad) {
      for (int i = 0; i < node.outputs().size(); i++) {
        Tensor t = node.outputs().get(i);
        sums.put(t.id(), new Sum(t, i, List.of(node), List.of()));
      }
    } else if (node.op() instanceof Binary add && add.kind() == Binary.Kind.ADD) {
      Sum a = sums.get(node.inputs().get(0).id());
      Sum b = sums.get(node.inputs().get(1).id());
      if (a != null && b != null && a.output() == b.output() && fit(a, b)) {
        List<Node> products = new ArrayList<>(a.products());
        products.addAll(b.products());
        List<Node> adds = new ArrayList<>(a.adds());
        adds.addAll(b.adds());
        adds.add(node);
        sums.put(node.output().id(), new Sum(node.output(), a.output(), products, adds));
      }
    }
  }

  private boolean fit(Sum a, Sum b) {
    return a.root() != b.root()
        && readOnce(a.root())
        && readOnce(b.root())
        && a.products().getFirst().op().equals(b.products().getFirst().op());
  }

  private boolean readOnce(Tensor t) {
    return consumers.getOrDefault(t.id(), List.of()).size() == 1 && !fetched.contains(t.id());
  }

  private boolean isPartOfMore(Sum sum) {
    return consumers.getOrDefault(sum.root().id(), List.of()).stream()
        .anyMatch(n -> n.op() instanceof Binary && sums.containsKey(n.output().id()));
  }

  /** Puts one product in the place of several, if the bias's gradients are added alike. */
  private void rewrite(Sum sum) {
    Node first = sum.products().getFirst();
    List<Tensor> outputs = new ArrayList<>(List.of(sum.root()));
    List<Node> gone = new ArrayList<>(sum.products());
    gone.addAll(sum.adds());
    Node place = sum.adds().getLast();
    if (first.outputs().size() > 1) {
      Sum bias = biasLike(sum);
      if (bias == null) {
        return;
      }
      outputs.add(bias.root());
      gone.addAll(bias.adds());
      Node other = bias.adds().getLast();
      place = places.get(other) < places.get(place) ? other : place;
    }
    dropped.addAll(gone);
    List<Node> made = new ArrayList<>();
    Tensor x = joined(sum, 0, made);
    Tensor dy = joined(sum, 1, made);
    made.add(new Node(first.op(), List.of(x, dy), outputs));
    replacements.put(place, made); // where all factors are there, and nobody has read a sum yet
  }

  /** The sum of the same products' bias gradients, or null. */
  private Sum biasLike(Sum sum) {
    for (Sum other : sums.values()) {
      if (other.output() == 1
          && other.products().equals(sum.products())
          && other.adds().size() == sum.adds().size()) {
        return other;
      }
    }
    return null;
  }

  private Tensor joined(Sum sum, int input, List<Node> made) {
    List<Tensor> parts = sum.products().stream().map(n -> n.inputs().get(input)).toList();
    Op concat = new Movement.Concat(0);
    Shape shape = concat.infer(parts.stream().map(Tensor::shape).toList()).getFirst();
    String name = sum.root().name() + (input == 0 ? "/x" : "/dy");
    Tensor t = new Tensor(nextId++, name, shape, parts.getFirst().dtype(), Role.VALUE);
    made.add(new Node(concat, parts, List.of(t)));
    return t;
  }
}
