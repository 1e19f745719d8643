package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.Image;
import org.likeness.graph.Node;

/** Launches for {@link Image} nodes. */
final class ImageLowering {
  private ImageLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Image op, Operands o, Target target) {
    throw new UnsupportedOperationException("no CUDA kernel yet for " + op.name());
  }
}
