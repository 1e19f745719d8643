package org.likeness.device.cuda;

/**
 * What a lowering may know of the device.
 *
 * @param capability 10 times the compute capability's major number plus its minor one: 89 for 8.9
 * @param multiprocessors how many blocks run side by side at least
 * @param sharedBytes most shared memory that a block may opt in to
 * @param tf32 whether f32 convolutions and products may round their operands to TF32
 * @param tuning which tactics were measured to be the fastest
 * @param engines what NVIDIA's libraries offer
 */
record Target(
    int capability,
    int multiprocessors,
    int sharedBytes,
    boolean tf32,
    Tuning tuning,
    Engines engines) {
  /** Makes a target with our kernels alone, of which nothing was measured. */
  Target(int capability, int multiprocessors, int sharedBytes, boolean tf32) {
    this(capability, multiprocessors, sharedBytes, tf32, Tuning.NONE, Engines.NONE);
  }

  Target withTf32(boolean allowed) {
    return new Target(capability, multiprocessors, sharedBytes, allowed, tuning, engines);
  }

  Target with(Tuning measured) {
    return new Target(capability, multiprocessors, sharedBytes, tf32, measured, engines);
  }

  Target with(Engines offered) {
    return new Target(capability, multiprocessors, sharedBytes, tf32, tuning, offered);
  }
}
