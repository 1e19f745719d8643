package org.likeness.device.cuda;

/**
 * What a lowering may know of the device.
 *
 * @param capability 10 times the compute capability's major number plus its minor one: 89 for 8.9
 * @param multiprocessors how many blocks run side by side at least
 * @param sharedBytes most shared memory that a block may opt in to
 * @param tf32 whether f32 convolutions and products may round their operands to TF32
 */
record Target(int capability, int multiprocessors, int sharedBytes, boolean tf32) {}
