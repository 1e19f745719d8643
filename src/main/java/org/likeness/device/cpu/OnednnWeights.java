package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;

/**
 * A convolution weight for oneDNN.
 *
 * @param desc how it lies in memory
 * @param any the same sides in a layout still to be chosen
 */
record OnednnWeights(MemorySegment desc, MemorySegment any) {}
