package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.likeness.graph.DType;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/** Chooses the kernel of each node: a fast f32 one where there is one, else the oracle. */
final class Kernels {
  private Kernels() {}

  /** A node with the memory of its operands, each as long as its tensor is stored. */
  record Operands(Node node, List<MemorySegment> inputs, List<MemorySegment> outputs) {
    MemorySegment in(int i) {
      return inputs.get(i);
    }

    MemorySegment out(int i) {
      return outputs.get(i);
    }

    Shape shape(int input) {
      return node.inputs().get(input).shape();
    }

    Shape outputShape(int output) {
      return node.outputs().get(output).shape();
    }

    private boolean allF32() {
      return node.inputs().stream().allMatch(Operands::f32OrCounter)
          && node.outputs().stream().allMatch(t -> t.dtype() == DType.F32);
    }

    private static boolean f32OrCounter(Tensor t) {
      return t.dtype() == DType.F32
          || (t.role() == org.likeness.graph.Role.SLOT && t.dtype() == DType.I64);
    }
  }

  /** Returns what runs a node; never null. */
  static Runnable lower(Operands o) {
    Runnable fast =
        !o.allF32()
            ? null
            : switch (o.node().op()) {
              case Linear op -> null;
              case Pointwise op -> FloatPointwise.lower(op, o);
              case Movement op -> FloatMovement.lower(op, o);
              case Reduction op -> FloatReduction.lower(op, o);
              case Image op -> FloatImage.lower(op, o);
              case Update op -> FloatUpdate.lower(op, o);
            };
    return fast != null ? fast : oracle(o);
  }

  /** Returns the oracle's run of a node whose operands are stored dense. */
  static Runnable oracle(Operands o) {
    Node node = o.node();
    List<Shape> shapes = node.inputs().stream().map(Tensor::shape).toList();
    boolean effect = node.hasEffect();
    List<Tensor> written = effect ? node.mutated() : node.outputs();
    List<MemorySegment> memory =
        effect ? node.op().mutates().stream().map(o.inputs()::get).toList() : o.outputs();
    return () -> {
      double[][] in = new double[shapes.size()][];
      for (int i = 0; i < in.length; i++) {
        in[i] = Values.load(o.in(i), node.inputs().get(i).dtype(), shapes.get(i).elements());
      }
      double[][] out = Oracle.run(node.op(), shapes, in);
      for (int i = 0; i < out.length; i++) {
        Values.store(memory.get(i), written.get(i).dtype(), out[i]);
      }
    };
  }
}
