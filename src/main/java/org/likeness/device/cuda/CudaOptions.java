package org.likeness.device.cuda;

import java.nio.file.Path;

/**
 * How a GPU is to be used.
 *
 * @param tf32 whether f32 convolutions and products may round their operands to TF32, 11 bits,
 *     which tensor cores multiply many times faster
 * @param tuning when the ways to compute convolutions and products are measured
 * @param provider whose kernels compute them
 * @param cache folder of what was measured, a file for each GPU, driver and set of libraries
 */
public record CudaOptions(boolean tf32, Measure tuning, Provider provider, Path cache) {
  /** Returns options with our kernels alone. */
  public CudaOptions(boolean tf32, Measure tuning, Path cache) {
    this(tf32, tuning, Provider.OURS, cache);
  }

  /** Returns the same options with another provider. */
  public CudaOptions with(Provider other) {
    return new CudaOptions(tf32, tuning, other, cache);
  }

  /** When the ways to compute a shape are measured. */
  public enum Measure {
    /** Never: estimates choose. */
    NEVER,
    /** Once for each shape that no file knows. */
    ONCE,
    /** Again for every shape. */
    AGAIN
  }
}
