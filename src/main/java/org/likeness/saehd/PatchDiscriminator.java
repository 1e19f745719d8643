package org.likeness.saehd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Tensor;
import org.likeness.nn.Conv2d;
import org.likeness.nn.ConvTranspose2d;
import org.likeness.nn.Model;

/** The U-Net that tells real faces from made ones, patch by patch (spec model.md 2.12). */
final class PatchDiscriminator {
  private static final int WIDEST = 512;
  private static final Activation ACTIVATION = Activation.leakyRelu(0.2);

  private final Model model;
  private final Conv2d inConv;
  private final List<Conv2d> down = new ArrayList<>();
  private final Conv2d centerOut;
  private final Conv2d centerConv;
  private final List<ConvTranspose2d> up = new ArrayList<>();
  private final Conv2d outConv;

  /**
   * What it says of images.
   *
   * @param center (n,h,w,1), one logit for each patch
   * @param full (n,R,R,1), one for each pixel
   */
  record Logits(Tensor center, Tensor full) {}

  PatchDiscriminator(Model model, Adversaries.Patch patch) {
    this.model = model;
    int[] strides = PatchLayers.of(patch.size()).strides();
    int last = strides.length - 1;
    inConv = conv("in_conv", 3, width(patch, -1), 1, 1);
    for (int i = 0; i <= last; i++) {
      down.add(conv("convs_" + i, width(patch, i - 1), width(patch, i), 3, strides[i]));
    }
    centerOut = conv("center_out", width(patch, last), 1, 1, 1);
    centerConv = conv("center_conv", width(patch, last), width(patch, last), 1, 1);
    for (int i = last; i >= 0; i--) {
      int in = width(patch, i) * (i == last ? 1 : 2);
      String name = Adversaries.PATCH + "/upconvs_" + (last - i);
      up.add(new ConvTranspose2d(model, name, in, width(patch, i - 1), strides[i]));
    }
    outConv = conv("out_conv", 2 * width(patch, -1), 1, 1, 1);
  }

  private static int width(Adversaries.Patch patch, int layer) {
    return Math.min(patch.dims() << layer + 1, WIDEST);
  }

  private Conv2d conv(String name, int in, int out, int k, int stride) {
    return Conv2d.of(model, Adversaries.PATCH + "/" + name, in, out, k, stride);
  }

  /** Judges images (n,R,R,3). */
  Logits apply(Tensor image) {
    Deque<Tensor> passed = new ArrayDeque<>();
    Tensor x = activate("in", inConv.apply(image));
    for (Conv2d layer : down) {
      passed.push(x);
      x = activate("down", layer.apply(x));
    }
    Tensor center = centerOut.apply(x);
    x = activate("center", centerConv.apply(x));
    for (ConvTranspose2d layer : up) {
      x = activate("up", layer.apply(x));
      x = model.add(Adversaries.PATCH + "/joined", new Movement.Concat(3), passed.pop(), x);
    }
    return new Logits(center, outConv.apply(x));
  }

  private Tensor activate(String name, Tensor x) {
    return model.add(Adversaries.PATCH + "/" + name, new Pointwise.Activate(ACTIVATION), x);
  }
}
