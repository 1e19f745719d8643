package org.likeness.saehd;

import org.likeness.graph.Movement;
import org.likeness.graph.Tensor;
import org.likeness.nn.Dense;
import org.likeness.nn.Model;

/** Flattened code (n,F) to decoder code (n,s,s,o) (spec model.md 2.5). */
final class Inter {
  private final Model model;
  private final String name;
  private final Dense dense1;
  private final Dense dense2;
  private final Movement.Reshape4D reshape;
  private final Blocks.Layer up;

  Inter(Model model, String name, Architecture a) {
    this.model = model;
    this.name = name;
    int q = a.denseSide();
    int o = a.interChannels();
    dense1 = Dense.of(model, name + "/dense1", a.codeLength(), a.dims().ae());
    dense2 = Dense.of(model, name + "/dense2", a.dims().ae(), q * q * o);
    reshape = new Movement.Reshape4D(q, q, o);
    up = a.trunk() ? x -> x : new Blocks(model, a).up(name + "/upscale1", o, o);
  }

  Tensor apply(Tensor code) {
    Tensor x = dense2.apply(dense1.apply(code));
    return up.apply(model.add(name + "/code", reshape, x));
  }
}
