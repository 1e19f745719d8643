package org.likeness.faceset;

/**
 * What is random about one sample: {@code seed} for what the original draws from the sample's seed,
 * {@code stream} for what it draws from its process's generator, and the reference // (r, r, 3) of
 * its colours, or null.
 */
record SampleDraws(int seed, int stream, float[] reference) {
  /** A generator for one purpose (0, 1, ...) of one output, whatever the others drew. */
  Mt19937 generator(int purpose) {
    return new Mt19937(stream ^ purpose * 0x9e3779b9);
  }
}
