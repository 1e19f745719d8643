package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.format.SafetensorsTensor;

/**
 * The samples of the last iterations that were learned worst, each side's by itself, to be learned
 * once more (spec model.md 6.2). It keeps one batch of each side, not all that went by.
 */
final class WorstSamples {
  /** After how many iterations they are due. */
  static final int EVERY = 16;

  private final int batch;
  private final Map<String, Side> sides;
  private final Map<String, MemorySegment> feeds = new LinkedHashMap<>();
  private final float[][] losses; // (2, EVERY * batch), those of src and dst since the last time
  private int seen;

  /** Makes room in {@code arena} for samples of these feeds, each of {@code batch} samples. */
  WorstSamples(Arena arena, int batch, Map<String, Long> feedBytes) {
    this.batch = batch;
    losses = new float[2][EVERY * batch];
    sides =
        Map.of(
            "src", new Side(arena, "src", batch, feedBytes),
            "dst", new Side(arena, "dst", batch, feedBytes));
    for (Side side : sides.values()) {
      feeds.putAll(side.worst);
      feeds.put("warped_" + side.name, side.worst.get("target_" + side.name));
    }
  }

  /** One side's, sorted by loss, the worst first; of equals the earlier first. */
  private static final class Side {
    private final String name;
    private final double[] losses;
    private final int[] slots; // where in kept the sample lies, worst first
    private final Map<String, MemorySegment> kept = new LinkedHashMap<>();
    private final Map<String, MemorySegment> worst = new LinkedHashMap<>();
    private int count;

    Side(Arena arena, String name, int batch, Map<String, Long> feedBytes) {
      this.name = name;
      losses = new double[batch];
      slots = new int[batch];
      String mask = "target_%sm".formatted(name);
      List<String> planes =
          List.of("target_" + name, mask, mask + "_em", mask + "_eyes", mask + "_mouth");
      for (String feed : planes) {
        Long bytes = feedBytes.get(feed);
        if (bytes != null) {
          kept.put(feed, arena.allocate(bytes, 64));
          worst.put(feed, arena.allocate(bytes, 64));
        }
      }
    }

    void add(Map<String, MemorySegment> feeds, int sample, double loss) {
      boolean full = count == losses.length;
      if (full && !(loss > losses[count - 1])) {
        return;
      }
      int slot = full ? slots[count - 1] : count;
      int at = full ? count - 1 : count++;
      for (; at > 0 && loss > losses[at - 1]; at--) {
        losses[at] = losses[at - 1];
        slots[at] = slots[at - 1];
      }
      losses[at] = loss;
      slots[at] = slot;
      kept.forEach((feed, to) -> copy(feeds.get(feed), sample, to, slot, losses.length));
    }

    void arrange() {
      for (int i = 0; i < count; i++) {
        int to = i;
        kept.forEach((feed, from) -> copy(from, slots[to], worst.get(feed), to, losses.length));
      }
      count = 0;
    }

    private static void copy(MemorySegment from, int i, MemorySegment to, int j, int batch) {
      long bytes = to.byteSize() / batch;
      MemorySegment.copy(from, i * bytes, to, j * bytes, bytes);
    }
  }

  /** Takes note of a batch and of what each of its samples lost. */
  void add(Map<String, MemorySegment> batchFeeds, double[] srcLosses, double[] dstLosses) {
    for (int i = 0; i < batch; i++) {
      sides.get("src").add(batchFeeds, i, srcLosses[i]);
      sides.get("dst").add(batchFeeds, i, dstLosses[i]);
      losses[0][seen * batch + i] = (float) srcLosses[i];
      losses[1][seen * batch + i] = (float) dstLosses[i];
    }
    seen++;
  }

  /**
   * What a checkpoint must keep, because the samples can be made again: {@code src_loss} and {@code
   * dst_loss} (iterations, n) since the worst were last learned.
   */
  List<SafetensorsTensor> saved() {
    return List.of(
        SafetensorsTensor.of("src_loss", Arrays.copyOf(losses[0], seen * batch), seen, batch),
        SafetensorsTensor.of("dst_loss", Arrays.copyOf(losses[1], seen * batch), seen, batch));
  }

  /** Goes on where a checkpoint stopped, or starts anew where its batches had another size. */
  void restore(List<SafetensorsTensor> saved, Batches batches, long iteration) throws IOException {
    long[] shape = saved.get(0).shape();
    if (shape[1] != batch) {
      return;
    }
    float[] src = saved.get(0).floats();
    float[] dst = saved.get(1).floats();
    int iterations = (int) shape[0];
    for (int i = 0; i < iterations; i++) {
      Map<String, MemorySegment> made = batches.take(iteration - iterations + i);
      add(made, row(src, i), row(dst, i));
    }
  }

  private double[] row(float[] values, int iteration) {
    double[] row = new double[batch];
    for (int i = 0; i < batch; i++) {
      row[i] = values[iteration * batch + i];
    }
    return row;
  }

  /** Tells whether it is time to learn them. */
  boolean due() {
    return seen >= EVERY;
  }

  /** Returns the feeds of a step that learns them, its inputs not warped, and starts anew. */
  Map<String, MemorySegment> take() {
    sides.values().forEach(Side::arrange);
    seen = 0;
    return feeds;
  }
}
