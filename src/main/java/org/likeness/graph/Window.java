package org.likeness.graph;

/**
 * How a convolution's taps lie over its input, the same on both axes.
 *
 * @param before zeros added above and left
 * @param after zeros added below and right
 */
public record Window(int stride, int before, int after, int dilation) {
  /** Checks the ranges. */
  public Window {
    if (stride < 1 || before < 0 || after < 0 || dilation < 1) {
      throw new IllegalArgumentException(
          "window: stride and dilation must be at least 1 and padding at least 0, not stride "
              + stride
              + ", padding "
              + before
              + " and "
              + after
              + ", dilation "
              + dilation);
    }
  }

  /**
   * Returns SAEHD's window for a kernel of side {@code k}: the same zeros on all four sides (spec
   * model.md 2.2), unlike TensorFlow's SAME for even strides.
   */
  public static Window centred(int k, int stride) {
    int pad = k / 2;
    return new Window(stride, pad, pad, 1);
  }

  /** Returns the window over the *output* that makes a transposed convolution of spec 2.2. */
  public static Window transposed(int stride) {
    return stride == 1 ? new Window(1, 1, 1, 1) : new Window(stride, 0, 1, 1);
  }

  /** Returns the output side for an input side and a kernel side; 0 or less when nothing fits. */
  public int outputSide(int side, int kernel) {
    int span = (kernel - 1) * dilation + 1;
    return Math.floorDiv(side + before + after - span, stride) + 1;
  }

  @Override
  public String toString() {
    String text = "s" + stride + " p" + before + (before == after ? "" : "," + after);
    return dilation == 1 ? text : text + " d" + dilation;
  }
}
