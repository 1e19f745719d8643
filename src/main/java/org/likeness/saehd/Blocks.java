package org.likeness.saehd;

import org.likeness.graph.Activation;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Tensor;
import org.likeness.nn.Conv2d;
import org.likeness.nn.Model;

/** The three blocks that SAEHD is made of (spec model.md 2.3). */
final class Blocks {
  private final Model model;
  private final boolean cosine;
  private final boolean wscale;

  Blocks(Model model, Architecture architecture) {
    this.model = model;
    this.cosine = architecture.cosine();
    this.wscale = architecture.wscale();
  }

  /** A layer of one input and one output. */
  interface Layer {
    Tensor apply(Tensor x);
  }

  /** Convolution 5 x 5 stride 2, activation: (n,h,w,in) to (n,h/2,w/2,out). */
  Layer down(String name, int in, int out) {
    Conv2d conv = conv(name + "/conv1", in, out, 5, 2);
    return x -> activate(name, conv.apply(x), 0.1);
  }

  /** Convolution 3 x 3 to 4 out, activation, depth to space: (n,h,w,in) to (n,2h,2w,out). */
  Layer up(String name, int in, int out) {
    Conv2d conv = conv(name + "/conv1", in, 4 * out, 3, 1);
    return x ->
        model.add(
            name + "/shuffle", new Movement.DepthToSpace(2), activate(name, conv.apply(x), 0.1));
  }

  /** y = act(x + conv2(act(conv1(x)))), all (n,h,w,channels). */
  Layer residual(String name, int channels) {
    Conv2d conv1 = conv(name + "/conv1", channels, channels, 3, 1);
    Conv2d conv2 = conv(name + "/conv2", channels, channels, 3, 1);
    return x -> {
      Tensor inner = activate(name + "/inner", conv1.apply(x), 0.2);
      Tensor sum = model.add(name + "/sum", new Binary(Binary.Kind.ADD), conv2.apply(inner), x);
      return activate(name, sum, 0.2);
    };
  }

  /** Declares a convolution, scaled at run time where the architecture says so. */
  Conv2d conv(String name, int in, int out, int k, int stride) {
    return wscale
        ? Conv2d.equalised(model, name, in, out, k, stride)
        : Conv2d.of(model, name, in, out, k, stride);
  }

  private Tensor activate(String name, Tensor x, double slope) {
    Activation activation = cosine ? Activation.X_COS_X : Activation.leakyRelu(slope);
    return model.add(name + "/act", new Pointwise.Activate(activation), x);
  }
}
