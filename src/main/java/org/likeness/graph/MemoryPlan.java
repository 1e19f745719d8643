package org.likeness.graph;

import java.util.ArrayList;
import java.util.Collections;
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
    pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
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
    List<Placement> byOffset = new ArrayList<>();
    for (Interval interval : intervals) {
      Placement placement = new Placement(interval, lowestGap(interval, byOffset));
      placed.add(placement);
      insert(placement, byOffset);
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

  private static long lowestGap(Interval interval, List<Placement> byOffset) {
    long offset = 0;
    for (Placement neighbour : byOffset) {
      if (neighbour.offset() - offset >= interval.bytes()) {
        return offset; // and those that follow begin no lower
      }
      if (neighbour.interval().overlaps(interval)) {
        offset = Math.max(offset, neighbour.end());
      }
    }
    return offset;
  }

  private static void insert(Placement placement, List<Placement> byOffset) {
    int at =
        Collections.binarySearch(byOffset, placement, Comparator.comparingLong(Placement::offset));
    byOffset.add(at < 0 ? -at - 1 : at, placement);
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
