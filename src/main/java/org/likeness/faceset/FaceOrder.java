package org.likeness.faceset;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/** An endless row of shuffled epochs; the two in use are kept. Safe to call from any thread. */
final class FaceOrder {
  private final int n;
  private final LongFunction<int[]> permutation;
  private final Map<Long, int[]> epochs = new ConcurrentHashMap<>();

  FaceOrder(int n, LongFunction<int[]> permutation) {
    this.n = n;
    this.permutation = permutation;
  }

  int at(long position) {
    long epoch = position / n;
    int[] order = epochs.get(epoch);
    if (order == null) {
      epochs.keySet().removeIf(old -> old < epoch - 1 || old > epoch + 1);
      order = epochs.computeIfAbsent(epoch, permutation::apply);
    }
    return order[(int) (position % n)];
  }
}
