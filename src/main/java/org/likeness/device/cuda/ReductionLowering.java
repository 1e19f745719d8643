package org.likeness.device.cuda;

import java.util.List;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Node;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;

/** Launches for {@link Reduction} nodes. */
final class ReductionLowering {
  private static final int THREADS = 256;

  private ReductionLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    Shape x = node.inputs().getFirst().shape();
    return switch ((Reduction) node.op()) {
      case Reduction.SumPerSample op -> Sum.of(op, MergedAxes.perSample(x), x).workspaceBytes();
      case Reduction.SumTo op -> Sum.of(op, op.shape(), x).workspaceBytes();
      case Reduction.SpreadPerSample op -> 0;
      case Reduction.RepeatTo op -> 0;
      case Reduction.PixelNorm op -> PixelNorms.of(x, 1).workspaceBytes();
      case Reduction.PixelNormGrad op -> PixelNorms.of(x, 2).workspaceBytes();
      case Reduction.Statistics op -> Statistics.of(x).workspaceBytes();
      case Reduction.ColumnSums op ->
          Sum.overChannels(op, node.inputs().getFirst()).workspaceBytes();
    };
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Reduction reduction, Operands o, Target target) {
    Shape x = o.shape(0);
    return switch (reduction) {
      case Reduction.SumPerSample op -> sum(Sum.of(op, MergedAxes.perSample(x), x), op.scale(), o);
      case Reduction.SumTo op -> sum(Sum.of(op, op.shape(), x), 1, o);
      case Reduction.SpreadPerSample op ->
          repeat(MergedAxes.of(op, MergedAxes.perSample(op.shape()), op.shape()), op.scale(), o);
      case Reduction.RepeatTo op -> repeat(MergedAxes.of(op, x, op.shape()), 1, o);
      case Reduction.PixelNorm op -> PixelNorms.of(x, 1).launches(o, op.epsilon());
      case Reduction.PixelNormGrad op -> PixelNorms.of(x, 2).launches(o, op.epsilon());
      case Reduction.Statistics op -> Statistics.of(x).launches(o);
      case Reduction.ColumnSums op ->
          Sum.overChannels(op, o.node().inputs().getFirst())
              .launches(
                  FloatType.of(op, o.type(0)),
                  FloatType.of(op, o.outputType(0)),
                  o.in(0),
                  o.out(0),
                  o.workspace(),
                  1);
    };
  }

  private static List<Launch> sum(Sum sum, double scale, Operands o) {
    return sum.launches(FloatType.of(o), o.in(0), o.out(0), o.workspace(), scale);
  }

  private static List<Launch> repeat(MergedAxes axes, double scale, Operands o) {
    FloatType type = FloatType.of(o);
    long elements = o.outputShape(0).elements();
    return List.of(
        new Launch(
            new Entry("reduction", type.entry("repeat")),
            Grid.over((elements + type.lanes() - 1) / type.lanes(), THREADS),
            0,
            List.of(
                new Pointer(o.in(0)),
                new Pointer(o.out(0)),
                new Pointer(elements),
                axes.repeat(),
                new F32((float) scale))));
  }
}
