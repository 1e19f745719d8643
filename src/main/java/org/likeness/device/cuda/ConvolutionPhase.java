package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Window;

/**
 * One parity of a result's pixels on one axis, as {@code conv.cuh} has it: its pixels are {@code
 * first + u * resultStride}, and tap t of pixel u reads source pixel {@code u * rowStride + origin
 * + t * tapStep} with the weight at {@code weight + t * weightStep}.
 *
 * @param extent pixels of the phase; 0 where the image is smaller than the stride
 * @param taps taps that reach the phase; without any its pixels are zero
 */
record ConvolutionPhase(int extent, int first, int origin, int weight, int taps) {
  /** Returns the only phase of a forward convolution. */
  static ConvolutionPhase forward(Window window, int kernel, int outputs) {
    return new ConvolutionPhase(outputs, 0, -window.before(), 0, kernel);
  }

  /** Returns a phase for each remainder of input pixels by the stride, in their order. */
  static List<ConvolutionPhase> dgrad(Window window, int kernel, int inputs) {
    int stride = window.stride();
    List<ConvolutionPhase> phases = new ArrayList<>(stride);
    for (int first = 0; first < stride; first++) {
      int extent = Math.ceilDiv(inputs - first, stride);
      int weight = 0;
      while (weight < kernel && reach(window, first, weight) % stride != 0) {
        weight++;
      }
      int taps = Math.ceilDiv(kernel - weight, weightStep(window));
      int origin = weight < kernel ? reach(window, first, weight) / stride : 0;
      phases.add(new ConvolutionPhase(Math.max(extent, 0), first, origin, weight, taps));
    }
    return phases;
  }

  /** Returns the number by which {@code n * inverse >> 16} is n / taps for any tap of a kernel. */
  int inverse() {
    return (1 << 16) / Math.max(taps, 1) + 1;
  }

  /** Returns how far apart, in the kernel, the taps lie that reach one phase of the input. */
  static int weightStep(Window window) {
    return window.stride() / divisor(window);
  }

  /** Returns how far apart, in the output, such taps read. */
  static int tapStep(Window window) {
    return -window.dilation() / divisor(window);
  }

  private static int reach(Window window, int input, int tap) {
    return input + window.before() - tap * window.dilation();
  }

  private static int divisor(Window window) {
    int a = window.stride();
    int b = window.dilation();
    while (b != 0) {
      int r = a % b;
      a = b;
      b = r;
    }
    return a;
  }
}
