package org.likeness.device.cuda;

import org.likeness.device.cuda.ConvolutionGeometry.Direction;

/**
 * A tiling of the convolution kernels: for each direction an entry that takes one {@code
 * ConvParameters} by value and a grid of (row tiles x column tiles, 1, phases x splits).
 */
interface ConvolutionVariant {
  /** Returns the name that a stored tuning knows the variant by. */
  String name();

  /** Returns the part of the product that one block computes, and the depth of one step of it. */
  Tile tile();

  /**
   * Returns what the source's channels are counted up to a multiple of: the depth of a tap in
   * forward and dgrad, its columns in wgrad.
   */
  default int channelStep() {
    return 1;
  }

  /**
   * Returns the most terms that are added up in one f32, if the workspace allows it: an error near
   * 1e-5.
   */
  default int longestSum() {
    return 1 << 16;
  }

  /** Returns the threads of a block. */
  int threads();

  /** Returns the dynamic shared memory of a block. */
  int sharedBytes(Direction direction);

  /** Returns the multiply-adds per cycle and multiprocessor that the variant is expected to do. */
  double rate(Target target);

  /** Tells whether the variant computes this geometry on this device. */
  boolean fits(ConvolutionGeometry geometry, Target target);

  /** Returns the kernel of a direction. */
  Launch.Entry entry(Direction direction);

  /** The extents of one block's share of a product. */
  record Tile(int rows, int columns, int depth) {}
}
