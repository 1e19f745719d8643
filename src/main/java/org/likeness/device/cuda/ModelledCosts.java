package org.likeness.device.cuda;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Op;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/**
 * What nodes take on a modelled GPU; those alike are asked about once. Safe to ask from any number
 * of threads.
 */
final class ModelledCosts {
  private final ModelledGpu gpu;
  private final Target target;
  private final Map<Shaped, Cost> known = new ConcurrentHashMap<>();

  /**
   * Costs on a card.
   *
   * @param target how many multiprocessors it has, and the kernels for them
   */
  ModelledCosts(ModelledGpu gpu, Target target) {
    this.gpu = gpu;
    this.target = target;
  }

  /**
   * Memory and time of a node.
   *
   * @param filled part of the time in which the multiprocessors do arithmetic of the node's, were
   *     it bound by that
   */
  private record Cost(long workspaceBytes, double filled) {}

  /** A node but for which tensors it reads. */
  private record Shaped(Op op, List<Shape> inputs, List<DType> types) {
    static Shaped of(Node node) {
      return new Shaped(
          node.op(),
          node.inputs().stream().map(Tensor::shape).toList(),
          Stream.concat(node.inputs().stream(), node.outputs().stream())
              .map(Tensor::dtype)
              .toList());
    }
  }

  private Cost of(Node node) {
    return known.computeIfAbsent(Shaped.of(node), shaped -> ask(node));
  }

  private Cost ask(Node node) {
    if (!(node.op() instanceof Linear)) {
      return new Cost(Lowering.workspaceBytes(node, target), 1);
    }
    ConvolutionChoice.Candidate best = ConvolutionChoice.candidates(node, target).getFirst();
    return new Cost(best.workspaceBytes(), ConvolutionChoice.filled(node, best, target));
  }

  long workspaceBytes(Node node) {
    return of(node).workspaceBytes();
  }

  /**
   * Returns the seconds that a node takes: its traffic at the card's bandwidth or its arithmetic on
   * the multiprocessors that it fills, whichever is slower.
   */
  double seconds(Node node) {
    return node.op() instanceof Linear ? gpu.seconds(node, of(node).filled()) : gpu.seconds(node);
  }
}
