package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cuda.Engines.Engine;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;

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
    List<EngineTactic> tactics = new ArrayList<>(of(node, target, true));
    tactics.addAll(of(node, target, false));
    return tactics;
  }

  /** Returns those that do the whole node, or those that leave its remainder, if it has one. */
  static List<EngineTactic> of(Node node, Target target, boolean fused) {
    if (!fused && Remainder.of((Linear) node.op()).nothing()) {
      return List.of();
    }
    Optional<Problem> problem =
        fused ? Problem.fused(node, target.tf32()) : Problem.plain(node, target.tf32());
    long sum = biasGradient(node).map(Sum::workspaceBytes).orElse(0L);
    List<EngineTactic> tactics = new ArrayList<>();
    for (Engine engine : problem.map(target.engines()::of).orElse(List.of())) {
      long workspace = Math.max(engine.workspaceBytes(), sum);
      tactics.add(new EngineTactic(problem.orElseThrow(), engine, fused, workspace));
    }
    return tactics;
  }

  /** Returns the sum over the output gradient's pixels that a node has besides its product. */
  static Optional<Sum> biasGradient(Node node) {
    if (node.outputs().size() == 1) {
      return Optional.empty();
    }
    return Optional.of(Sum.overChannels(node.op(), node.inputs().get(1)));
  }

  /** Tells whether a name is of a library's tactic. */
  static boolean isName(String name) {
    return Arrays.stream(Library.values()).anyMatch(l -> name.startsWith(l.title()));
  }

  /** Returns the tactics that this name may be of: libraries are asked for no others. */
  static List<EngineTactic> like(String name, Node node, Target target) {
    return of(node, target, !name.contains(UNFUSED + "/"));
  }

  @Override
  public String name() {
    return problem.library().title() + (fused ? "" : UNFUSED) + "/" + engine.name();
  }
}
