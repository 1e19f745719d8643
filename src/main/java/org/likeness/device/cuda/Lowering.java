package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Update;

/** The one exhaustive place that says what an operation is on CUDA. */
final class Lowering {
  private Lowering() {}

  /** Returns the temporary bytes that a node's commands need. */
  static long workspaceBytes(Node node, Target target) {
    return switch (node.op()) {
      case Linear op -> LinearLowering.workspaceBytes(node, target);
      case Pointwise op -> PointwiseLowering.workspaceBytes(node, target);
      case Movement op -> MovementLowering.workspaceBytes(node, target);
      case Reduction op -> ReductionLowering.workspaceBytes(node, target);
      case Image op -> ImageLowering.workspaceBytes(node, target);
      case Update op -> UpdateLowering.workspaceBytes(node, target);
    };
  }

  /** Returns the commands that compute a node, in order. */
  static List<? extends Command> lower(Operands o, Target target) {
    return switch (o.node().op()) {
      case Linear op -> LinearLowering.lower(op, o, target);
      case Pointwise op -> PointwiseLowering.lower(op, o, target);
      case Movement op -> MovementLowering.lower(op, o, target);
      case Reduction op -> ReductionLowering.lower(op, o, target);
      case Image op -> ImageLowering.lower(op, o, target);
      case Update op -> UpdateLowering.lower(op, o, target);
    };
  }
}
