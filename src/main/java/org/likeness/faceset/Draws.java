package org.likeness.faceset;

/**
 * What is random about a side of a session, as functions of the session's seed: nothing depends on
 * threads, on earlier draws or on restarts.
 */
record Draws(long seed, Side side) {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long SAMPLES = 2;
  private static final long EPOCHS = 4;

  /** Seed of the sample at that place, in the original's range [0, 2^31). */
  int sampleSeed(long iteration, int slot) {
    return (int) (hash(SAMPLES, iteration, slot) >>> 33);
  }

  /** The order in which an epoch shows {@code n} faces, each once. */
  int[] permutation(long epoch, int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = (int) Math.unsignedMultiplyHigh(hash(EPOCHS, epoch, i), i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private long hash(long purpose, long a, long b) {
    return mix(mix(mix(mix(seed) + purpose + side.salt()) + a) + b);
  }

  /**
   * One step of SplitMix64 (Steele, Lea and Flood 2014): a bijection in which every bit matters.
   */
  private static long mix(long x) {
    long z = x + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
