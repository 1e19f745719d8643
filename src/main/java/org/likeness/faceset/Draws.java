package org.likeness.faceset;

/**
 * What is random about a side of a session, as functions of the session's seed: nothing depends on
 * threads, on earlier draws or on restarts.
 */
record Draws(long seed, Side side) {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long SAMPLES = 2;
  private static final long EPOCHS = 4;
  private static final long STREAMS = 6;
  private static final long REFERENCES = 8;
  private static final long BINS = 10;
  private static final long IN_BINS = 12; // and every second number from there

  /** Seed of the sample at that place, in the original's range [0, 2^31). */
  int sampleSeed(long iteration, int slot) {
    return (int) (hash(SAMPLES, iteration, slot) >>> 33);
  }

  /** Seed of what the original draws from a generator that all samples share. */
  int streamSeed(long iteration, int slot) {
    return (int) hash(STREAMS, iteration, slot);
  }

  /** The order in which an epoch shows {@code n} faces, each once. */
  int[] permutation(long epoch, int n) {
    return permutation(EPOCHS, epoch, n);
  }

  /** The order in which an epoch gives {@code n} references of colour. */
  int[] referenceOrder(long epoch, int n) {
    return permutation(REFERENCES, epoch, n);
  }

  /** The order in which a round visits the bins of yaw. */
  int[] binOrder(long round, int n) {
    return permutation(BINS, round, n);
  }

  /** The order in which an epoch of one bin shows its faces. */
  int[] orderInBin(int bin, long epoch, int n) {
    return permutation(IN_BINS + 2L * bin, epoch, n);
  }

  private int[] permutation(long purpose, long epoch, int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = (int) Math.unsignedMultiplyHigh(hash(purpose, epoch, i), i + 1);
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
