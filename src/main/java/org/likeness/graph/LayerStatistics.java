package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures what the layers of a step make: adds a {@link Reduction.Statistics} right behind each
 * value worth looking at. No other node changes, nor the order of the others, so the step computes
 * the same bits. To look at the gradient of a {@link Update.DenseUpdate} it is made whole beside
 * it, in as much memory as the update saves.
 *
 * @param graph the step with its statistics fetched
 * @param measured in the order in which they are made
 */
public record LayerStatistics(Graph graph, List<Measured> measured) {
  /** Copies the list. */
  public LayerStatistics {
    measured = List.copyOf(measured);
  }

  /** What a value is to its layer. */
  public enum Kind {
    /** What a layer makes of its input. */
    ACTIVATION,
    /** The gradient that a layer hands back. */
    GRADIENT,
    /** The gradient that an update reads, summed over the whole batch. */
    WEIGHT_GRADIENT
  }

  /** A value and the fetch (4) of its {@link Reduction.Statistics#NAMES}. */
  public record Measured(Tensor value, Kind kind, String fetch) {}

  /** Adds the statistics to a scheduled graph. */
  public static LayerStatistics apply(Graph scheduled) {
    Set<Integer> updates = new HashSet<>();
    List<Node> seen = withWholeGradients(scheduled, updates);
    int nextId = freeId(scheduled.leaves(), seen);
    List<Node> nodes = new ArrayList<>();
    List<Measured> measured = new ArrayList<>();
    Map<String, Tensor> fetches = new LinkedHashMap<>(scheduled.fetches());
    Op statistics = new Reduction.Statistics();
    for (Node node : seen) {
      nodes.add(node);
      for (Tensor value : node.outputs()) {
        Kind kind = updates.contains(value.id()) ? Kind.WEIGHT_GRADIENT : kind(node);
        if (kind != null) {
          String name = "statistics/" + value.name();
          Shape shape = statistics.infer(List.of(value.shape())).getFirst();
          DType dtype = statistics.dtype(List.of(value.dtype()));
          Tensor result = new Tensor(nextId++, name, shape, dtype, Role.VALUE);
          nodes.add(new Node(statistics, List.of(value), List.of(result)));
          fetches.put(name, result);
          measured.add(new Measured(value, kind, name));
        }
      }
    }
    return new LayerStatistics(new Graph(scheduled.leaves(), nodes, fetches), measured);
  }

  /**
   * Returns the nodes, and before each dense update the gradient that it never makes whole.
   *
   * @param updates is given the ids of the gradients that updates read
   */
  private static List<Node> withWholeGradients(Graph scheduled, Set<Integer> updates) {
    int nextId = freeId(scheduled.leaves(), scheduled.nodes());
    List<Node> nodes = new ArrayList<>();
    for (Node node : scheduled.nodes()) {
      if (node.op() instanceof Update.Rule) {
        updates.add(node.inputs().get(1).id());
      } else if (node.op() instanceof Update.DenseUpdate update) {
        Tensor w = node.inputs().getFirst();
        String name = Differentiator.PREFIX + w.name();
        Tensor gradient = new Tensor(nextId++, name, w.shape(), w.dtype(), Role.VALUE);
        Op product = new Linear.DenseWgrad(update.scale(), false);
        nodes.add(new Node(product, node.inputs().subList(1, 3), List.of(gradient)));
        updates.add(gradient.id());
      }
      nodes.add(node);
    }
    return nodes;
  }

  private static int freeId(List<Tensor> leaves, List<Node> nodes) {
    int free = 0;
    for (Tensor leaf : leaves) {
      free = Math.max(free, leaf.id() + 1);
    }
    for (Node node : nodes) {
      for (Tensor output : node.outputs()) {
        free = Math.max(free, output.id() + 1);
      }
    }
    return free;
  }

  /** What a node makes, null for what is not measured. */
  private static Kind kind(Node node) {
    return switch (node.op()) {
      case Linear.Conv2d op -> Kind.ACTIVATION;
      case Linear.Dense op -> Kind.ACTIVATION;
      case Linear.Conv2dDgrad op -> backwardOf(node);
      case Linear.DenseDgrad op -> Kind.GRADIENT;
      case Linear.Conv2dWgrad op -> null; // a part of a sum, or measured as what an update reads
      case Linear.DenseWgrad op -> null;
      case Pointwise.Activate op -> Kind.ACTIVATION;
      case Reduction.PixelNorm op -> Kind.ACTIVATION;
      case Pointwise op -> null;
      case Reduction op -> null;
      case Movement op -> null;
      case Image op -> null;
      case Update op -> null;
    };
  }

  /** A transposed convolution is a layer of its own, and else the gradient of one. */
  private static Kind backwardOf(Node node) {
    return isGradient(node.output()) ? Kind.GRADIENT : Kind.ACTIVATION;
  }

  /** Tells whether a value is a gradient, by the name that differentiation gives it. */
  public static boolean isGradient(Tensor value) {
    return value.name().startsWith("d/");
  }
}
