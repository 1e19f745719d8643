package org.likeness.cuda.cudnn;

import java.util.Objects;
import org.likeness.cuda.ElementType;

/**
 * A convolution (a cross-correlation) as cuDNN is asked for it: x (n,h,w,c), weight (k,r,s,c), y
 * (n,ho,wo,k), all dense; products are summed in f32.
 *
 * @param type the element type of both operands; a bias is f32 whatever they are, as the graph's
 *     are
 * @param result the element type of what is written, and of the residual
 * @param tf32 whether f32 operands may be rounded to TF32 for tensor cores
 */
public record CudnnConvolution(
    Direction direction,
    ElementType type,
    ElementType result,
    boolean tf32,
    Geometry geometry,
    Epilogue epilogue) {
  /** Checks that only a forward convolution has more than a scale as its epilogue. */
  public CudnnConvolution {
    Objects.requireNonNull(direction, "direction");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(geometry, "geometry");
    Objects.requireNonNull(epilogue, "epilogue");
    if (direction != Direction.FORWARD && !epilogue.scaleOnly()) {
      throw new IllegalArgumentException(
          "cudnn convolution: " + direction + " can have no epilogue but a scale");
    }
  }

  /** Which of a convolution's three tensors is the result. */
  public enum Direction {
    /** y from x and w. */
    FORWARD,
    /** dx from dy and w. */
    DGRAD,
    /** dw from x and dy. */
    WGRAD
  }

  /** Sizes of x, of the weight, and how its taps lie over x. */
  public record Geometry(Input x, Filter w, Window window) {
    /** Checks that an output is left. */
    public Geometry {
      if (window.outputSide(x.h, w.r) < 1 || window.outputSide(x.w, w.s) < 1) {
        throw new IllegalArgumentException(
            "cudnn convolution: " + w + " does not fit into " + x + " with " + window);
      }
    }

    /** Returns the output's height. */
    public int outputHeight() {
      return window.outputSide(x.h, w.r);
    }

    /** Returns the output's width. */
    public int outputWidth() {
      return window.outputSide(x.w, w.s);
    }
  }

  /** Sizes of x (n,h,w,c). */
  public record Input(int n, int h, int w, int c) {
    /** Checks that none is below 1. */
    public Input {
      if (Math.min(Math.min(n, h), Math.min(w, c)) < 1) {
        throw new IllegalArgumentException(
            "cudnn convolution: an input of " + n + "," + h + "," + w + "," + c);
      }
    }
  }

  /** Sizes of the weight (k,r,s,c), whose c is the input's. */
  public record Filter(int k, int r, int s) {
    /** Checks that none is below 1. */
    public Filter {
      if (Math.min(k, Math.min(r, s)) < 1) {
        throw new IllegalArgumentException(
            "cudnn convolution: a weight of " + k + "," + r + "," + s);
      }
    }
  }

  /**
   * How the taps lie over the input, the same on both axes.
   *
   * @param before zeros added above and left
   * @param after zeros added below and right
   */
  public record Window(int before, int after, int stride, int dilation) {
    /** Checks the ranges. */
    public Window {
      if (before < 0 || after < 0 || stride < 1 || dilation < 1) {
        throw new IllegalArgumentException(
            "cudnn convolution: a window of padding "
                + before
                + " and "
                + after
                + ", stride "
                + stride
                + ", dilation "
                + dilation);
      }
    }

    int outputSide(int side, int kernel) {
      int span = (kernel - 1) * dilation + 1;
      return Math.floorDiv(side + before + after - span, stride) + 1;
    }
  }

  /**
   * What happens to the sums before they are stored: act(scale * sum + bias + residual).
   *
   * @param bias whether bias (k) is added
   * @param residual whether a tensor of the result's shape is added
   * @param slope below zero of {@link Activation#LEAKY_RELU}; 0 for the others
   */
  public record Epilogue(
      double scale, boolean bias, boolean residual, Activation activation, double slope) {
    /** Nothing. */
    public static final Epilogue NONE = scaled(1);

    /** Returns a scale and nothing else. */
    public static Epilogue scaled(double scale) {
      return new Epilogue(scale, false, false, Activation.NONE, 0);
    }

    boolean scaleOnly() {
      return !bias && !residual && activation == Activation.NONE;
    }
  }

  /** The non-linearities that an epilogue can have. */
  public enum Activation {
    /** y = x. */
    NONE,
    /** y = x where x > 0, slope times x elsewhere. */
    LEAKY_RELU,
    /** y = 1 / (1 + exp(-x)). */
    SIGMOID
  }
}
