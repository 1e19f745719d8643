package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Image;
import org.likeness.graph.Node;
import org.likeness.graph.Op;
import org.likeness.graph.Shape;

/** Launches for {@link Image} nodes. */
final class ImageLowering {
  private static final int THREADS = 256;

  private ImageLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    Shape x = node.inputs().getFirst().shape();
    return switch ((Image) node.op()) {
      case Image.GaussianBlur op -> Blur.of(op, x).workspaceBytes();
      case Image.Ssim op -> SsimTiles.forward(op, x).workspaceBytes();
      case Image.SsimGrad op -> 0;
      case Image.CentreWeight op -> 0;
      case Image.AveragePool2 op -> 0;
      case Image.AveragePool2Grad op -> 0;
    };
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Image op, Operands o, Target target) {
    return switch (op) {
      case Image.GaussianBlur blur -> Blur.of(blur, o.shape(0)).launches(FloatType.of(o), o);
      case Image.Ssim ssim -> SsimTiles.forward(ssim, o.shape(0)).forward(FloatType.of(o), o);
      case Image.SsimGrad grad -> SsimTiles.backward(grad.of(), o.shape(0)).backward(o);
      case Image.CentreWeight weight -> List.of(centreWeight(weight, o));
      case Image.AveragePool2 pool -> List.of(pool("average_pool2_forward", o));
      case Image.AveragePool2Grad grad -> List.of(pool("average_pool2_backward", o));
    };
  }

  private static Launch centreWeight(Image.CentreWeight op, Operands o) {
    Shape s = o.shape(0);
    FloatType type = FloatType.of(o);
    double falloff = 1 / (2 * op.sigma() * op.sigma());
    return overRows(
        "centre_weight_forward",
        o,
        s,
        THREADS * type.lanes(),
        List.of(
            new F32((float) falloff),
            new F32((float) (peak(op, s.h(), falloff) * peak(op, s.w(), falloff)))));
  }

  /** What the weights along an axis would be in its middle, which lies between pixels if even. */
  private static double peak(Image.CentreWeight op, int side, double falloff) {
    double off = (side - 1) / 2 - (side - 1) / 2.0;
    return op.kernel(side)[(side - 1) / 2] / Math.exp(-off * off * falloff);
  }

  private static Launch pool(String name, Operands o) {
    return overRows(name, o, o.outputShape(0), THREADS, List.of());
  }

  /** A launch of blocks that each do {@code each} elements of a row of {@code rows}. */
  private static Launch overRows(
      String name, Operands o, Shape rows, int each, List<Launch.Argument> more) {
    long columns = (long) rows.w() * rows.c();
    int parts = Math.toIntExact(Math.ceilDiv(columns, each));
    Shape large = o.shape(0).h() < o.outputShape(0).h() ? o.outputShape(0) : o.shape(0);
    Struct shape =
        new Struct(MemorySegment.ofArray(new int[] {large.h(), large.w(), large.c(), parts}));
    List<Launch.Argument> arguments =
        new ArrayList<>(List.of(new Pointer(o.in(0)), new Pointer(o.out(0)), shape));
    arguments.addAll(more);
    return new Launch(
        new Entry("image", FloatType.of(o).entry(name)),
        grid(o.node().op(), (long) rows.n() * rows.h() * parts, THREADS),
        0,
        arguments);
  }

  /** Returns a one-dimensional grid, or refuses: a launch has at most 2^31 - 1 blocks. */
  static Grid grid(Op op, long blocks, int threads) {
    if (blocks > Integer.MAX_VALUE) {
      throw op.refusal(
          "%d blocks are more than a launch takes: use a smaller batch".formatted(blocks));
    }
    return new Grid((int) blocks, 1, 1, threads);
  }
}
