package org.likeness.faceset;

import java.util.Arrays;

/**
 * Sorts keys by their upper 32 bits, unsigned, and leaves those that tie where NumPy's quicksort
 * leaves them: median of three, insertion up to 16. Pixels of equal colour are many, and which of
 * them comes first decides where sliced transport sends it.
 */
final class TieOrder {
  private static final int SMALL = 15;

  private final long[] keys;

  private TieOrder(long[] keys) {
    this.keys = keys;
  }

  static void sort(long[] keys) {
    int bits = 31 - Integer.numberOfLeadingZeros(Math.max(1, keys.length));
    new TieOrder(keys).sort(0, keys.length - 1, 2 * bits);
  }

  private static boolean less(long a, long b) {
    return (a >>> 32) < (b >>> 32);
  }

  private void sort(int from, int to, int depth) {
    int left = from;
    int right = to;
    int deeper = depth;
    while (right - left > SMALL) {
      if (deeper-- < 0) {
        Arrays.sort(keys, left, right + 1); // NumPy's heap sort: other ties, no slower
        return;
      }
      int middle = partition(left, right);
      if (middle - left < right - middle) {
        sort(left, middle - 1, deeper);
        left = middle + 1;
      } else {
        sort(middle + 1, right, deeper);
        right = middle - 1;
      }
    }
    insert(left, right);
  }

  private int partition(int left, int right) {
    int middle = left + (right - left >> 1);
    order(left, middle);
    order(middle, right);
    order(left, middle);
    long pivot = keys[middle];
    swap(middle, right - 1);
    int i = left;
    int j = right - 1;
    while (true) {
      do {
        i++;
      } while (less(keys[i], pivot));
      do {
        j--;
      } while (less(pivot, keys[j]));
      if (i >= j) {
        break;
      }
      swap(i, j);
    }
    swap(i, right - 1);
    return i;
  }

  private void order(int low, int high) {
    if (less(keys[high], keys[low])) {
      swap(low, high);
    }
  }

  private void swap(int i, int j) {
    long key = keys[i];
    keys[i] = keys[j];
    keys[j] = key;
  }

  private void insert(int left, int right) {
    for (int i = left + 1; i <= right; i++) {
      long key = keys[i];
      int j = i;
      for (; j > left && less(key, keys[j - 1]); j--) {
        keys[j] = keys[j - 1];
      }
      keys[j] = key;
    }
  }
}
