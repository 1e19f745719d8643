package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;
import org.likeness.nn.Conv2d;
import org.likeness.nn.Model;

/** Decoder code (n,s,s,c) to image (n,R,R,3) and mask (n,R,R,1) (spec model.md 2.6). */
final class Decoder {
  private final Model model;
  private final String name;
  private final List<Blocks.Layer> image = new ArrayList<>();
  private final List<Blocks.Layer> mask = new ArrayList<>();
  private final List<Conv2d> imageHeads = new ArrayList<>();
  private final Conv2d maskHead;
  private Tensor headWeight; // (12, 3, 3, 2 d)
  private Tensor headBias; // (12)

  /** A face and its mask, both in [0,1]. */
  record Face(Tensor image, Tensor mask) {}

  Decoder(Model model, String name, Architecture a) {
    this.model = model;
    this.name = name;
    Blocks blocks = new Blocks(model, a);
    int d = a.dims().d();
    int m = a.dims().mask();
    int[] widths = a.trunk() ? new int[] {8, 8, 4, 2} : new int[] {8, 4, 2};
    int in = a.decoderInputs();
    for (int i = 0; i < widths.length; i++) {
      image.add(blocks.up(name + "/upscale" + i, in, widths[i] * d));
      in = widths[i] * d;
    }
    for (int i = 0; i < widths.length; i++) {
      image.add(2 * i + 1, blocks.residual(name + "/res" + i, widths[i] * d));
    }
    in = a.decoderInputs();
    for (int i = 0; i < widths.length; i++) {
      mask.add(blocks.up(name + "/upscalem" + i, in, widths[i] * m));
      in = widths[i] * m;
    }
    imageHeads.add(blocks.conv(name + "/out_conv", 2 * d, 3, 1, 1));
    if (a.doubled()) {
      for (int i = 1; i < 4; i++) {
        imageHeads.add(blocks.conv(name + "/out_conv" + i, 2 * d, 3, 3, 1));
      }
      joinHeads();
      mask.add(blocks.up(name + "/upscalem" + widths.length, in, m));
      in = m;
    }
    maskHead = blocks.conv(name + "/out_convm", in, 1, 1, 1);
  }

  Face apply(Tensor code) {
    return new Face(image(code), mask(code));
  }

  Tensor image(Tensor code) {
    Tensor x = code;
    for (Blocks.Layer layer : image) {
      x = layer.apply(x);
    }
    Tensor logits = imageHeads.size() == 1 ? imageHeads.getFirst().apply(x) : shuffled(x);
    return model.add(name + "/image", new Pointwise.Activate(Activation.SIGMOID), logits);
  }

  /** Applies the four heads at once and shuffles their outputs (n,h,w,12) to (n,2h,2w,3). */
  private Tensor shuffled(Tensor features) {
    Linear.Conv2d op = Linear.Conv2d.of(Window.centred(3, 1));
    Tensor joined = model.add(name + "/heads", op, features, headWeight, headBias);
    return model.add(name + "/logits", new Movement.DepthToSpace(2), joined);
  }

  /**
   * Joins the heads' weights to one (12,3,3,2d), the first with zeros around its 1 x 1 tap. Those
   * zeros are made here at each step, so they are in no parameter, no file and no norm. Called
   * again after an update, it joins the new weights.
   */
  void joinHeads() {
    if (imageHeads.size() == 1) {
      return;
    }
    Tensor[] weights = imageHeads.stream().map(Conv2d::scaledWeight).toArray(Tensor[]::new);
    Tensor[] biases = imageHeads.stream().map(Conv2d::bias).toArray(Tensor[]::new);
    for (int axis = 1; axis <= 2; axis++) {
      weights[0] = model.add(name + "/out_conv/padded", new Movement.Pad(axis, 1, 1), weights[0]);
    }
    headWeight = model.add(name + "/heads/weight", new Movement.Concat(0), weights);
    headBias = model.add(name + "/heads/bias", new Movement.Concat(0), biases);
  }

  private Tensor mask(Tensor code) {
    Tensor x = code;
    for (Blocks.Layer layer : mask) {
      x = layer.apply(x);
    }
    Tensor logits = maskHead.apply(x);
    return model.add(name + "/mask", new Pointwise.Activate(Activation.SIGMOID), logits);
  }
}
