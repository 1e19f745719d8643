package org.likeness.graph;

import java.util.List;

/**
 * Convolutions and matrix products. Every one multiplies its weight by {@code scale}: 1 for SAEHD's
 * own layers, gain / sqrt(fan in) for equalised learning rate (spec model.md 3).
 */
public sealed interface Linear extends Op {
  /** Returns the constant that the weight is multiplied by. */
  double scale();

  /**
   * What a device may do to the result before it is stored: add a residual, then activate.
   *
   * @param residual whether the last input is added to the result
   */
  record Epilogue(boolean residual, Activation activation) {
    /** Nothing. */
    public static final Epilogue NONE = new Epilogue(false, Activation.NONE);
  }

  /**
   * y (n,ho,wo,co) = x (n,h,w,ci) * w (co,k,k,ci) + b (co), cross-correlation; with a residual in
   * the epilogue its tensor (n,ho,wo,co) comes last.
   */
  record Conv2d(Window window, double scale, boolean bias, Epilogue epilogue) implements Linear {
    /** Returns a convolution with bias and without scale or epilogue. */
    public static Conv2d of(Window window) {
      return new Conv2d(window, 1, true, Epilogue.NONE);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      int count = 2 + (bias ? 1 : 0) + (epilogue.residual() ? 1 : 0);
      expectInputs(in, count, count);
      Shape y = convolved(this, window, in.get(0), in.get(1));
      if (bias) {
        expectSame(in.get(2), "bias", Shape.of(y.c()), "the weight's outputs");
      }
      if (epilogue.residual()) {
        expectSame(in.getLast(), "residual", y, "the result");
      }
      return List.of(y);
    }
  }

  /**
   * The gradient of {@link Conv2d} to its input: dy (n,ho,wo,co), w (co,k,k,ci) to dx {@code
   * input}. Also SAEHD's transposed convolution (spec model.md 2.2) with {@link Window#transposed}.
   */
  record Conv2dDgrad(Window window, double scale, Shape input) implements Linear {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      Shape y = convolved(this, window, input, in.get(1));
      expectSame(in.get(0), "output gradient", y, "the convolution's output");
      return List.of(input);
    }
  }

  /**
   * The gradient of {@link Conv2d} to weight and bias: x, dy to dw {@code weight} [, db (co)]. Of
   * 16-bit operands the gradients are f32, as the weights are that they change.
   */
  record Conv2dWgrad(Window window, double scale, Shape weight, boolean bias) implements Linear {
    @Override
    public DType dtype(List<DType> inputs) {
      return gradientType(inputs);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      Shape y = convolved(this, window, in.get(0), weight);
      expectSame(in.get(1), "output gradient", y, "the convolution's output");
      return bias ? List.of(weight, Shape.of(y.c())) : List.of(weight);
    }
  }

  /** y (n,out) = x (n,in) w (in,out) + b (out). */
  record Dense(double scale, boolean bias) implements Linear {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, bias ? 3 : 2, bias ? 3 : 2);
      Shape x = in.get(0);
      Shape w = in.get(1);
      expectRank(x, "input", 2);
      expectRank(w, "weight", 2);
      if (x.dim(1) != w.dim(0)) {
        throw refusal(
            "input " + x + " has " + x.dim(1) + " features, weight " + w + " expects " + w.dim(0));
      }
      if (bias) {
        expectSame(in.get(2), "bias", Shape.of(w.dim(1)), "the weight's outputs");
      }
      return List.of(Shape.of(x.n(), w.dim(1)));
    }
  }

  /** The gradient of {@link Dense} to its input: dy (n,out), w (in,out) to dx (n,in). */
  record DenseDgrad(double scale) implements Linear {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectRank(in.get(0), "output gradient", 2);
      expectRank(in.get(1), "weight", 2);
      if (in.get(0).dim(1) != in.get(1).dim(1)) {
        throw refusal("output gradient " + in.get(0) + " does not fit weight " + in.get(1));
      }
      return List.of(Shape.of(in.get(0).n(), in.get(1).dim(0)));
    }
  }

  /**
   * The gradient of {@link Dense} to weight and bias: x (n,in), dy (n,out) to dw [, db], of the
   * types that {@link Conv2dWgrad} gives.
   */
  record DenseWgrad(double scale, boolean bias) implements Linear {
    @Override
    public DType dtype(List<DType> inputs) {
      return gradientType(inputs);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      Shape w = denseGradient(this, in.get(0), in.get(1));
      return bias ? List.of(w, Shape.of(w.dim(1))) : List.of(w);
    }
  }

  /** Returns the shape (in,out) of the gradient that x (n,in) and dy (n,out) make. */
  static Shape denseGradient(Op op, Shape x, Shape dy) {
    op.expectRank(x, "input", 2);
    op.expectRank(dy, "output gradient", 2);
    if (x.n() != dy.n()) {
      throw op.refusal("input " + x + " and output gradient " + dy + " differ in n");
    }
    return Shape.of(x.dim(1), dy.dim(1));
  }

  /** Returns the type of gradients of parameters that operands of these types make. */
  static DType gradientType(List<DType> inputs) {
    return switch (inputs.getFirst()) {
      case BF16, F16 -> DType.F32;
      case F32, F64, I64, U8 -> inputs.getFirst();
    };
  }

  private static Shape convolved(Op op, Window window, Shape x, Shape w) {
    op.expectRank(x, "input", 4);
    op.expectRank(w, "weight", 4);
    if (x.c() != w.c()) {
      throw op.refusal(
          "input " + x + " has " + x.c() + " channels, weight " + w + " expects " + w.c());
    }
    int h = window.outputSide(x.h(), w.h());
    int width = window.outputSide(x.w(), w.w());
    if (h < 1 || width < 1) {
      throw op.refusal("weight " + w + " does not fit into input " + x);
    }
    return Shape.of(x.n(), h, width, w.n());
  }
}
