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
    seed(seed);
  }

  /** Starts anew, as a new one with that seed would. */
  Mt19937 seed(int seed) {
    at = N;
    hasSpare = false;
    state[0] = seed;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    return this;
  }

  /** Python's {@code random} with that seed: seeded by an array of its words. */
  static Mt19937 ofPython(int seed) {
    Mt19937 random = new Mt19937(19650218);
    int[] s = random.state;
    int i = 1;
    for (int k = 0; k < N; k++) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >>> 30)) * 1664525)) + seed;
      i = random.following(i);
    }
    for (int k = 0; k < N - 1; k++) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >>> 30)) * 1566083941)) - i;
      i = random.following(i);
    }
    s[0] = 0x80000000;
    return random;
  }

  private int following(int i) {
    if (i < N - 1) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
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

  /** Of mean 0, by inversion. */
  double laplace(double scale) {
    double u;
    do {
      u = nextDouble();
    } while (u == 0);
    return u >= 0.5 ? -scale * Math.log(2 - u - u) : scale * Math.log(u + u);
  }

  /** For means of 10 or more: transformed rejection (Hoermann 1993, PTRS). */
  int poisson(double mean) {
    double logMean = Math.log(mean);
    double b = 0.931 + 2.53 * Math.sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    double vr = 0.9277 - 3.6224 / (b - 2);
    while (true) {
      double u = nextDouble() - 0.5;
      double v = nextDouble();
      double us = 0.5 - Math.abs(u);
      int k = (int) Math.floor((2 * a / us + b) * u + mean + 0.43);
      if (us >= 0.07 && v <= vr) {
        return k;
      }
      if (k >= 0
          && (us >= 0.013 || v <= us)
          && Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b)
              <= -mean + k * logMean - logFactorial(k)) {
        return k;
      }
    }
  }

  private static double logFactorial(int k) {
    double sum = 0;
    for (int i = 2; i <= k; i++) {
      sum += Math.log(i);
    }
    return sum;
  }

  /** Shuffles in place, from the end. */
  void shuffle(int[] list) {
    for (int i = list.length - 1; i > 0; i--) {
      int j = integer(0, i + 1);
      int swapped = list[i];
      list[i] = list[j];
      list[j] = swapped;
    }
  }

  /**
   * A rotation // (n, n) drawn uniformly from SO(n) by Householder reflections (Stewart 1980), as
   * SciPy draws it.
   */
  double[] rotation(int n) {
    double[] h = new double[n * n];
    double[] d = new double[n];
    double product = (n & 1) == 0 ? -1 : 1;
    for (int i = 0; i < n; i++) {
      h[i * n + i] = 1;
    }
    for (int k = 0; k < n - 1; k++) {
      double[] x = new double[n - k];
      double norm2 = 0;
      for (int i = 0; i < x.length; i++) {
        x[i] = gaussian();
        norm2 += x[i] * x[i];
      }
      double first = x[0];
      d[k] = first < 0 ? -1 : 1;
      product *= d[k];
      x[0] += d[k] * Math.sqrt(norm2);
      double length = Math.sqrt((norm2 - first * first + x[0] * x[0]) / 2);
      for (int i = 0; i < x.length; i++) {
        x[i] /= length;
      }
      for (int row = 0; row < n; row++) {
        double dot = 0;
        for (int i = 0; i < x.length; i++) {
          dot += h[row * n + k + i] * x[i];
        }
        for (int i = 0; i < x.length; i++) {
          h[row * n + k + i] -= dot * x[i];
        }
      }
    }
    d[n - 1] = product;
    for (int i = 0; i < n * n; i++) {
      h[i] *= d[i / n]; // rows
    }
    return h;
  }
}
