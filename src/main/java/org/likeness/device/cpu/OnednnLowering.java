package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.device.cpu.OnednnOperation.Place;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;

/**
 * Turns convolutions and matrix products of f32, convolutions of bf16 and casts between the two
 * into oneDNN operations.
 */
final class OnednnLowering {
  private final OnednnEngine engine;
  private final CpuLayouts layouts;
  private final Map<Integer, Stored> stored;
  private final long ceiling;

  /**
   * Takes how the graph's tensors are stored.
   *
   * @param ceiling bytes of workspace that one node may need at most
   */
  OnednnLowering(
      OnednnEngine engine, CpuLayouts layouts, Map<Integer, Stored> stored, long ceiling) {
    this.engine = engine;
    this.layouts = layouts;
    this.stored = stored;
    this.ceiling = ceiling;
  }

  /** Returns the operation of a node, or nothing where the oracle has to do it: other types. */
  Optional<OnednnOperation> lower(Node node) {
    if (node.op() instanceof Pointwise.Cast) {
      return cast(node);
    }
    if (!(node.op() instanceof Linear linear) || !hasTypes(node) || !activationsAreDense(node)) {
      return Optional.empty();
    }
    return switch (linear) {
      case Linear.Conv2d op ->
          Optional.of(
              convolution(node, op.window(), shape(node, 0), node.inputs().get(1))
                  .forward(epilogue(op.scale(), op.bias(), op.epilogue()), ceiling));
      case Linear.Conv2dDgrad op ->
          Optional.of(
              convolution(node, op.window(), op.input(), node.inputs().get(1))
                  .backwardData(op.scale(), ceiling));
      case Linear.Conv2dWgrad op ->
          Optional.of(
              convolution(node, op.window(), shape(node, 0), node.outputs().getFirst())
                  .backwardWeights(op.scale(), op.bias(), ceiling));
      case Linear.Dense op ->
          Optional.of(
              dense(shape(node, 0), shape(node, 1))
                  .forward(epilogue(op.scale(), op.bias(), Epilogue.NONE), ceiling));
      case Linear.DenseDgrad op -> {
        Shape w = shape(node, 1);
        Shape x = Shape.of(shape(node, 0).n(), w.dim(0));
        yield Optional.of(dense(x, w).backwardData(op.scale(), ceiling));
      }
      case Linear.DenseWgrad op -> {
        Shape w = node.outputs().getFirst().shape();
        yield Optional.of(dense(shape(node, 0), w).backwardWeights(op.scale(), op.bias(), ceiling));
      }
    };
  }

  /** Tells whether oneDNN takes a node's types: all f32, or two bf16 operands of a convolution. */
  private boolean hasTypes(Node node) {
    if (node.inputs().stream().allMatch(t -> t.dtype() == DType.F32)) {
      return node.outputs().stream().allMatch(t -> t.dtype() == DType.F32);
    }
    boolean convolution =
        node.op() instanceof Linear.Conv2d
            || node.op() instanceof Linear.Conv2dDgrad
            || node.op() instanceof Linear.Conv2dWgrad;
    return convolution
        && engine.computesBf16()
        && node.inputs().subList(0, 2).stream().allMatch(t -> t.dtype() == DType.BF16);
  }

  /** Turns a cast into a reorder where oneDNN can name both types. */
  private Optional<OnednnOperation> cast(Node node) {
    Tensor from = node.inputs().getFirst();
    Tensor to = node.output();
    boolean known =
        engine.computesBf16()
            && List.of(DType.F32, DType.BF16).containsAll(List.of(from.dtype(), to.dtype()));
    if (!known) {
      return Optional.empty();
    }
    OnednnAssembly assembly = new OnednnAssembly(engine);
    assembly.reorder(
        desc(assembly, from, to),
        new Place.Operand(0),
        desc(assembly, to, from),
        new Place.Operand(1));
    return Optional.of(assembly.finish());
  }

  /** Describes an operand of a cast: as a weight if either of the two is stored blocked. */
  private MemorySegment desc(OnednnAssembly assembly, Tensor t, Tensor other) {
    if (isBlocked(t)) {
      return layouts.blocked(t).blocked().desc();
    }
    if (isBlocked(other)) {
      return layouts.blocked(t).dense().desc();
    }
    long[] sides = {t.shape().elements()};
    return engine.memory().strided(assembly.arena(), t.dtype(), sides, new long[] {1});
  }

  private boolean isBlocked(Tensor t) {
    return stored.get(t.id()) instanceof OnednnWeightLayout;
  }

  private boolean activationsAreDense(Node node) {
    boolean weighs = node.op() instanceof Linear.Conv2d || node.op() instanceof Linear.Conv2dDgrad;
    for (int i = 0; i < node.inputs().size(); i++) {
      boolean weight = weighs && i == 1;
      if (!weight && stored.get(node.inputs().get(i).id()) instanceof OnednnWeightLayout) {
        return false;
      }
    }
    return true;
  }

  /**
   * Tells what is left to do in place on a convolution's output after oneDNN's own epilogue: what
   * it lacks, and the sigmoid, which it approximates so far that a curve of 200 steps leaves its
   * tolerance (spec golden.md; 5.2e-3 of 5e-3, and 4.7e-3 with this one).
   */
  static Activation remaining(Node node) {
    if (node.op() instanceof Linear.Conv2d op) {
      Activation activation = op.epilogue().activation();
      return switch (activation.kind()) {
        case X_COS_X, SIGMOID -> activation;
        case IDENTITY, LEAKY_RELU -> Activation.NONE;
      };
    }
    return Activation.NONE;
  }

  private static Shape shape(Node node, int input) {
    return node.inputs().get(input).shape();
  }

  private OnednnConvolution convolution(Node node, Window window, Shape x, Tensor weight) {
    Shape w = weight.shape();
    OnednnConvolutionSpec.Padding padding =
        new OnednnConvolutionSpec.Padding(
            window.before(), window.before(), window.after(), window.after());
    OnednnConvolutionSpec spec =
        new OnednnConvolutionSpec(
            x.n(),
            x.h(),
            x.w(),
            x.c(),
            w.n(),
            w.h(),
            w.w(),
            window.stride(),
            padding,
            window.dilation());
    OnednnWeightLayout layout = layouts.blocked(weight);
    return new OnednnConvolution(
        engine,
        spec,
        isBlocked(weight) ? layout.blocked() : layout.dense(),
        node.inputs().getFirst().dtype(),
        node.outputs().getFirst().dtype());
  }

  private OnednnDense dense(Shape x, Shape w) {
    return new OnednnDense(engine, x.n(), w.dim(0), w.dim(1));
  }

  private static OnednnEpilogue epilogue(double scale, boolean bias, Epilogue epilogue) {
    OnednnEpilogue.Activation activation =
        switch (epilogue.activation().kind()) {
          case IDENTITY, X_COS_X, SIGMOID -> new OnednnEpilogue.Activation.Identity();
          case LEAKY_RELU -> new OnednnEpilogue.Activation.LeakyRelu(epilogue.activation().slope());
        };
    return new OnednnEpilogue(scale, bias, epilogue.residual(), activation);
  }
}
