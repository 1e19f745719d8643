package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Linear.DenseWgrad;

/**
 * Never makes a dense weight's gradient whole (spec performance.md 0, fact 3): where one update
 * alone reads it, {@link Update.DenseUpdate} takes the factors in its place. The bias's gradient,
 * the column sums of dy, stays a value.
 */
public final class FuseDenseUpdates {
  private final Map<Integer, List<Node>> consumers;
  private final Set<Integer> fetched = new HashSet<>();

  /** The product that each update's gradient comes from. */
  private final Map<Node, Node> products = new HashMap<>();

  private FuseDenseUpdates(Graph graph) {
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
    for (Node node : graph.nodes()) {
      Node update = node.op() instanceof DenseWgrad ? onlyReader(node) : null;
      if (update != null) {
        products.put(update, node);
      }
    }
  }

  /** Returns the graph with those updates; run it after {@link GramNorms}. */
  public static Graph apply(Graph graph) {
    FuseDenseUpdates pass = new FuseDenseUpdates(graph);
    Set<Node> gone = new HashSet<>(pass.products.values());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (gone.contains(node)) {
        pass.addBias(node, nodes);
      } else if (pass.products.containsKey(node)) {
        nodes.add(fused(node, pass.products.get(node)));
      } else {
        nodes.add(node);
      }
    }
    return new Graph(graph.leaves(), nodes, graph.fetches());
  }

  /** The update that alone reads a product's weight gradient, as a gradient, or null. */
  private Node onlyReader(Node product) {
    Tensor gradient = product.outputs().getFirst();
    List<Node> readers = consumers.getOrDefault(gradient.id(), List.of());
    boolean changing = product.inputs().stream().anyMatch(t -> t.role().persistent());
    if (readers.size() != 1 || fetched.contains(gradient.id()) || changing) {
      return null;
    }
    Node reader = readers.getFirst();
    boolean once = reader.inputs().stream().filter(gradient::equals).count() == 1;
    boolean updates = reader.op() instanceof Update.Rule && reader.inputs().get(1).equals(gradient);
    return updates && once ? reader : null;
  }

  private void addBias(Node product, List<Node> nodes) {
    if (product.outputs().size() > 1) {
      Tensor bias = product.outputs().get(1);
      if (consumers.containsKey(bias.id()) || fetched.contains(bias.id())) {
        Tensor dy = product.inputs().get(1);
        nodes.add(new Node(new Reduction.ColumnSums(), List.of(dy), List.of(bias)));
      }
    }
  }

  private static Node fused(Node update, Node product) {
    double scale = ((DenseWgrad) product.op()).scale();
    List<Tensor> inputs = new ArrayList<>(List.of(update.inputs().getFirst()));
    inputs.addAll(product.inputs());
    inputs.addAll(update.inputs().subList(2, update.inputs().size()));
    return new Node(new Update.DenseUpdate(scale, (Update.Rule) update.op()), inputs, List.of());
  }
}
