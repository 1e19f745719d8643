package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.Node;
import org.likeness.graph.Update;

/** Launches for {@link Update} nodes. */
final class UpdateLowering {
  private UpdateLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Update op, Operands o, Target target) {
    throw new UnsupportedOperationException("no CUDA kernel yet for " + op.name());
  }

  /** Returns the launches for adjacent updates by the same rule. */
  static List<Launch> lower(List<Operands> run, Target target) {
    throw new UnsupportedOperationException("no CUDA kernel yet for a run of updates");
  }
}
