package org.likeness.faceset;

/**
 * NumPy's legacy generator, so that a seed draws what the original would draw (spec data.md
 * appendix A).
 */
final class Mt19937 {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int at = N;
  private double spare;
  private boolean hasSpare;

  Mt19937(int seed) {
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  int nextInt() {
    if (at == N) {
      twist();
    }
    int y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  private void twist() {
    for (int i = 0; i < N; i++) {
      int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
    }
    at = 0;
  }

  /** In [0, 1), 53 bits. */
  double nextDouble() {
    int a = nextInt() >>> 5;
    int b = nextInt() >>> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }

  double uniform(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /** In [low, high); draws nothing when only one value is possible. */
  int integer(int low, int high) {
    int range = high - 1 - low;
    if (range == 0) {
      return low;
    }
    int mask = -1 >>> Integer.numberOfLeadingZeros(range);
    int value;
    do {
      value = nextInt() & mask;
    } while (value > range);
    return low + value;
  }

  /** Standard normal, by the polar method: two at a time. */
  double gaussian() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double x;
    double y;
    double s;
    do {
      x = 2 * nextDouble() - 1;
      y = 2 * nextDouble() - 1;
      s = x * x + y * y;
    } while (s >= 1 || s == 0);
    double f = Math.sqrt(-2 * Math.log(s) / s);
    spare = f * x;
    hasSpare = true;
    return f * y;
  }
}
