package org.likeness.graph;

import java.util.List;

/** Operations that sum over axes, and their gradients, which repeat. */
public sealed interface Reduction extends Op {
  /** (n, ...) to (n): scale times the sum over everything but the batch. */
  record SumPerSample(double scale) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return List.of(Shape.of(in.getFirst().n()));
    }
  }

  /** (n) to {@code shape} (n, ...): scale times the sample's value everywhere. */
  record SpreadPerSample(double scale, Shape shape) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectSame(in.getFirst(), "input", Shape.of(shape.n()), "the batch");
      return List.of(shape);
    }
  }

  /** Sums every axis on which {@code shape} is 1; the gradient of repeating. */
  record SumTo(Shape shape) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      if (!Pointwise.repeats(shape, in.getFirst())) {
        throw refusal("input " + in.getFirst() + " does not reduce to " + shape);
      }
      return List.of(shape);
    }
  }

  /** Repeats every axis on which the input is 1; the gradient of {@link SumTo}. */
  record RepeatTo(Shape shape) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      if (!Pointwise.repeats(in.getFirst(), shape)) {
        throw refusal("input " + in.getFirst() + " does not repeat to " + shape);
      }
      return List.of(shape);
    }
  }

  /**
   * (n, c) to (c): sums over the rows, the gradient of a dense layer's bias; f32 of 16-bit inputs,
   * as {@link Linear.DenseWgrad} gives it.
   */
  record ColumnSums() implements Reduction {
    @Override
    public DType dtype(List<DType> inputs) {
      return Linear.gradientType(inputs);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectRank(in.getFirst(), "input", 2);
      return List.of(Shape.of(in.getFirst().dim(1)));
    }
  }

  /** y = x / sqrt(mean over the sample of x^2 + epsilon) (spec model.md 2.2): RMS 1, not norm 1. */
  record PixelNorm(double epsilon) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /**
   * Least and greatest element, mean and standard deviation of all elements, (4); f32 of 16-bit
   * inputs. A NaN among them makes mean and deviation NaN and is passed over by the other two.
   */
  record Statistics() implements Reduction {
    /** What the elements of the result are. */
    public static final List<String> NAMES = List.of("min", "max", "mean", "std");

    @Override
    public DType dtype(List<DType> inputs) {
      return inputs.getFirst() == DType.F64 ? DType.F64 : DType.F32;
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return List.of(Shape.of(NAMES.size()));
    }
  }

  /** The gradient of {@link PixelNorm}. Inputs x, dy. */
  record PixelNormGrad(double epsilon) implements Reduction {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectSame(in.get(0), "value", in.get(1), "gradient");
      return List.of(in.get(0));
    }
  }
}
