package org.likeness.device.cuda;

import java.util.List;
import org.likeness.device.cuda.ConvolutionGeometry.Direction;
import org.likeness.graph.DType;

/**
 * The f32 kernels of {@code conv_<direction>_f32.cu}, the thickest of which takes only channels in
 * multiples of 4. Their rates are estimates from the shared-memory traffic per multiply-add, to be
 * replaced by measurements.
 *
 * @param share part of the 128 multiply-adds per cycle and multiprocessor that a full card reaches
 */
record ConvolutionTile(Tile tile, int threads, double share) implements ConvolutionVariant {
  private static final int PEAK = 128;

  /** Every tiling, the thickest first. */
  static final List<ConvolutionVariant> ALL =
      List.of(
          new ConvolutionTile(new Tile(128, 128, 8), 256, 0.85),
          new ConvolutionTile(new Tile(128, 64, 8), 256, 0.70),
          new ConvolutionTile(new Tile(64, 64, 16), 256, 0.60),
          new ConvolutionTile(new Tile(128, 32, 8), 256, 0.55),
          new ConvolutionTile(new Tile(32, 32, 16), 64, 0.45),
          new ConvolutionTile(new Tile(256, 16, 8), 256, 0.45),
          new ConvolutionTile(new Tile(16, 256, 8), 256, 0.45));

  @Override
  public String name() {
    return "f32_" + tile.rows() + "x" + tile.columns();
  }

  @Override
  public int sharedBytes(Direction direction) {
    return 0;
  }

  @Override
  public double rate(Target target) {
    return PEAK * share;
  }

  @Override
  public boolean fits(ConvolutionGeometry geometry, Target target) {
    return geometry.type() == DType.F32 && (!aligned() || geometry.aligned(4));
  }

  /** Tells whether the kernel has no code for channels that are not in fours. */
  private boolean aligned() {
    return tile.rows() * tile.columns() == 64 * threads;
  }

  @Override
  public Launch.Entry entry(Direction direction) {
    return new Launch.Entry("conv_" + direction + "_f32", "conv_" + direction + "_" + name());
  }
}
