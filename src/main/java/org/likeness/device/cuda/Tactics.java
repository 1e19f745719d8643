package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cuda.ConvolutionGeometry.Direction;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;

/**
 * How a {@link Linear} node is computed: as it was in the run that a session goes on from, else by
 * the tactic that was measured to be the fastest, else by our kernels' estimate; with {@code
 * --provider cudnn} by what the libraries think fastest.
 */
final class Tactics {
  private Tactics() {}

  /** Returns the text that a stored tuning knows the node's shape by. */
  static String key(Node node, Target target) {
    ConvolutionGeometry geometry = ConvolutionGeometry.of(node);
    DType result = node.outputs().getFirst().dtype();
    boolean usual = geometry.direction() == Direction.WGRAD || result == geometry.type();
    String wider = usual ? "" : " to " + FloatType.text(result);
    String dense = geometry.x().rank() == node.inputs().getFirst().shape().rank() ? "" : " dense";
    return geometry.key(target) + wider + dense + Remainder.of((Linear) node.op()).key();
  }

  /** Returns every tactic: ours, then the libraries', each the one expected to be fastest first. */
  static List<Tactic> of(Node node, Target target) {
    List<EngineTactic> engines = EngineTactic.of(node, target);
    List<Tactic> tactics = new ArrayList<>();
    if (engines.isEmpty() || !target.engines().preferred()) {
      tactics.addAll(ConvolutionChoice.candidates(node, target));
    }
    tactics.addAll(engines);
    return tactics;
  }

  /** Returns the tactic that is used. */
  static Tactic choose(Node node, Target target) {
    return winner(node, target).orElseGet(() -> unmeasured(node, target));
  }

  /** Tells whether the node's shape has a winner that there still is. */
  static boolean known(Node node, Target target) {
    return winner(node, target).isPresent();
  }

  private static Optional<Tactic> winner(Node node, Target target) {
    String winner = target.tuning().winners().get(key(node, target));
    if (winner == null) {
      return Optional.empty();
    }
    for (Tactic tactic : among(winner, node, target)) {
      if (tactic.name().equals(winner)) {
        return Optional.of(tactic);
      }
    }
    return Optional.empty();
  }

  /** The tactics that a name may be of; libraries are only asked for their own. */
  private static List<? extends Tactic> among(String name, Node node, Target target) {
    if (EngineTactic.isName(name)) {
      return EngineTactic.like(name, node, target);
    }
    return target.engines().preferred()
        ? of(node, target)
        : ConvolutionChoice.candidates(node, target);
  }

  private static Tactic unmeasured(Node node, Target target) {
    for (boolean fused : new boolean[] {true, false}) {
      if (target.engines().preferred()) {
        List<EngineTactic> engines = EngineTactic.of(node, target, fused);
        if (!engines.isEmpty()) {
          return engines.getFirst();
        }
      }
    }
    return ConvolutionChoice.candidates(node, target).getFirst();
  }
}
