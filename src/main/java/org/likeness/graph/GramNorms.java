package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Linear.DenseWgrad;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Pointwise.Unary;
import org.likeness.graph.Update.ClipFactor;
import org.likeness.graph.Update.Unscale;

/**
 * Clips by the norm of dense gradients that are never whole (spec performance.md 0, fact 3): the
 * square norm of s x^T dy is the sum of s^2 (x x^T) * (dy dy^T), two (n, n) matrices multiplied
 * element by element, and that of the bias's gradient, the column sums of dy, is the sum of dy dy^T
 * alone. So {@link ClipFactor} or {@link Unscale} reads one number in the place of both gradients,
 * and only the update reads the gradient itself. The number is not finite where a gradient is not.
 */
public final class GramNorms {
  private final Map<Integer, List<Node>> consumers;
  private final Set<Integer> fetched = new HashSet<>();
  private final List<Node> made = new ArrayList<>();
  private int nextId;

  private GramNorms(Graph graph) {
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
    graph.leaves().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    }
  }

  /** Returns the graph with those norms; run it after {@link DenseFactors}, which joins passes. */
  public static Graph apply(Graph graph) {
    GramNorms pass = new GramNorms(graph);
    Map<Integer, Node> producers = graph.producers();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof ClipFactor || node.op() instanceof Unscale) {
        pass.clip(node, producers);
      } else {
        pass.made.add(node);
      }
    }
    return new Graph(graph.leaves(), pass.made, graph.fetches());
  }

  private void clip(Node clip, Map<Integer, Node> producers) {
    Map<Integer, Tensor> norms = new HashMap<>(); // of the gradients that a number stands for
    List<Tensor> inputs = new ArrayList<>();
    for (Tensor gradient : clip.inputs()) {
      Node product = producers.get(gradient.id());
      if (product == null || !isOnlyClipped(product, clip)) {
        inputs.add(gradient);
      } else if (!norms.containsKey(gradient.id())) {
        Tensor norm = norm(product);
        product.outputs().forEach(t -> norms.put(t.id(), norm));
        inputs.add(norm);
      }
    }
    made.add(new Node(clip.op(), inputs, clip.outputs()));
  }

  /** Whether nothing but this clip and updates reads a product's outputs, and it reads them all. */
  private boolean isOnlyClipped(Node product, Node clip) {
    return product.op() instanceof DenseWgrad
        && product.outputs().stream()
            .allMatch(
                t ->
                    clip.inputs().contains(t)
                        && !fetched.contains(t.id())
                        && consumers.get(t.id()).stream()
                            .allMatch(reader -> reader.equals(clip) || isUpdate(reader.op())));
  }

  private static boolean isUpdate(Op op) {
    return op instanceof Update.Rule;
  }

  /** The norm (1) of weight and bias gradient together: the root of what ClipFactor squares. */
  private Tensor norm(Node product) {
    DenseWgrad op = (DenseWgrad) product.op();
    String name = "gram/" + product.outputs().getFirst().name();
    Tensor x = gram(name + "/x", product.inputs().get(0));
    Tensor dy = gram(name + "/dy", product.inputs().get(1));
    double bias = op.bias() ? 1 : 0;
    Tensor weighed = add(name + "/weighed", new Pointwise.Affine(op.scale() * op.scale(), bias), x);
    Tensor products = add(name + "/products", new Binary(Binary.Kind.MUL), weighed, dy);
    Tensor sum = add(name + "/sum", new Reduction.SumTo(Shape.of(1, 1)), products);
    Tensor size = add(name + "/size", new Unary(Unary.Kind.ABS), sum); // a NaN stays, -1e-9 not
    return add(name, new Unary(Unary.Kind.SQRT), size);
  }

  /** f f^T (n, n) of a factor (n, features), in f32 at least. */
  private Tensor gram(String name, Tensor factor) {
    boolean wide = factor.dtype() == DType.F32 || factor.dtype() == DType.F64;
    Tensor f = wide ? factor : add(name + "/f32", new Pointwise.Cast(DType.F32), factor);
    return add(name, new Linear.DenseDgrad(1), f, f);
  }

  private Tensor add(String name, Op op, Tensor... inputs) {
    List<Tensor> in = List.of(inputs);
    Shape shape = op.infer(in.stream().map(Tensor::shape).toList()).getFirst();
    DType dtype = op.dtype(in.stream().map(Tensor::dtype).toList());
    Tensor t = new Tensor(nextId++, name, shape, dtype, Role.VALUE);
    made.add(new Node(op, in, List.of(t)));
    return t;
  }
}
