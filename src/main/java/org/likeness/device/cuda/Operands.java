package org.likeness.device.cuda;

import java.util.List;
import org.likeness.graph.DType;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;

/**
 * A node and the device addresses of its operands, all dense in the graph's layouts and aligned to
 * 256 bytes.
 *
 * @param workspace address of the temporary memory that the node's lowering asked for
 */
record Operands(Node node, List<Long> inputs, List<Long> outputs, long workspace) {
  /** Copies the lists. */
  Operands {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  long in(int i) {
    return inputs.get(i);
  }

  long out(int i) {
    return outputs.get(i);
  }

  Shape shape(int input) {
    return node.inputs().get(input).shape();
  }

  Shape outputShape(int output) {
    return node.outputs().get(output).shape();
  }

  DType type(int input) {
    return node.inputs().get(input).dtype();
  }

  DType outputType(int output) {
    return node.outputs().get(output).dtype();
  }
}
