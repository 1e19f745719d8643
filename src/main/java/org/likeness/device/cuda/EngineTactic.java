package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cuda.Engines.Engine;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;

/**
 * A library's engine and what is left to our kernels after it: the remainder where it is not fused,
 * and the sum that is a bias gradient.
 *
 * @param workspaceBytes of the engine, or of that sum after it
 */
record EngineTactic(Problem problem, Engine engine, boolean fused, long workspaceBytes)
    implements Tactic {
  private static final String UNFUSED = "+epilogue";

  /** Returns the tactics of the libraries, fused ones first. */
  static List<EngineTactic> of(Node node, Target target) {
    List<EngineTactic> tactics = new ArrayList<>();
    Problem.fused(node, target.tf32()).ifPresent(p -> add(tactics, node, p, true, target));
    if (!Remainder.of((Linear) node.op()).nothing()) {
      Problem.plain(node, target.tf32()).ifPresent(p -> add(tactics, node, p, false, target));
    }
    return tactics;
  }

  private static void add(
      List<EngineTactic> tactics, Node node, Problem problem, boolean fused, Target target) {
    long sum = biasGradient(node).map(Sum::workspaceBytes).orElse(0L);
    for (Engine engine : target.engines().of(problem)) {
      long workspace = Math.max(engine.workspaceBytes(), sum);
      tactics.add(new EngineTactic(problem, engine, fused, workspace));
    }
  }

  /** Returns the sum over the output gradient's pixels that a node has besides its product. */
  static Optional<Sum> biasGradient(Node node) {
    if (node.outputs().size() == 1) {
      return Optional.empty();
    }
    Shape dy = node.inputs().get(1).shape();
    Shape channels = dy;
    for (int axis = 0; axis < dy.rank() - 1; axis++) {
      channels = channels.with(axis, 1);
    }
    boolean oneType = node.inputs().get(1).dtype() == DType.F32;
    return Optional.of(
        oneType
            ? Sum.of(node.op(), channels, dy)
            : Sum.inParts(node.op(), channels, dy)); // f32 of 16 bits
  }

  /** Tells whether a name is of a tactic of this library. */
  static boolean isOf(Library library, String name) {
    return name.startsWith(library.title());
  }

  @Override
  public String name() {
    return problem.library().title() + (fused ? "" : UNFUSED) + "/" + engine.name();
  }
}
