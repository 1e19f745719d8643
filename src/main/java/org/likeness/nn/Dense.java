package org.likeness.nn;

import org.likeness.graph.Linear;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** A matrix product with bias; weight (in,out), no activation. */
public final class Dense {
  private final Model model;
  private final String name;
  private final Linear.Dense op;
  private final Tensor weight; // (in, out)
  private final Tensor bias; // (out)

  private Dense(Model model, String name, int in, int out, double scale) {
    this.model = model;
    this.name = name;
    Initializer initializer =
        scale == 1 ? new Initializer.GlorotUniform(in, out) : new Initializer.StandardNormal();
    op = new Linear.Dense(scale, true);
    weight = model.parameter(name + "/weight:0", Shape.of(in, out), initializer);
    bias = model.parameter(name + "/bias:0", Shape.of(out), new Initializer.Zeros());
  }

  /** Declares a layer with Glorot weights. */
  public static Dense of(Model model, String name, int in, int out) {
    return new Dense(model, name, in, out, 1);
  }

  /** Declares a layer under equalised learning rate: N(0,1) weights times 1 / sqrt(in). */
  public static Dense equalised(Model model, String name, int in, int out) {
    return new Dense(model, name, in, out, 1 / Math.sqrt(in));
  }

  /** Returns (n,out) for x (n,in). */
  public Tensor apply(Tensor x) {
    return model.add(name, op, x, weight, bias);
  }
}
