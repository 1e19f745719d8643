package org.likeness.device.cuda;

import java.util.List;

/** Lowers nodes that only our kernels compute. */
final class Launches {
  private Launches() {}

  /** Returns the launches that compute the node, in order. */
  static List<Launch> of(Operands operands, Target target) {
    return Lowering.lower(operands, target).stream().map(Launch.class::cast).toList();
  }
}
