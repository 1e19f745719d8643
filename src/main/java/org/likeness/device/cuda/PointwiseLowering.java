package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;

/** Launches for {@link Pointwise} nodes. */
final class PointwiseLowering {
  private PointwiseLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Pointwise op, Operands o, Target target) {
    throw new UnsupportedOperationException("no CUDA kernel yet for " + op.name());
  }
}
