package org.likeness.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.Liveness.Interval;

/**
 * One offset per value of the slab, decided before anything is allocated.
 *
 * @param pools bytes of each pool by name; "activations" is the slab, "feeds" the copies of the
 *     feeds that a device holds beside it
 * @param lowerBound the largest sum of bytes alive at one node: no plan of this order needs less
 * @param peakNode the node at which that sum is reached
 */
public record MemoryPlan(
    List<Placement> placements, Map<String, Long> pools, long lowerBound, int peakNode) {
  private static final String FEEDS = "feeds";

  /** Copies the collections. */
  public MemoryPlan {
    placements = List.copyOf(placements);
    pools = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(pools));
  }

  /** A buffer and where it lies in the slab, in bytes from its start. */
  public record Placement(Interval interval, long offset) {
    /** Returns the first byte after the buffer. */
    public long end() {
      return offset + interval.bytes();
    }
  }

  /** Plans a scheduled graph: largest buffers first, each at the lowest offset that is free. */
  public static MemoryPlan plan(Graph graph, DeviceProfile profile) {
    List<Interval> intervals = new ArrayList<>(Liveness.of(graph, profile));
    intervals.sort(
        Comparator.comparingLong(Interval::bytes)
            .reversed()
            .thenComparingInt(Interval::first)
            .thenComparing(Interval::name));
    List<Placement> placed = new ArrayList<>();
    Shelf shelf = new Shelf(intervals.size());
    for (Interval interval : intervals) {
      placed.add(shelf.place(interval));
    }
    Map<String, Long> pools = new LinkedHashMap<>();
    for (Role role : List.of(Role.PARAMETER, Role.SLOT)) {
      long bytes = graph.leaves(role).stream().mapToLong(profile::bytes).sum();
      pools.put(role.pool(), bytes);
    }
    long slab = placed.stream().mapToLong(Placement::end).max().orElse(0);
    pools.put(Role.VALUE.pool(), slab);
    if (profile.feedSlots() > 0) {
      pools.put(FEEDS, profile.feedBytes(graph));
    }
    long[] alive = Liveness.alive(intervals, graph.nodes().size());
    int peak = 0;
    for (int i = 0; i < alive.length; i++) {
      peak = alive[i] > alive[peak] ? i : peak;
    }
    return new MemoryPlan(placed, pools, alive[peak], peak - 1);
  }

  /** The buffers that have a place, by offset: thousands, each asked for every other one. */
  private static final class Shelf {
    private final long[] offset;
    private final long[] end;
    private final int[] first;
    private final int[] last;
    private int count;

    Shelf(int size) {
      offset = new long[size];
      end = new long[size];
      first = new int[size];
      last = new int[size];
    }

    /** Puts a buffer in the lowest gap between those that are alive with it. */
    Placement place(Interval interval) {
      long lowest = 0;
      int at = 0;
      for (; at < count && offset[at] - lowest < interval.bytes(); at++) {
        if (first[at] <= interval.last() && interval.first() <= last[at]) {
          lowest = Math.max(lowest, end[at]);
        }
      }
      insert(interval, lowest);
      return new Placement(interval, lowest);
    }

    private void insert(Interval interval, long lowest) {
      int at = Arrays.binarySearch(offset, 0, count, lowest);
      at = at < 0 ? -at - 1 : at;
      for (Object column : List.of(offset, end, first, last)) {
        System.arraycopy(column, at, column, at + 1, count - at);
      }
      offset[at] = lowest;
      end[at] = lowest + interval.bytes();
      first[at] = interval.first();
      last[at] = interval.last();
      count++;
    }
  }

  /** Returns the bytes of the slab, the planned peak of the activations pool. */
  public long slabBytes() {
    return pools.get(Role.VALUE.pool());
  }

  /**
   * Returns the bytes of the slabs of programs that share one state, loaded in this order: each
   * takes over the largest before it, unless it needs more.
   */
  public static long sharedSlabBytes(List<MemoryPlan> loaded) {
    long sum = 0;
    long largest = 0;
    for (MemoryPlan plan : loaded) {
      if (plan.slabBytes() > largest) {
        largest = plan.slabBytes();
        sum += largest;
      }
    }
    return sum;
  }

  /** Returns the bytes of the copies of the feeds beside the slab; 0 where they lie in it. */
  public long feedBytes() {
    return pools.getOrDefault(FEEDS, 0L);
  }

  /** Returns the bytes of all pools together. */
  public long totalBytes() {
    return pools.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns how much larger the slab is than the lower bound, 0 for a perfect plan. */
  public double fragmentation() {
    return lowerBound == 0 ? 0 : (double) slabBytes() / lowerBound - 1;
  }

  /** Returns the offset of each value in the slab by tensor id. */
  public Map<Integer, Long> offsets() {
    Map<Integer, Long> offsets = new HashMap<>();
    for (Placement p : placements) {
      p.interval().tensors().forEach(t -> offsets.put(t.id(), p.offset()));
    }
    return offsets;
  }

  /** Returns the offset of each node's workspace in the slab by node index. */
  public Map<Integer, Long> workspaceOffsets() {
    Map<Integer, Long> offsets = new HashMap<>();
    for (Placement p : placements) {
      if (p.interval().tensors().isEmpty()) {
        offsets.put(p.interval().first(), p.offset());
      }
    }
    return offsets;
  }

  /** Returns the buffers alive at the peak, largest first. */
  public List<Placement> aliveAtPeak() {
    return placements.stream()
        .filter(p -> p.interval().first() <= peakNode && peakNode <= p.interval().last())
        .toList();
  }
}
