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
    dense1 = dense(name + "/dense1", a.codeLength(), a.dims().ae(), a.wscale());
    dense2 = dense(name + "/dense2", a.dims().ae(), q * q * o, a.wscale());
    reshape = new Movement.Reshape4D(q, q, o);
    up = a.trunk() ? x -> x : new Blocks(model, a).up(name + "/upscale1", o, o);
  }

  private Dense dense(String layer, int in, int out, boolean wscale) {
    return wscale ? Dense.equalised(model, layer, in, out) : Dense.of(model, layer, in, out);
  }

  Tensor apply(Tensor code) {
    Tensor x = dense2.apply(dense1.apply(code));
    return up.apply(model.add(name + "/code", reshape, x));
  }
}
