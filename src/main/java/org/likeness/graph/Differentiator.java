package org.likeness.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Pointwise.Binary;

/**
 * Reverse-mode differentiation: appends to a graph the nodes that compute the gradient of the sum
 * of a loss vector. One rule per operation, in one exhaustive switch.
 */
public final class Differentiator {
  /** How the name of every gradient begins; passes that replace one keep it. */
  static final String PREFIX = "d/";

  private final GraphBuilder builder;
  private final Map<Integer, Tensor> gradients = new HashMap<>();
  private final Set<Integer> active = new HashSet<>();

  /**
   * A graph with gradients.
   *
   * @param of the gradient of each asked-for tensor that the losses depend on
   */
  public record Result(Graph graph, Map<Tensor, Tensor> of) {}

  private Differentiator(Graph graph, List<Tensor> wanted) {
    builder = new GraphBuilder(graph);
    wanted.forEach(t -> active.add(t.id()));
    for (Node node : graph.nodes()) {
      boolean stops = node.op() instanceof Pointwise.StopGradient;
      if (!stops && node.inputs().stream().anyMatch(t -> active.contains(t.id()))) {
        node.outputs().forEach(t -> active.add(t.id()));
      }
    }
  }

  /** Returns the graph with the gradients of {@code sum(losses)}, losses (n), to the wanted. */
  public static Result differentiate(Graph graph, Tensor losses, List<Tensor> wanted) {
    Differentiator d = new Differentiator(graph, wanted);
    Tensor ones =
        d.builder.add(
            PREFIX + losses.name(), new Pointwise.Constant(losses.shape(), losses.dtype(), 1));
    d.gradients.put(losses.id(), ones);
    for (Node node : graph.nodes().reversed()) {
      boolean reached = node.outputs().stream().anyMatch(t -> d.gradients.containsKey(t.id()));
      if (reached && node.inputs().stream().anyMatch(t -> d.active.contains(t.id()))) {
        d.propagate(node);
      }
    }
    Map<Tensor, Tensor> of = new LinkedHashMap<>();
    for (Tensor t : wanted) {
      Tensor gradient = d.gradients.get(t.id());
      if (gradient != null) {
        of.put(t, gradient);
      }
    }
    return new Result(d.builder.build(), of);
  }

  /** Tells whether a value is a gradient, by its name. */
  static boolean isGradient(Tensor value) {
    return value.name().startsWith(PREFIX);
  }

  private void propagate(Node node) {
    switch (node.op()) {
      case Linear op -> linear(node, op);
      case Pointwise op -> pointwise(node, op);
      case Movement op -> movement(node, op);
      case Reduction op -> reduction(node, op);
      case Image op -> image(node, op);
      case Update op -> throw refusal(op);
    }
  }

  private void linear(Node node, Linear linear) {
    Tensor x = node.inputs().get(0);
    Tensor w = node.inputs().get(1);
    switch (linear) {
      case Linear.Conv2d op -> {
        if (!op.epilogue().equals(Linear.Epilogue.NONE)) {
          throw op.refusal("is fused already; differentiate before fusing");
        }
        Tensor dy = gradient(node.output());
        weights(node, new Linear.Conv2dWgrad(op.window(), op.scale(), w.shape(), op.bias()), dy);
        give(x, new Linear.Conv2dDgrad(op.window(), op.scale(), x.shape()), dy, w);
      }
      case Linear.Conv2dDgrad op -> {
        Tensor dy = gradient(node.output());
        give(w, new Linear.Conv2dWgrad(op.window(), op.scale(), w.shape(), false), dy, x);
        give(x, new Linear.Conv2d(op.window(), op.scale(), false, Linear.Epilogue.NONE), dy, w);
      }
      case Linear.Dense op -> {
        Tensor dy = gradient(node.output());
        weights(node, new Linear.DenseWgrad(op.scale(), op.bias()), dy);
        give(x, new Linear.DenseDgrad(op.scale()), dy, w);
      }
      case Linear.Conv2dWgrad op -> throw refusal(op);
      case Linear.DenseDgrad op -> throw refusal(op);
      case Linear.DenseWgrad op -> throw refusal(op);
    }
  }

  /** Weight and bias share one node, so both gradients come even when only one is wanted. */
  private void weights(Node node, Op op, Tensor dy) {
    List<Tensor> parameters = node.inputs().subList(1, node.inputs().size());
    if (parameters.stream().noneMatch(t -> active.contains(t.id()))) {
      return;
    }
    String name = PREFIX + parameters.getFirst().name();
    List<Tensor> made = builder.addAll(name, op, List.of(node.inputs().getFirst(), dy));
    for (int i = 0; i < parameters.size(); i++) {
      accumulate(parameters.get(i), made.get(i));
    }
  }

  private void pointwise(Node node, Pointwise pointwise) {
    Tensor y = node.output();
    Tensor dy = gradient(y);
    Tensor x = node.inputs().isEmpty() ? null : node.inputs().getFirst();
    switch (pointwise) {
      case Pointwise.Activate op ->
          give(
              x,
              new Pointwise.ActivateGrad(op.activation()),
              op.activation().gradientFromOutput() ? y : x,
              dy);
      case Binary op -> binary(node, op.kind(), dy);
      case Pointwise.Affine op -> give(x, new Pointwise.Affine(op.scale(), 0), dy);
      case Pointwise.Unary op -> unary(op.kind(), x, y, dy);
      case Pointwise.Clip op -> give(x, new Pointwise.ClipGrad(op.low(), op.high()), x, dy);
      case Pointwise.Power op -> give(x, new Pointwise.PowerGrad(op.exponent()), x, dy);
      case Pointwise.Bce op -> {
        if (active.contains(node.inputs().get(1).id())) {
          throw op.refusal("has no gradient to its labels");
        }
        give(x, new Pointwise.BceGrad(), x, node.inputs().get(1), dy);
      }
      case Pointwise.Cast op -> give(x, new Pointwise.Cast(x.dtype()), dy);
      case Pointwise.Constant op -> {}
      case Pointwise.StopGradient op -> {}
      case Pointwise.ActivateGrad op -> throw refusal(op);
      case Pointwise.ClipGrad op -> throw refusal(op);
      case Pointwise.PowerGrad op -> throw refusal(op);
      case Pointwise.BceGrad op -> throw refusal(op);
    }
  }

  private void unary(Pointwise.Unary.Kind kind, Tensor x, Tensor y, Tensor dy) {
    if (!active.contains(x.id())) {
      return;
    }
    String name = PREFIX + x.name();
    switch (kind) {
      case SQUARE -> give(x, new Binary(Binary.Kind.MUL), scaled(name, dy, 2), x);
      case SQRT -> give(x, new Binary(Binary.Kind.DIV), scaled(name, dy, 0.5), y);
      case ABS -> {
        Tensor sign = builder.add(name, new Pointwise.Unary(Pointwise.Unary.Kind.SIGN), x);
        give(x, new Binary(Binary.Kind.MUL), dy, sign);
      }
      case SIGN -> {}
      case ZERO_TO_ONE -> accumulate(x, dy);
    }
  }

  private void binary(Node node, Binary.Kind kind, Tensor dy) {
    Tensor a = node.inputs().get(0);
    Tensor b = node.inputs().get(1);
    String name = PREFIX + b.name();
    boolean second = active.contains(b.id());
    switch (kind) {
      case ADD -> {
        accumulate(a, dy);
        if (second) {
          reduceTo(b, dy);
        }
      }
      case SUB -> {
        accumulate(a, dy);
        if (second) {
          reduceTo(b, scaled(name, dy, -1));
        }
      }
      case MUL -> {
        give(a, new Binary(Binary.Kind.MUL), dy, b);
        if (second) {
          reduceTo(b, builder.add(name, new Binary(Binary.Kind.MUL), dy, a));
        }
      }
      case DIV -> {
        give(a, new Binary(Binary.Kind.DIV), dy, b);
        if (second) {
          Tensor product = builder.add(name, new Binary(Binary.Kind.MUL), dy, node.output());
          Tensor quotient = builder.add(name, new Binary(Binary.Kind.DIV), product, b);
          reduceTo(b, scaled(name, quotient, -1));
        }
      }
    }
  }

  private void movement(Node node, Movement movement) {
    Tensor dy = gradient(node.output());
    Tensor x = node.inputs().getFirst();
    switch (movement) {
      case Movement.DepthToSpace op -> give(x, new Movement.SpaceToDepth(op.block()), dy);
      case Movement.SpaceToDepth op -> give(x, new Movement.DepthToSpace(op.block()), dy);
      case Movement.Flatten op -> {
        Shape s = x.shape();
        give(x, new Movement.Reshape4D(s.h(), s.w(), s.c()), dy);
      }
      case Movement.Reshape4D op -> give(x, new Movement.Flatten(), dy);
      case Movement.Concat op -> {
        int from = 0;
        for (Tensor part : node.inputs()) {
          int to = from + part.shape().dim(op.axis());
          give(part, new Movement.Slice(op.axis(), from, to), dy);
          from = to;
        }
      }
      case Movement.Slice op ->
          give(x, new Movement.Pad(op.axis(), op.from(), x.shape().dim(op.axis()) - op.to()), dy);
      case Movement.Pad op -> {
        int from = op.before();
        give(x, new Movement.Slice(op.axis(), from, from + x.shape().dim(op.axis())), dy);
      }
    }
  }

  private void reduction(Node node, Reduction reduction) {
    Tensor dy = gradient(node.output());
    Tensor x = node.inputs().getFirst();
    switch (reduction) {
      case Reduction.SumPerSample op ->
          give(x, new Reduction.SpreadPerSample(op.scale(), x.shape()), dy);
      case Reduction.SpreadPerSample op -> give(x, new Reduction.SumPerSample(op.scale()), dy);
      case Reduction.SumTo op -> give(x, new Reduction.RepeatTo(x.shape()), dy);
      case Reduction.RepeatTo op -> give(x, new Reduction.SumTo(x.shape()), dy);
      case Reduction.PixelNorm op -> give(x, new Reduction.PixelNormGrad(op.epsilon()), x, dy);
      case Reduction.PixelNormGrad op -> throw refusal(op);
      case Reduction.Statistics op -> throw refusal(op);
      case Reduction.ColumnSums op -> throw refusal(op);
    }
  }

  private void image(Node node, Image image) {
    Tensor x = node.inputs().getFirst();
    switch (image) {
      case Image.GaussianBlur op -> give(x, op, gradient(node.output()));
      case Image.CentreWeight op -> give(x, op, gradient(node.output()));
      case Image.AveragePool2 op -> give(x, new Image.AveragePool2Grad(), gradient(node.output()));
      case Image.AveragePool2Grad op -> give(x, new Image.AveragePool2(), gradient(node.output()));
      case Image.Ssim op -> {
        Tensor y = node.inputs().get(1);
        Tensor dlcs = gradient(node.outputs().get(0));
        Tensor dcs = gradient(node.outputs().get(1));
        give(y, new Image.SsimGrad(op), x, y, dlcs, dcs);
        give(x, new Image.SsimGrad(op), y, x, dlcs, dcs);
      }
      case Image.SsimGrad op -> throw refusal(op);
    }
  }

  /** Adds a node that makes the gradient of {@code t}, unless nobody wants it. */
  private void give(Tensor t, Op op, Tensor... inputs) {
    if (active.contains(t.id())) {
      accumulate(t, builder.add(PREFIX + t.name(), op, inputs));
    }
  }

  private void reduceTo(Tensor t, Tensor gradient) {
    boolean same = t.shape().equals(gradient.shape());
    accumulate(
        t,
        same ? gradient : builder.add(PREFIX + t.name(), new Reduction.SumTo(t.shape()), gradient));
  }

  private Tensor scaled(String name, Tensor t, double factor) {
    return builder.add(name, new Pointwise.Affine(factor, 0), t);
  }

  private void accumulate(Tensor t, Tensor gradient) {
    if (active.contains(t.id())) {
      gradients.merge(
          t.id(),
          gradient,
          (sum, more) -> builder.add(PREFIX + t.name(), new Binary(Binary.Kind.ADD), sum, more));
    }
  }

  /** Returns the gradient of an output; zero when the losses do not depend on it. */
  private Tensor gradient(Tensor output) {
    Tensor gradient = gradients.get(output.id());
    return gradient != null
        ? gradient
        : builder.add(
            PREFIX + output.name(), new Pointwise.Constant(output.shape(), output.dtype(), 0));
  }

  private static IllegalArgumentException refusal(Op op) {
    return op.refusal("is not differentiable");
  }
}
