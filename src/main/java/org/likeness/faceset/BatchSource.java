package org.likeness.faceset;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The samples of one side of a session. Sample {@code slot} of iteration {@code i} is a function of
 * the session's seed, the side, i and slot alone; every face is drawn once per epoch. Safe to call
 * from any number of threads.
 */
public final class BatchSource {
  private static final int SMALLEST_WARP = 64;

  private final List<Face> faces;
  private final SampleSettings settings;
  private final int batch;
  private final Draws draws;
  private final PreparedFaces prepared;
  private final Map<Long, int[]> orders = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Augmenter> idle = new ConcurrentLinkedQueue<>();

  private BatchSource(List<Face> faces, SampleSettings settings, int batch, Draws draws) {
    this.faces = faces;
    this.settings = settings;
    this.batch = batch;
    this.draws = draws;
    this.prepared = new PreparedFaces(faces, settings);
  }

  /**
   * Samples of {@code faceset} in batches of {@code batch}, drawn by the session's {@code seed}.
   */
  public static BatchSource open(
      Faceset faceset, SampleSettings settings, int batch, long seed, Side side) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch of " + batch + " samples");
    }
    OpenCv.load();
    return new BatchSource(faceset.faces(), settings, batch, new Draws(seed, side));
  }

  /** How a sample is made. */
  public SampleSettings settings() {
    return settings;
  }

  /** Samples of one iteration. */
  public int batch() {
    return batch;
  }

  /** Number of faces. */
  public int size() {
    return faces.size();
  }

  /**
   * Writes sample {@code slot} of that iteration (counted from 0); a FacesetException names a file
   * that fails.
   */
  public void fill(long iteration, int slot, SampleBuffers lent) throws IOException {
    lent.requireFit(settings, slot);
    PreparedFace face = prepared.get(faceIndex(iteration, slot));
    Warp warp = Warp.draw(draws.sampleSeed(iteration, slot), settings);
    Augmenter augmenter = borrow();
    augmenter.augment(face, warp, lent, slot);
    idle.add(augmenter);
  }

  /**
   * Writes face {@code index} unwarped, unmoved and unflipped at {@code slot}, and returns its
   * name.
   */
  public String fillPlain(int index, int slot, SampleBuffers lent) throws IOException {
    lent.requireFit(settings, slot);
    PreparedFace face = prepared.get(index);
    Augmenter augmenter = borrow();
    augmenter.plain(face, lent, slot);
    idle.add(augmenter);
    return faces.get(index).name();
  }

  /**
   * The face that is shown there: position iteration * batch + slot of an endless row of shuffled
   * epochs.
   */
  int faceIndex(long iteration, int slot) {
    long position = Math.addExact(Math.multiplyExact(iteration, (long) batch), slot);
    long epoch = position / faces.size();
    int[] order = orders.get(epoch);
    if (order == null) {
      orders.keySet().removeIf(old -> old < epoch - 1 || old > epoch + 1);
      order = orders.computeIfAbsent(epoch, e -> draws.permutation(e, faces.size()));
    }
    return order[(int) (position % faces.size())];
  }

  private Augmenter borrow() {
    Augmenter augmenter = idle.poll();
    int r = settings.resolution();
    return augmenter != null ? augmenter : new Augmenter(r, Math.max(r, SMALLEST_WARP));
  }
}
