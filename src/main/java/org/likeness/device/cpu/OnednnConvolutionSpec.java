package org.likeness.device.cpu;

/**
 * The sizes of a convolution x (n,h,w,ci) * w (co,kh,kw,ci) to y (n,ho,wo,co).
 *
 * @param dilation distance between taps, 1 for a dense kernel
 */
record OnednnConvolutionSpec(
    int n,
    int h,
    int w,
    int ci,
    int co,
    int kh,
    int kw,
    int stride,
    Padding padding,
    int dilation) {
  /** Zeros added around the input; the sides may differ. */
  record Padding(int top, int left, int bottom, int right) {
    static Padding all(int zeros) {
      return new Padding(zeros, zeros, zeros, zeros);
    }
  }

  /** Checks that the kernel fits. */
  OnednnConvolutionSpec {
    int least = Math.min(Math.min(Math.min(n, h), Math.min(w, ci)), Math.min(co, stride));
    if (Math.min(Math.min(least, dilation), Math.min(kh, kw)) < 1) {
      throw new IllegalArgumentException(
          "convolution: every size must be at least 1, not n "
              + n
              + ", h "
              + h
              + ", w "
              + w
              + ", ci "
              + ci
              + ", co "
              + co
              + ", kernel "
              + kh
              + "x"
              + kw
              + ", stride "
              + stride
              + ", dilation "
              + dilation);
    }
    int tall = h + padding.top + padding.bottom - (kh - 1) * dilation;
    int wide = w + padding.left + padding.right - (kw - 1) * dilation;
    if (tall < 1 || wide < 1) {
      throw new IllegalArgumentException(
          "convolution: a kernel of "
              + kh
              + "x"
              + kw
              + " with dilation "
              + dilation
              + " does not fit into an input of "
              + h
              + "x"
              + w
              + " with "
              + padding);
    }
  }

  int ho() {
    return (h + padding.top + padding.bottom - (kh - 1) * dilation - 1) / stride + 1;
  }

  int wo() {
    return (w + padding.left + padding.right - (kw - 1) * dilation - 1) / stride + 1;
  }
}
