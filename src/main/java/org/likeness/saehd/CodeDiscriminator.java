package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Tensor;
import org.likeness.nn.Conv2d;
import org.likeness.nn.Model;

/** Tells src codes from dst codes, df only (spec model.md 2.11). */
final class CodeDiscriminator {
  private static final int WIDTH = 256;

  private final Model model;
  private final List<Conv2d> layers = new ArrayList<>();
  private final Conv2d outConv;

  CodeDiscriminator(Model model, Architecture a) {
    this.model = model;
    int in = a.interChannels();
    for (int i = 0; i <= a.codeSide() / 8; i++) {
      int out = WIDTH * Math.min(1 << i, 8);
      layers.add(Conv2d.of(model, Adversaries.CODE + "/convs_" + i, in, out, i == 0 ? 4 : 3, 2));
      in = out;
    }
    outConv = Conv2d.of(model, Adversaries.CODE + "/out_conv", in, 1, 1, 1);
  }

  /** Returns logits (n,h,w,1) for codes (n,s,s,ae). */
  Tensor apply(Tensor code) {
    Tensor x = code;
    for (Conv2d layer : layers) {
      Pointwise.Activate activate = new Pointwise.Activate(Activation.leakyRelu(0.1));
      x = model.add(Adversaries.CODE + "/act", activate, layer.apply(x));
    }
    return outConv.apply(x);
  }
}
