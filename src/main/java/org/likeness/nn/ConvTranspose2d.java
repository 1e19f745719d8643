package org.likeness.nn;

import org.likeness.graph.Linear;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;

/**
 * A transposed 3 x 3 convolution with bias, output side stride times the input's (spec model.md
 * 2.2): the gradient of a convolution, whose weight (in,3,3,out) it keeps.
 */
public final class ConvTranspose2d {
  private final Model model;
  private final String name;
  private final int stride;
  private final Tensor weight; // (in, 3, 3, out)
  private final Tensor bias; // (1, 1, 1, out)

  /** Declares the layer with Glorot weights. */
  public ConvTranspose2d(Model model, String name, int in, int out, int stride) {
    this.model = model;
    this.name = name;
    this.stride = stride;
    weight =
        model.parameter(
            name + "/weight:0",
            Shape.of(in, 3, 3, out),
            new Initializer.GlorotUniform(9L * in, 9L * out));
    bias = model.parameter(name + "/bias:0", Shape.of(1, 1, 1, out), new Initializer.Zeros());
  }

  /** Returns (n, stride h, stride w, out) for x (n,h,w,in). */
  public Tensor apply(Tensor x) {
    Shape s = x.shape();
    Shape y = Shape.of(s.n(), s.h() * stride, s.w() * stride, weight.shape().c());
    Tensor raw =
        model.add(name, new Linear.Conv2dDgrad(Window.transposed(stride), 1, y), x, weight);
    return model.add(name + "/biased", new Binary(Binary.Kind.ADD), raw, bias);
  }
}
