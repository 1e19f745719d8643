package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/**
 * How a plan's feeds lie in the slots that are uploaded into: both slots one after the other, then
 * the number of the one to read.
 *
 * @param offsets of each feed in a slot
 * @param slotBytes of one slot
 */
record Feeds(Map<Tensor, Long> offsets, long slotBytes) {
  static final int SLOTS = 2;

  private static final String FAMILY = "feeds";
  private static final int THREADS = 256;
  private static final int BYTES_PER_THREAD = 16;

  static Feeds of(ExecutionPlan plan) {
    Map<Tensor, Long> offsets = new LinkedHashMap<>();
    long offset = 0;
    for (Tensor feed : plan.graph().leaves(Role.FEED)) {
      offsets.put(feed, offset);
      offset += plan.profile().bytes(feed);
    }
    return new Feeds(offsets, offset);
  }

  /** Returns the offset of the number of the current slot. */
  long currentOffset() {
    return SLOTS * slotBytes;
  }

  /** Returns what a step begins with: each feed into its planned place. */
  List<Launch> take(long slots, Addresses addresses) {
    List<Launch> launches = new ArrayList<>();
    offsets.forEach(
        (feed, offset) ->
            launches.add(
                new Launch(
                    new Launch.Entry(FAMILY, "feed_take"),
                    Launch.Grid.over(Math.ceilDiv(feed.bytes(), BYTES_PER_THREAD), THREADS),
                    0,
                    List.of(
                        new Pointer(slots + offset),
                        new Pointer(slotBytes),
                        new Pointer(slots + currentOffset()),
                        new Pointer(addresses.of(feed)),
                        new Pointer(feed.bytes())))));
    return launches;
  }

  /** Returns what a step ends with: the other slot becomes current. */
  Launch flip(long slots) {
    return new Launch(
        new Launch.Entry(FAMILY, "feed_flip"),
        new Launch.Grid(1, 1, 1, 1),
        0,
        List.of(new Pointer(slots + currentOffset())));
  }
}
