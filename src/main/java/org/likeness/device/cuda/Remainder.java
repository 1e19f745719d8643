package org.likeness.device.cuda;

import org.likeness.graph.Activation;
import org.likeness.graph.Linear;

/**
 * What a {@link Linear} node does to its sums before they are stored: act(scale * sum + bias +
 * residual). A library's engine does all of it, or leaves it to {@code epilogue.cu}.
 *
 * @param bias whether the third input is added
 * @param residual whether the last input is added
 */
record Remainder(double scale, boolean bias, boolean residual, Activation activation) {
  static Remainder of(Linear op) {
    return switch (op) {
      case Linear.Conv2d conv ->
          new Remainder(
              conv.scale(), conv.bias(), conv.epilogue().residual(), conv.epilogue().activation());
      case Linear.Dense dense -> new Remainder(dense.scale(), dense.bias(), false, Activation.NONE);
      case Linear.Conv2dDgrad dgrad -> scaled(op);
      case Linear.Conv2dWgrad wgrad -> scaled(op);
      case Linear.DenseDgrad dgrad -> scaled(op);
      case Linear.DenseWgrad wgrad -> scaled(op);
    };
  }

  private static Remainder scaled(Linear op) {
    return new Remainder(op.scale(), false, false, Activation.NONE);
  }

  /** Tells whether the sums are stored as they are. */
  boolean nothing() {
    return scale == 1 && !bias && !residual && activation.equals(Activation.NONE);
  }

  /**
   * Returns what a stored tuning knows it by after the geometry; "" for nothing. The scale's value
   * changes no engine.
   */
  String key() {
    StringBuilder key = new StringBuilder();
    key.append(scale == 1 ? "" : " scaled").append(bias ? " bias" : "");
    key.append(residual ? " residual" : "");
    return key.append(
            switch (activation.kind()) {
              case IDENTITY -> "";
              case LEAKY_RELU -> " leaky";
              case X_COS_X -> " xcosx";
              case SIGMOID -> " sigmoid";
            })
        .toString();
  }
}
