package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.likeness.device.cuda.ConvolutionGeometry.Direction;
import org.likeness.device.cuda.ConvolutionGeometry.Product;
import org.likeness.device.cuda.ConvolutionParameters.Split;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;

/**
 * Which variants compute a product and into how many splits its depth is cut, by an estimate from
 * padded multiply-adds, filled multiprocessors and the traffic of the splits.
 */
final class ConvolutionChoice {
  /** Most temporary memory that a node's splits, or a library's engine, may take. */
  static final long WORKSPACE_CEILING = 64L << 20;

  private static final int MOST_SPLITS = 512;

  /** Splits shorter than this gain nothing over their sum's traffic. */
  private static final int LEAST_SLICE = 64;

  /** Cycles that a launch costs, about 2 us. */
  private static final double LAUNCH = 3000;

  /** Cycles until a block's first operands have arrived and after its last step. */
  private static final double BLOCK = 1500;

  /** Bytes per cycle and multiprocessor to device memory. */
  private static final double BANDWIDTH = 12;

  /** Part of the rate that one block alone on a multiprocessor reaches. */
  private static final double ALONE = 0.7;

  private static final List<ConvolutionVariant> VARIANTS =
      Stream.concat(ConvolutionTile.ALL.stream(), TensorCoreConvolution.ALL.stream()).toList();

  private ConvolutionChoice() {}

  /**
   * A variant and a split of the depth for one geometry.
   *
   * @param cycles estimated time
   */
  record Candidate(ConvolutionVariant variant, Split split, double cycles) implements Tactic {
    @Override
    public String name() {
      return variant.name() + "/" + split.splits();
    }

    /** Returns the bytes of the splits' sums. */
    @Override
    public long workspaceBytes() {
      return split.splits() == 1 ? 0 : bytes(split);
    }
  }

  /** Returns every choice for a {@link Linear} node, the one of least estimated time first. */
  static List<Candidate> candidates(Node node, Target target) {
    ConvolutionGeometry geometry = ConvolutionGeometry.of(node);
    if (geometry.direction() == Direction.DGRAD && geometry.window().stride() > 2) {
      throw node.op()
          .refusal("stride " + geometry.window().stride() + " has no CUDA kernel; use 1 or 2");
    }
    List<Candidate> candidates = new ArrayList<>();
    for (ConvolutionVariant variant : VARIANTS) {
      if (variant.fits(geometry, target)) {
        for (Split split : splits(geometry, sums(node), variant)) {
          double cycles = cycles(geometry, variant, split, target);
          candidates.add(new Candidate(variant, split, cycles));
        }
      }
    }
    if (geometry.type() == DType.BF16 && target.capability() < 80) {
      throw node.op()
          .refusal("bf16 needs compute capability 8.0, RTX 30 or newer; use --precision f16");
    }
    if (candidates.isEmpty()) {
      throw node.op()
          .refusal("there is no CUDA kernel for " + geometry.type() + " operands; use f32");
    }
    candidates.sort(Comparator.comparingDouble(Candidate::cycles));
    return List.copyOf(candidates);
  }

  /** Returns the elements that one split sums: the results and, if any, the bias gradient. */
  private static long sums(Node node) {
    return node.outputs().stream().mapToLong(t -> t.shape().elements()).sum();
  }

  private static List<Split> splits(
      ConvolutionGeometry geometry, long sums, ConvolutionVariant variant) {
    int step = variant.tile().depth();
    int depth = geometry.depth(variant.channelStep());
    List<Split> splits = new ArrayList<>();
    for (int wanted = 1; wanted <= MOST_SPLITS; wanted *= 2) {
      int slice = Math.max(Math.ceilDiv(Math.ceilDiv(depth, wanted), step), 1) * step;
      Split split = new Split(Math.max(Math.ceilDiv(depth, slice), 1), slice, sums);
      boolean more = splits.isEmpty() || splits.getLast().splits() < split.splits();
      if (wanted == 1 || more && slice >= LEAST_SLICE && bytes(split) <= WORKSPACE_CEILING) {
        splits.add(split);
      }
    }
    int longest = Math.max(variant.longestSum(), splits.getLast().slice());
    return splits.stream().filter(s -> s.slice() <= longest).toList();
  }

  private static long bytes(Split split) {
    return split.splits() * split.stride() * Float.BYTES;
  }

  private static double cycles(
      ConvolutionGeometry geometry, ConvolutionVariant variant, Split split, Target target) {
    double blocks = 0;
    double multiplies = 0;
    for (Product product : geometry.products(variant.channelStep())) {
      double tiles = blocks(product, variant) * (double) split.splits();
      int step = variant.tile().depth();
      double slice = Math.ceilDiv(Math.min(split.slice(), product.depth()), step) * (double) step;
      blocks += tiles;
      multiplies += tiles * slice * variant.tile().rows() * variant.tile().columns();
    }
    int processors = target.multiprocessors();
    double waves = Math.ceil(blocks / processors);
    double rate = variant.rate(target) * (waves > 1 ? 1 : ALONE);
    double busy = waves * (multiplies / blocks / rate + BLOCK);
    if (split.splits() == 1) {
      return busy;
    }
    return busy + LAUNCH + 2.0 * bytes(split) / BANDWIDTH / processors;
  }

  /**
   * Returns the time that a node's own multiply-adds take where all multiprocessors do them at the
   * best rate that there is for its operands, over the time that a choice is estimated to take: 1
   * for a large product, less the fewer blocks there are and the more of them is padding.
   */
  static double filled(Node node, Candidate choice, Target target) {
    ConvolutionGeometry geometry = ConvolutionGeometry.of(node);
    double multiplies = 0;
    for (Product product : geometry.products()) {
      multiplies += (double) product.rows() * product.columns() * product.depth();
    }
    double rate = 0;
    for (ConvolutionVariant variant : VARIANTS) {
      if (variant.fits(geometry, target)) {
        rate = Math.max(rate, variant.rate(target));
      }
    }
    return Math.min(1, multiplies / rate / target.multiprocessors() / choice.cycles());
  }

  /** Returns the tiles that cover a product. */
  static long blocks(Product product, ConvolutionVariant variant) {
    return (long) Math.ceilDiv(product.rows(), variant.tile().rows())
        * Math.ceilDiv(product.columns(), variant.tile().columns());
  }
}
