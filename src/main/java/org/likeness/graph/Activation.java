package org.likeness.graph;

/**
 * A pointwise non-linearity (spec model.md 2.2).
 *
 * @param slope the slope below zero of {@link Kind#LEAKY_RELU}; 0 for the others
 */
public record Activation(Kind kind, double slope) {
  /** The family of functions. */
  public enum Kind {
    /** y = x. */
    IDENTITY,
    /** y = x where x > 0, slope times x elsewhere. */
    LEAKY_RELU,
    /** y = x cos x, the option 'c' of an architecture. */
    X_COS_X,
    /** y = 1 / (1 + exp(-x)). */
    SIGMOID
  }

  /** The identity. */
  public static final Activation NONE = new Activation(Kind.IDENTITY, 0);

  /** x cos x. */
  public static final Activation X_COS_X = new Activation(Kind.X_COS_X, 0);

  /** The logistic function. */
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);

  /** Returns the leaky rectifier; the slope must be positive so that the output keeps the sign. */
  public static Activation leakyRelu(double slope) {
    if (!(slope > 0)) {
      throw new IllegalArgumentException("leakyRelu: slope " + slope + " must be positive");
    }
    return new Activation(Kind.LEAKY_RELU, slope);
  }

  /** Tells whether the derivative is computed from the output (true) or from the input. */
  public boolean gradientFromOutput() {
    return kind != Kind.X_COS_X;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case IDENTITY -> "none";
      case LEAKY_RELU -> "leakyRelu " + slope;
      case X_COS_X -> "x cos x";
      case SIGMOID -> "sigmoid";
    };
  }
}
