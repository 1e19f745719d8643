package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.likeness.graph.Activation.Kind;
import org.likeness.graph.Pointwise.Binary;

/**
 * Rewrites a differentiated f32 graph to mixed precision: the operands of convolutions, and the
 * activations between them, become bf16 or f16. Leaves, and with them weights and optimiser state,
 * fetches, weight gradients, dense layers with their codes, reductions, losses and all that follows
 * a head's convolution stay f32: a convolution whose result nobody wants in 16 bits makes f32 of
 * its 16-bit operands.
 *
 * <p>Dense layers stay f32 because they read every weight once for a few rows: a cast would cost
 * more traffic than it saves. A value is cast once; a weight once between two updates.
 */
public final class Precision {
  /** A value in another type than its own. */
  private record Recast(int id, DType type) {}

  private final DType half;
  private final Set<Integer> wanted = new HashSet<>();
  private final Map<Integer, Tensor> now = new HashMap<>();
  private final Map<Recast, Tensor> casts = new HashMap<>();
  private final Map<String, Integer> versions = new HashMap<>(); // of a weight's casts
  private final List<Node> made = new ArrayList<>();
  private int nextId;

  private Precision(Graph graph, DType half) {
    this.half = half;
    graph.leaves().forEach(this::keep);
    graph.nodes().forEach(node -> node.outputs().forEach(this::keep));
    for (Node node : graph.nodes().reversed()) {
      want(node);
    }
  }

  private void keep(Tensor t) {
    now.put(t.id(), t);
    nextId = Math.max(nextId, t.id() + 1);
  }

  /**
   * Returns the graph in mixed precision; run it after differentiation and before everything that
   * fuses or orders nodes.
   *
   * @param half BF16 or F16
   */
  public static Graph apply(Graph graph, DType half) {
    if (half != DType.BF16 && half != DType.F16) {
      throw new IllegalArgumentException("mixed precision is of bf16 or f16, not of " + half);
    }
    Precision pass = new Precision(graph, half);
    graph.nodes().forEach(pass::translate);
    Map<String, Tensor> fetches = new LinkedHashMap<>();
    graph.fetches().forEach((name, t) -> fetches.put(name, pass.as(t.dtype(), t)));
    return new Graph(graph.leaves(), pass.made, fetches);
  }

  /** Marks what a node would rather read in 16 bits; its readers have been asked before. */
  private void want(Node node) {
    boolean passedOn = node.outputs().stream().anyMatch(t -> wanted.contains(t.id()));
    switch (node.op()) {
      case Linear op when isConvolution(op) -> node.inputs().subList(0, 2).forEach(this::want);
      case Pointwise.ActivateGrad op when passedOn -> want(node.inputs().get(1));
      case Op op when passedOn && mayBeHalf(node) -> node.inputs().forEach(this::want);
      default -> {}
    }
  }

  private void want(Tensor t) {
    wanted.add(t.id());
  }

  private static boolean isConvolution(Linear op) {
    return switch (op) {
      case Linear.Conv2d o -> true;
      case Linear.Conv2dDgrad o -> true;
      case Linear.Conv2dWgrad o -> true;
      case Linear.Dense o -> false;
      case Linear.DenseDgrad o -> false;
      case Linear.DenseWgrad o -> false;
    };
  }

  /** Tells whether an operation between convolutions may compute in 16 bits. */
  private static boolean mayBeHalf(Node node) {
    return switch (node.op()) {
      case Pointwise.Activate op -> op.activation().kind() != Kind.SIGMOID;
      case Pointwise.ActivateGrad op -> op.activation().kind() != Kind.SIGMOID;
      case Pointwise.StopGradient op -> true;
      case Binary op -> op.kind() == Binary.Kind.ADD;
      case Movement op -> true;
      case Pointwise op -> false;
      case Linear op -> false;
      case Reduction op -> false;
      case Image op -> false;
      case Update op -> false;
    };
  }

  private void translate(Node node) {
    if (node.op() instanceof Linear op && isConvolution(op)) {
      convolve(node);
      return;
    }
    boolean halves = mayBeHalf(node) && computesInHalf(node);
    DType type = halves ? half : DType.F32;
    List<Tensor> inputs =
        node.inputs().stream().map(t -> as(t.dtype() == DType.F32 ? type : t.dtype(), t)).toList();
    add(node, inputs, halves);
    for (Tensor written : node.mutated()) {
      casts.remove(new Recast(written.id(), half));
    }
  }

  /** A convolution's operands are 16 bits; bias and result are what the result is wanted as. */
  private void convolve(Node node) {
    boolean gradient = node.op() instanceof Linear.Conv2dWgrad;
    List<Tensor> inputs =
        IntStream.range(0, node.inputs().size())
            .mapToObj(i -> i < 2 ? as(half, node.inputs().get(i)) : node.inputs().get(i))
            .toList();
    add(node, inputs, !gradient && wanted.contains(node.outputs().getFirst().id()));
  }

  /**
   * Tells whether an operation follows inputs that are in 16 bits; a gradient follows its value.
   */
  private boolean computesInHalf(Node node) {
    return switch (node.op()) {
      case Pointwise.ActivateGrad op -> isHalf(node.inputs().getFirst());
      case Binary op ->
          wanted.contains(node.output().id())
              && isHalf(node.inputs().get(0))
              && (isHalf(node.inputs().get(1)) || repeats(node));
      default -> node.inputs().stream().allMatch(this::isHalf);
    };
  }

  /** Tells whether the second operand is small, as the bias of a transposed convolution is. */
  private static boolean repeats(Node node) {
    return !node.inputs().get(1).shape().equals(node.inputs().get(0).shape());
  }

  private boolean isHalf(Tensor t) {
    return now.get(t.id()).dtype() == half;
  }

  private void add(Node node, List<Tensor> inputs, boolean halves) {
    List<Tensor> outputs = new ArrayList<>();
    for (Tensor t : node.outputs()) {
      Tensor output = halves ? new Tensor(t.id(), t.name(), t.shape(), half, t.role()) : t;
      now.put(t.id(), output);
      outputs.add(output);
    }
    made.add(new Node(node.op(), inputs, outputs));
  }

  /** Returns a value in a type, cast if it has another. */
  private Tensor as(DType type, Tensor original) {
    Tensor t = now.get(original.id());
    return t.dtype() == type
        ? t
        : casts.computeIfAbsent(new Recast(t.id(), type), wish -> cast(type, t));
  }

  private Tensor cast(DType type, Tensor t) {
    String name = t.name() + "/" + type.name().toLowerCase(Locale.ROOT);
    int before = versions.merge(name, 1, Integer::sum) - 1;
    String unique = before == 0 ? name : name + "#" + (before + 1);
    Tensor output = new Tensor(nextId++, unique, t.shape(), type, Role.VALUE);
    made.add(new Node(new Pointwise.Cast(type), List.of(t), List.of(output)));
    return output;
  }
}
