package org.likeness.graph;

import java.util.List;

/** Operations on each element alone. */
public sealed interface Pointwise extends Op {
  /** Every input may be overwritten; one that is repeated has another size and is left alone. */
  @Override
  default List<Integer> overwrites() {
    return List.of(0);
  }

  /** y = activation(x). */
  record Activate(Activation activation) implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /**
   * dx = dy times the derivative of the activation. Inputs: the activation's output where {@link
   * Activation#gradientFromOutput()}, else its input; then dy.
   */
  record ActivateGrad(Activation activation) implements Pointwise {
    @Override
    public List<Integer> overwrites() {
      return List.of(1, 0);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectSame(in.get(0), "value", in.get(1), "gradient");
      return List.of(in.get(0));
    }
  }

  /** Two-operand arithmetic; an axis of the second operand may be 1 and is then repeated. */
  record Binary(Kind kind) implements Pointwise {
    /** The four rules of arithmetic. */
    public enum Kind {
      ADD,
      SUB,
      MUL,
      DIV
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      if (!repeats(in.get(1), in.get(0))) {
        throw refusal("second operand " + in.get(1) + " does not repeat to " + in.get(0));
      }
      return List.of(in.get(0));
    }

    @Override
    public List<Integer> overwrites() {
      return List.of(0, 1);
    }

    @Override
    public String name() {
      return kind.name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** y = scale x + shift. */
  record Affine(double scale, double shift) implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /** A function of one element without attributes. ZERO_TO_ONE keeps what is not 0. */
  record Unary(Kind kind) implements Pointwise {
    /** The functions; SIGN of 0 is 0. */
    public enum Kind {
      SQUARE,
      SQRT,
      ABS,
      SIGN,
      ZERO_TO_ONE
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }

    @Override
    public String name() {
      return kind.name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** y = x limited to [low, high]. */
  record Clip(double low, double high) implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /** dx = dy where low <= x <= high, else 0. Inputs x, dy. */
  record ClipGrad(double low, double high) implements Pointwise {
    @Override
    public List<Integer> overwrites() {
      return List.of(1, 0);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectSame(in.get(0), "value", in.get(1), "gradient");
      return List.of(in.get(0));
    }
  }

  /** y = max(x, 0) ^ exponent (spec model.md 4.4, the scales of MS-SSIM). */
  record Power(double exponent) implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /** dx = dy exponent x ^ (exponent - 1) where x > 0, else 0: never NaN. Inputs x, dy. */
  record PowerGrad(double exponent) implements Pointwise {
    @Override
    public List<Integer> overwrites() {
      return List.of(1, 0);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectSame(in.get(0), "value", in.get(1), "gradient");
      return List.of(in.get(0));
    }
  }

  /**
   * Binary cross-entropy of logits z against labels y of the same shape, per element: max(z,0) - z
   * y + log(1 + exp(-|z|)) (spec model.md 4.8).
   */
  record Bce() implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      expectSame(in.get(0), "logits", in.get(1), "labels");
      return List.of(in.get(0));
    }
  }

  /** The gradient of {@link Bce} to the logits, dl (sigmoid(z) - y). Inputs z, y, dl. */
  record BceGrad() implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 3, 3);
      expectSame(in.get(0), "logits", in.get(1), "labels");
      expectSame(in.get(0), "logits", in.get(2), "gradient");
      return List.of(in.get(0));
    }
  }

  /** A tensor of one value; takes no input. */
  record Constant(Shape shape, DType type, double value) implements Pointwise {
    @Override
    public List<Integer> overwrites() {
      return List.of();
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 0, 0);
      return List.of(shape);
    }

    @Override
    public DType dtype(List<DType> inputs) {
      return type;
    }
  }

  /** The same values in another element type. */
  record Cast(DType type) implements Pointwise {
    @Override
    public List<Integer> overwrites() {
      return List.of();
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }

    @Override
    public DType dtype(List<DType> inputs) {
      return type;
    }
  }

  /** The same values; no gradient passes. {@link Prune} removes it after differentiation. */
  record StopGradient() implements Pointwise {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return in;
    }
  }

  /** Tells whether {@code small} repeats to {@code large}: equal extents or 1 on every axis. */
  static boolean repeats(Shape small, Shape large) {
    if (small.rank() != large.rank()) {
      return false;
    }
    for (int axis = 0; axis < small.rank(); axis++) {
      if (small.dim(axis) != large.dim(axis) && small.dim(axis) != 1) {
        return false;
      }
    }
    return true;
  }
}
