package org.likeness.nn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.likeness.graph.DType;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/**
 * Dynamic loss scaling for f16, all inside the graph: the scale starts at 2^16, doubles after 2000
 * good steps, and halves when a gradient overflows, in which step the optimiser changes nothing.
 * What a session keeps of it are two counters that start at zero.
 *
 * @param doublings of the scale since the start (1)
 * @param good steps since the scale last changed (1)
 * @param scale of this step (1)
 */
public record LossScaling(Tensor doublings, Tensor good, Tensor scale) {
  /** Good steps after which the scale doubles. */
  public static final int PATIENCE = 2000;

  /** The slot with the doublings, after an optimiser's name. */
  public static final String DOUBLINGS = "/loss_doublings:0";

  private static final String GOOD = "/good_steps:0";

  /** Tells whether a slot of that name belongs to a loss scale. */
  public static boolean isSlot(String name) {
    return name.endsWith(DOUBLINGS) || name.endsWith(GOOD);
  }

  /** Declares the slots of an optimiser's scale. */
  public static LossScaling declare(Model model, String optimizer) {
    GraphBuilder graph = model.graph();
    Tensor doublings = graph.leaf(Role.SLOT, optimizer + DOUBLINGS, Shape.of(1), DType.I64);
    Tensor good = graph.leaf(Role.SLOT, optimizer + GOOD, Shape.of(1), DType.I64);
    Tensor scale = graph.add(optimizer + "/loss_scale", new Update.LossScale(), doublings);
    return new LossScaling(doublings, good, scale);
  }

  /** Returns losses (n) times the scale. */
  public Tensor scaled(Model model, Tensor losses) {
    return model.add(losses.name() + "/scaled", new Binary(Binary.Kind.MUL), losses, scale);
  }

  /**
   * Adds the factor that undoes the scale and limits the norm, and the count of this step. Where
   * there is no limit the gradients of dense weights are not looked at, since those of their biases
   * overflow with them: they need not exist all at once.
   *
   * @param clipNorm limit of the gradients' common norm, or 0 for none
   */
  Tensor unscale(GraphBuilder graph, Collection<Tensor> gradients, double clipNorm) {
    List<Tensor> inputs = new ArrayList<>(List.of(scale));
    gradients.stream().filter(g -> clipNorm > 0 || g.shape().rank() != 2).forEach(inputs::add);
    double limit = clipNorm > 0 ? clipNorm : Double.POSITIVE_INFINITY;
    Tensor factor =
        graph.addAll(scale.name() + "/undone", new Update.Unscale(limit), inputs).getFirst();
    graph.addAll(
        scale.name() + "/count",
        new Update.AdjustScale(PATIENCE),
        List.of(doublings, good, factor));
    return factor;
  }
}
