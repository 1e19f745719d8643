package org.likeness.device.cpu;

/**
 * What is done to a product before it is stored: y = activation(scale * product + bias + residual).
 *
 * @param scale multiplies the product, 1 for none
 */
record OnednnEpilogue(double scale, boolean bias, boolean residual, Activation activation) {
  /** A function of each element, computed in registers. */
  sealed interface Activation {
    /** y = x. */
    record Identity() implements Activation {}

    /** y = x where x > 0, slope * x elsewhere. */
    record LeakyRelu(double slope) implements Activation {}
  }

  /** Nothing but the product. */
  static final OnednnEpilogue NONE = new OnednnEpilogue(1, false, false, new Activation.Identity());

  /** Adds a bias per output channel. */
  static final OnednnEpilogue BIAS = new OnednnEpilogue(1, true, false, new Activation.Identity());

  /** Returns the operands of an operation with this epilogue before its result: x, w, and these. */
  int inputs() {
    return 2 + (bias ? 1 : 0) + (residual ? 1 : 0);
  }
}
