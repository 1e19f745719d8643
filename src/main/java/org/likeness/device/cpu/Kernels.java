package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.likeness.graph.DType;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/**
 * Chooses the kernel of each node: a fast one of f32 or bf16 where there is one, else the oracle.
 */
final class Kernels {
  private Kernels() {}

  /** A node with its operands. */
  record Operands(Node node, List<Operand> inputs, List<Operand> outputs) {
    MemorySegment in(int i) {
      return inputs.get(i).memory();
    }

    MemorySegment out(int i) {
      return outputs.get(i).memory();
    }

    Shape shape(int input) {
      return node.inputs().get(input).shape();
    }

    Shape outputShape(int output) {
      return node.outputs().get(output).shape();
    }

    /** Returns an input as blocks of f32 see it. */
    Floats floats(int input) {
      return Floats.of(inputs.get(input));
    }

    /** Tells whether everything is bf16. */
    boolean bf16() {
      return node.outputs().stream().allMatch(t -> t.dtype() == DType.BF16);
    }

    private boolean fast() {
      boolean f32 =
          node.inputs().stream().allMatch(Operands::f32OrCounter)
              && node.outputs().stream().allMatch(t -> t.dtype() == DType.F32);
      return ofBytes()
          || (f32 || halves()) && (layoutsAgree() || sumsSquares() || countsUnpadded());
    }

    /** Elementwise work runs in bf16 too, and moves in any type. */
    private boolean halves() {
      DType type = node.outputs().isEmpty() ? DType.F32 : node.outputs().getFirst().dtype();
      boolean one = node.inputs().stream().allMatch(t -> t.dtype() == type);
      return one
          && switch (node.op()) {
            case Pointwise op -> type == DType.BF16;
            case Movement op -> true;
            case Linear op -> false;
            case Reduction op -> false;
            case Image op -> false;
            case Update op -> false;
          };
    }

    /** Packed feeds become f32. */
    private boolean ofBytes() {
      boolean fed = !inputs.isEmpty() && node.inputs().getFirst().dtype() == DType.U8;
      return fed
          && (node.op() instanceof Movement.Slice
              || node.op() instanceof Pointwise.Cast op && op.type() == DType.F32);
    }

    /** What comes from the elements alone, wherever they lie, wants no others between them. */
    private boolean countsUnpadded() {
      Operand x = inputs.getFirst();
      return node.op() instanceof Reduction.Statistics
          && x.memory().byteSize() == x.tensor().bytes();
    }

    private boolean sumsSquares() {
      return node.op() instanceof Update.ClipFactor || node.op() instanceof Update.Unscale;
    }

    private static boolean f32OrCounter(Tensor t) {
      return t.dtype() == DType.F32 || t.role() == Role.SLOT && t.dtype() == DType.I64;
    }

    /** Elementwise work runs on any layout as long as all operands of one shape share it. */
    private boolean layoutsAgree() {
      List<Operand> all = Stream.concat(inputs.stream(), outputs.stream()).toList();
      Operand blocked = all.stream().filter(o -> !o.dense()).findFirst().orElse(null);
      boolean elementwise = node.op() instanceof Update || node.op() instanceof Pointwise.Binary;
      return blocked == null
          || elementwise
              && all.stream()
                  .filter(o -> o.tensor().shape().equals(blocked.tensor().shape()))
                  .allMatch(o -> o.stored() == blocked.stored());
    }
  }

  /** Returns what runs a node; never null. */
  static Runnable lower(Operands o) {
    Runnable fast =
        !o.fast()
            ? null
            : switch (o.node().op()) {
              case Linear op -> null; // OnednnLowering
              case Pointwise op -> FloatPointwise.lower(op, o);
              case Movement op -> FloatMovement.lower(op, o);
              case Reduction op -> FloatReduction.lower(op, o);
              case Image op -> FloatImage.lower(op, o);
              case Update op -> FloatUpdate.lower(op, o);
            };
    return fast != null ? fast : oracle(o);
  }

  private static Runnable oracle(Operands o) {
    Node node = o.node();
    List<Shape> shapes = node.inputs().stream().map(Tensor::shape).toList();
    List<Operand> written =
        node.hasEffect() ? node.op().mutates().stream().map(o.inputs()::get).toList() : o.outputs();
    return () -> {
      double[][] in = o.inputs().stream().map(Operand::load).toArray(double[][]::new);
      double[][] out = Oracle.run(node.op(), shapes, in);
      for (int i = 0; i < out.length; i++) {
        written.get(i).store(out[i]);
      }
    };
  }
}
