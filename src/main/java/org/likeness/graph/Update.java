package org.likeness.graph;

import java.util.ArrayList;
import java.util.List;

/** Operations that change persistent tensors, and those that only serve them (spec model.md 5). */
public sealed interface Update extends Op {
  /** Adds one to a counter (1). */
  record Increment() implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectSame(in.getFirst(), "counter", Shape.of(1), "a scalar");
      return List.of();
    }

    @Override
    public List<Integer> mutates() {
      return List.of(0);
    }
  }

  /**
   * The learning rate after t increments, rate (cos(2 pi t / period) + 1) / 2, from a counter; the
   * period of spec model.md 5 is 500.
   */
  record CosineRate(double rate, double period, DType type) implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      return List.of(Shape.of(1));
    }

    @Override
    public DType dtype(List<DType> inputs) {
      return type;
    }
  }

  /**
   * The factor (1) that limits the norm of all inputs together: 1 while sqrt(sum g^2) < limit, else
   * limit over that norm.
   */
  record ClipFactor(double limit) implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, Integer.MAX_VALUE);
      return List.of(Shape.of(1));
    }
  }

  /**
   * What losses are multiplied by so that small gradients do not vanish in f16 (Micikevicius et al.
   * 2018), a power of two (1), from a counter (1) of how often it doubled since the start.
   */
  record LossScale() implements Update {
    /** The scale of a new session. */
    public static final double START = 0x1p16;

    private static final int LEAST = -30;
    private static final int MOST = 14;

    /** Returns the scale after so many doublings, halvings counting down. */
    public static double after(long doublings) {
      return START * Math.scalb(1.0, (int) Math.clamp(doublings, LEAST, MOST));
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectSame(in.getFirst(), "counter", Shape.of(1), "a scalar");
      return in;
    }

    @Override
    public DType dtype(List<DType> inputs) {
      return DType.F32;
    }
  }

  /**
   * The factor (1) that undoes a loss scale and limits the norm of what it then is, as {@link
   * ClipFactor} does; -1 where an input is not finite. Inputs: the scale (1), then gradients.
   *
   * @param limit of the norm, or infinity
   */
  record Unscale(double limit) implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, Integer.MAX_VALUE);
      expectSame(in.getFirst(), "loss scale", Shape.of(1), "a scalar");
      return List.of(Shape.of(1));
    }
  }

  /**
   * Counts a step: after {@code patience} good ones in a row the loss scale doubles, after one
   * whose factor is negative it halves. Inputs: counter of doublings (1), of good steps (1), factor
   * (1).
   */
  record AdjustScale(int patience) implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 3, 3);
      in.forEach(s -> expectSame(s, "counter or factor", Shape.of(1), "a scalar"));
      return List.of();
    }

    @Override
    public List<Integer> mutates() {
      return List.of(0, 1);
    }
  }

  /**
   * What an optimiser's update reads besides parameter, gradient and slots.
   *
   * @param clipped whether a factor from {@link ClipFactor} or {@link Unscale} scales the gradient;
   *     if it is negative, the update changes nothing
   * @param keep share of the elements that move (lr_dropout); 1 moves all and needs no counter
   * @param seed of the draws for lr_dropout
   * @param stream sets this parameter's draws apart from the others'
   */
  record Modifiers(boolean clipped, double keep, long seed, int stream) {
    /** Every element moves by the gradient as it is. */
    public static final Modifiers NONE = new Modifiers(false, 1, 0, 0);

    int inputs() {
      return (clipped ? 1 : 0) + (keep < 1 ? 1 : 0);
    }
  }

  /**
   * How an optimiser changes a parameter. Inputs: parameter, gradient, slots, rate (1) [, clip
   * factor (1)] [, counter (1)].
   */
  sealed interface Rule extends Update {
    /** Returns what it reads besides parameter, gradient and slots. */
    Modifiers modifiers();

    /** Returns how many slots a parameter has. */
    default int slots() {
      return mutates().size() - 1;
    }
  }

  /**
   * a = rho a + (1 - rho) g^2; w -= rate g / (sqrt(a) + epsilon). Inputs w, g, a, rate (1) [, clip
   * factor (1)] [, counter (1)].
   */
  record RmsProp(double rho, double epsilon, Modifiers modifiers) implements Rule {
    @Override
    public List<Shape> infer(List<Shape> in) {
      return ruled(this, in, this);
    }

    @Override
    public List<Integer> mutates() {
      return List.of(0, 2);
    }
  }

  /**
   * m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) (g - m)^2 with the new m; w -= rate m / (sqrt(v) +
   * epsilon), without bias correction. Inputs w, g, m, v, rate (1) [, clip factor (1)] [, counter].
   */
  record AdaBelief(double beta1, double beta2, double epsilon, Modifiers modifiers)
      implements Rule {
    @Override
    public List<Shape> infer(List<Shape> in) {
      return ruled(this, in, this);
    }

    @Override
    public List<Integer> mutates() {
      return List.of(0, 2, 3);
    }
  }

  /**
   * A rule for a dense layer's weight w (in,out), whose gradient scale x^T dy is made and read tile
   * by tile and never whole (spec performance.md 0, fact 3). Inputs w, x (n,in), dy (n,out), then
   * what the rule reads after the gradient.
   */
  record DenseUpdate(double scale, Rule rule) implements Update {
    @Override
    public List<Shape> infer(List<Shape> in) {
      int count = 4 + rule.slots() + rule.modifiers().inputs();
      expectInputs(in, count, count);
      List<Shape> whole = new ArrayList<>(List.of(in.get(0)));
      whole.add(Linear.denseGradient(this, in.get(1), in.get(2)));
      whole.addAll(in.subList(3, count));
      return ruled(this, whole, rule);
    }

    @Override
    public List<Integer> mutates() {
      return rule.mutates().stream().map(i -> i == 0 ? 0 : i + 1).toList();
    }
  }

  private static List<Shape> ruled(Op op, List<Shape> in, Rule rule) {
    int scalars = 2 + rule.slots();
    int count = scalars + 1 + rule.modifiers().inputs();
    op.expectInputs(in, count, count);
    Shape parameter = in.getFirst();
    for (Shape s : in.subList(1, scalars)) {
      op.expectSame(s, "gradient or slot", parameter, "the parameter");
    }
    for (Shape s : in.subList(scalars, count)) {
      op.expectSame(s, "rate, clip factor or counter", Shape.of(1), "a scalar");
    }
    return List.of();
  }
}
