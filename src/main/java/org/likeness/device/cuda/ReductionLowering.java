package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.Node;
import org.likeness.graph.Reduction;

/** Launches for {@link Reduction} nodes. */
final class ReductionLowering {
  private ReductionLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Reduction op, Operands o, Target target) {
    throw new UnsupportedOperationException("no CUDA kernel yet for " + op.name());
  }
}
