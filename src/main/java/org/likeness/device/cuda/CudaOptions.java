package org.likeness.device.cuda;

import java.nio.file.Path;

/**
 * How a GPU is to be used.
 *
 * @param tf32 whether f32 convolutions and products may round their operands to TF32, 11 bits,
 *     which tensor cores multiply many times faster
 * @param tuning when tilings are measured
 * @param cache folder of what was measured, a file for each GPU and driver
 */
public record CudaOptions(boolean tf32, Measure tuning, Path cache) {
  /** When the tilings of a shape are measured. */
  public enum Measure {
    /** Never: estimates choose. */
    NEVER,
    /** Once for each shape that no file knows. */
    ONCE,
    /** Again for every shape. */
    AGAIN
  }
}
