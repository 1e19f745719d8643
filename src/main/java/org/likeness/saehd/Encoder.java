package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Movement;
import org.likeness.graph.Reduction;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/** Image (n,R,R,3) to flattened code (n,F) (spec model.md 2.4). */
final class Encoder {
  private static final double EPSILON = 1e-6;

  private final Model model;
  private final String name;
  private final boolean unitCodes;
  private final List<Blocks.Layer> layers = new ArrayList<>();

  Encoder(Model model, String name, Architecture a) {
    this.model = model;
    this.name = name;
    unitCodes = a.unitCodes();
    Blocks blocks = new Blocks(model, a);
    int e = a.dims().e();
    if (a.trunk()) {
      layers.add(blocks.down(name + "/down1", 3, e));
      layers.add(blocks.residual(name + "/res1", e));
      layers.add(blocks.down(name + "/down2", e, 2 * e));
      layers.add(blocks.down(name + "/down3", 2 * e, 4 * e));
      layers.add(blocks.down(name + "/down4", 4 * e, 8 * e));
      layers.add(blocks.down(name + "/down5", 8 * e, 8 * e));
      layers.add(blocks.residual(name + "/res5", 8 * e));
    } else {
      int in = 3;
      for (int i = 0; i < 4; i++) {
        layers.add(blocks.down(name + "/down1/downs_" + i, in, e << i));
        in = e << i;
      }
    }
  }

  Tensor apply(Tensor image) {
    Tensor x = image;
    for (Blocks.Layer layer : layers) {
      x = layer.apply(x);
    }
    x = model.add(name + "/code", new Movement.Flatten(), x);
    return unitCodes ? model.add(name + "/unit", new Reduction.PixelNorm(EPSILON), x) : x;
  }
}
