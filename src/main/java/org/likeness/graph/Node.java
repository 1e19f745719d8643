package org.likeness.graph;

import java.util.List;

/** One application of an operation. Inputs in {@link Op#mutates()} are written in place. */
public record Node(Op op, List<Tensor> inputs, List<Tensor> outputs) {
  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** By the tensors' ids alone: planning asks often, and equal nodes have the same ones. */
  @Override
  public int hashCode() {
    return 31 * inputs.hashCode() + outputs.hashCode();
  }

  /** Returns the only output of a node that has one. */
  public Tensor output() {
    if (outputs.size() != 1) {
      throw new IllegalStateException(op.name() + " has " + outputs.size() + " outputs, not one");
    }
    return outputs.getFirst();
  }

  /** Tells whether running the node changes one of its inputs. */
  public boolean hasEffect() {
    return !op.mutates().isEmpty();
  }

  /** Returns the inputs that the node writes in place. */
  public List<Tensor> mutated() {
    return op.mutates().stream().map(inputs::get).toList();
  }
}
