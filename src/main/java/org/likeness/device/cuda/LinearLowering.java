package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.device.cuda.ConvolutionParameters.BiasSide;
import org.likeness.device.cuda.ConvolutionParameters.Buffers;
import org.likeness.device.cuda.ConvolutionParameters.Finish;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Activation;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;

/**
 * Commands for {@link Linear} nodes. By our kernels: a product of matrices and, where split, the
 * sum of its parts.
 */
final class LinearLowering {
  /** Threads of a block that adds splits; each makes four elements. */
  private static final int COMBINE_THREADS = 128;

  private static final int COMBINE_ELEMENTS = 4 * COMBINE_THREADS;

  private LinearLowering() {}

  /** Returns the temporary bytes that the node's commands need. */
  static long workspaceBytes(Node node, Target target) {
    return Tactics.choose(node, target).workspaceBytes();
  }

  /** Returns the commands that compute the node, in order. */
  static List<? extends Command> lower(Linear op, Operands o, Target target) {
    return lower(op, o, Tactics.choose(o.node(), target));
  }

  /** Returns the commands that compute the node by a tactic, in order. */
  static List<? extends Command> lower(Linear op, Operands o, Tactic tactic) {
    return switch (tactic) {
      case Candidate candidate -> lower(op, o, candidate);
      case EngineTactic engine -> EngineLowering.lower(op, o, engine);
    };
  }

  /** Returns the launches that compute the node as the candidate says, in order. */
  static List<Launch> lower(Linear op, Operands o, Candidate candidate) {
    ConvolutionGeometry geometry = ConvolutionGeometry.of(o.node());
    ConvolutionVariant variant = candidate.variant();
    ConvolutionParameters parameters =
        new ConvolutionParameters(
            geometry,
            variant.channelStep(),
            buffers(op, o, candidate),
            finish(op),
            candidate.split());
    Argument argument = new Argument.Struct(parameters.bytes());
    long tiles =
        geometry.products(variant.channelStep()).stream()
            .mapToLong(p -> ConvolutionChoice.blocks(p, variant))
            .max()
            .orElseThrow();
    int splits = candidate.split().splits();
    List<Launch> launches = new ArrayList<>();
    launches.add(
        new Launch(
            variant.entry(geometry.direction()),
            new Grid(
                Math.toIntExact(tiles), 1, geometry.products().size() * splits, variant.threads()),
            variant.sharedBytes(geometry.direction()),
            List.of(argument)));
    if (splits > 1 || isWider(o)) {
      String name = "conv_combine_" + o.outputType(0).name().toLowerCase(Locale.ROOT);
      long blocks = Math.ceilDiv(candidate.split().stride(), COMBINE_ELEMENTS);
      launches.add(
          new Launch(
              new Entry("conv_combine", name),
              new Grid(Math.toIntExact(blocks), 1, 1, COMBINE_THREADS),
              0,
              List.of(argument)));
    }
    return launches;
  }

  private static Buffers buffers(Linear op, Operands o, Candidate candidate) {
    boolean whole = candidate.split().splits() == 1;
    long partial = !whole ? o.workspace() : isWider(o) ? o.out(0) : 0;
    return switch (op) {
      case Linear.Conv2d conv -> {
        long residual = conv.epilogue().residual() ? o.inputs().getLast() : 0;
        yield new Buffers(
            o.in(0), o.in(1), o.out(0), conv.bias() ? o.in(2) : 0, residual, partial, 0);
      }
      case Linear.Conv2dDgrad dgrad -> plain(o, partial);
      case Linear.Conv2dWgrad wgrad ->
          new Buffers(o.in(1), o.in(0), o.out(0), 0, 0, partial, wgrad.bias() ? o.out(1) : 0);
      case Linear.Dense dense ->
          new Buffers(o.in(0), o.in(1), o.out(0), dense.bias() ? o.in(2) : 0, 0, partial, 0);
      case Linear.DenseDgrad dgrad -> plain(o, partial);
      case Linear.DenseWgrad wgrad ->
          new Buffers(o.in(0), o.in(1), o.out(0), 0, 0, partial, wgrad.bias() ? o.out(1) : 0);
    };
  }

  /**
   * Tells whether f32 results are wanted of 16-bit operands: sums are f32 anyway, so the product
   * leaves them where the result belongs, and the combining kernel finishes them in place.
   */
  private static boolean isWider(Operands o) {
    boolean gradient =
        o.node().op() instanceof Linear.Conv2dWgrad || o.node().op() instanceof Linear.DenseWgrad;
    return !gradient && o.outputType(0) != o.type(0);
  }

  private static Buffers plain(Operands o, long partial) {
    return new Buffers(o.in(0), o.in(1), o.out(0), 0, 0, partial, 0);
  }

  private static Finish finish(Linear op) {
    return switch (op) {
      case Linear.Conv2d conv ->
          new Finish(conv.scale(), conv.epilogue().activation(), 1, BiasSide.NONE);
      case Linear.Conv2dWgrad wgrad -> linear(op, wgrad.bias() ? BiasSide.LEFT : BiasSide.NONE);
      case Linear.DenseWgrad wgrad -> linear(op, wgrad.bias() ? BiasSide.RIGHT : BiasSide.NONE);
      case Linear.Conv2dDgrad dgrad -> linear(op, BiasSide.NONE);
      case Linear.Dense dense -> linear(op, BiasSide.NONE);
      case Linear.DenseDgrad dgrad -> linear(op, BiasSide.NONE);
    };
  }

  private static Finish linear(Linear op, BiasSide side) {
    return new Finish(op.scale(), Activation.NONE, 1, side);
  }
}
