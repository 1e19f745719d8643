package org.likeness.nn;

import org.likeness.graph.Linear;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;

/**
 * A convolution with bias; weight (out,k,k,in), as many zeros on each side as SAEHD's (spec
 * model.md 2.2).
 */
public final class Conv2d {
  private final Model model;
  private final String name;
  private final Linear.Conv2d op;
  private final Tensor weight; // (out, k, k, in)
  private final Tensor bias; // (out)

  private Conv2d(Model model, String name, Window window, double scale, Shape shape) {
    this.model = model;
    this.name = name;
    long area = (long) shape.h() * shape.w();
    Initializer initializer =
        scale == 1
            ? new Initializer.GlorotUniform(area * shape.c(), area * shape.n())
            : new Initializer.StandardNormal();
    op = new Linear.Conv2d(window, scale, true, Linear.Epilogue.NONE);
    weight = model.parameter(name + "/weight:0", shape, initializer);
    bias = model.parameter(name + "/bias:0", Shape.of(shape.n()), new Initializer.Zeros());
  }

  /** Declares a layer of kernel side {@code k} with Glorot weights. */
  public static Conv2d of(Model model, String name, int in, int out, int k, int stride) {
    return new Conv2d(model, name, Window.centred(k, stride), 1, Shape.of(out, k, k, in));
  }

  /**
   * Declares a layer under equalised learning rate: N(0,1) weights times gain / sqrt(k k in), gain
   * 1 for k = 1 and sqrt 2 otherwise (spec model.md 3).
   */
  public static Conv2d equalised(Model model, String name, int in, int out, int k, int stride) {
    double scale = (k == 1 ? 1 : Math.sqrt(2)) / Math.sqrt((double) k * k * in);
    return new Conv2d(model, name, Window.centred(k, stride), scale, Shape.of(out, k, k, in));
  }

  /** Returns the weight (out,k,k,in). */
  public Tensor weight() {
    return weight;
  }

  /** Returns the weight times its scale (out,k,k,in), for who convolves with it by other means. */
  public Tensor scaledWeight() {
    return op.scale() == 1
        ? weight
        : model.add(name + "/scaled", new Pointwise.Affine(op.scale(), 0), weight);
  }

  /** Returns the bias (out). */
  public Tensor bias() {
    return bias;
  }

  /** Returns the layer's output (n,h/stride,w/stride,out) for x (n,h,w,in). */
  public Tensor apply(Tensor x) {
    return model.add(name, op, x, weight, bias);
  }
}
