package org.likeness.faceset;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The samples of one side of a session. Sample {@code slot} of iteration {@code i} is a function of
 * the session's seed, the side, i and slot alone; every face is drawn once per epoch. Safe to call
 * from any number of threads.
 */
public final class BatchSource {
  private final List<Face> faces;
  private final SampleSettings settings;
  private final int batch;
  private final Draws draws;
  private final FaceOrder order;
  private final YawBins bins; // null when every face is drawn once per epoch
  private final PreparedFaces prepared;
  private final FaceOrder referenceOrder;
  private final PreparedFaces references; // null when colours are not taken from any
  private final LostFaces lost = new LostFaces();
  private final ConcurrentLinkedQueue<Augmenter> idle = new ConcurrentLinkedQueue<>();

  private BatchSource(
      List<Face> faces,
      SampleSettings settings,
      int batch,
      Draws draws,
      List<Face> colours,
      FaceCache cache) {
    this.faces = faces;
    this.settings = settings;
    this.batch = batch;
    this.draws = draws;
    this.order = new FaceOrder(faces.size(), epoch -> draws.permutation(epoch, faces.size()));
    this.bins = settings.uniformYaw() ? YawBins.of(faces) : null;
    this.prepared = new PreparedFaces(faces, Preparation.aligned(settings), cache);
    this.referenceOrder =
        new FaceOrder(colours.size(), epoch -> draws.referenceOrder(epoch, colours.size()));
    Preparation whole = Preparation.reference(settings.resolution());
    this.references = colours.isEmpty() ? null : new PreparedFaces(colours, whole, cache);
  }

  /**
   * Samples of {@code faceset} in batches of {@code batch}, drawn by the session's {@code seed}.
   */
  public static BatchSource open(
      Faceset faceset, SampleSettings settings, int batch, long seed, Side side) {
    return open(faceset, settings, batch, seed, side, FaceCache.none());
  }

  /** The same with prepared faces from {@code cache} and into it. */
  public static BatchSource open(
      Faceset faceset, SampleSettings settings, int batch, long seed, Side side, FaceCache cache) {
    return open(faceset, null, settings, batch, new Draws(seed, side), cache);
  }

  /**
   * Samples of {@code faceset} that take their colours from {@code references}, normally dst's
   * faces, where the settings ask for it; the side is src.
   */
  public static BatchSource open(
      Faceset faceset,
      Faceset references,
      SampleSettings settings,
      int batch,
      long seed,
      FaceCache cache) {
    return open(faceset, references, settings, batch, new Draws(seed, Side.SRC), cache);
  }

  private static BatchSource open(
      Faceset faceset,
      Faceset references,
      SampleSettings settings,
      int batch,
      Draws draws,
      FaceCache cache) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch of " + batch + " samples");
    }
    boolean transfers = settings.photometry().transfer().needsReference();
    if (transfers && references == null) {
      throw new IllegalArgumentException(
          "colour transfer "
              + settings.photometry().transfer().option()
              + " needs the faces of the other side");
    }
    OpenCv.load();
    List<Face> colours = transfers ? references.faces() : List.of();
    return new BatchSource(faceset.faces(), settings, batch, draws, colours, cache);
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

  /** The next sentence about a face that can no longer be read; null when there is none. */
  public String pollLost() {
    return lost.poll();
  }

  /**
   * Writes sample {@code slot} of that iteration (counted from 0). Instead of a face that cannot be
   * read it shows the next one that can; a FacesetException names it when there is none.
   */
  public void fill(long iteration, int slot, SampleBuffers lent) throws IOException {
    lent.requireFit(settings, slot);
    PreparedFace face = readable(prepared, faceIndex(iteration, slot));
    int seed = draws.sampleSeed(iteration, slot);
    Augmenter augmenter = borrow();
    Warp warp = augmenter.draw(seed);
    augmenter.augment(face, warp, sampleDraws(seed, iteration, slot), lent, slot);
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

  private PreparedFace readable(PreparedFaces all, int index) throws IOException {
    IOException first = null;
    for (int i = 0; i < all.size(); i++) {
      int tried = (index + i) % all.size();
      try {
        return all.get(tried);
      } catch (FacesetException e) {
        first = first == null ? e : first;
        lost.add(all == prepared ? tried : -1 - tried, e.getMessage());
      }
    }
    throw first;
  }

  private SampleDraws sampleDraws(int seed, long iteration, int slot) throws IOException {
    float[] reference = null;
    if (references != null) {
      int index = referenceOrder.at(position(iteration, slot));
      reference = readable(references, index).image().values();
    }
    return new SampleDraws(seed, draws.streamSeed(iteration, slot), reference);
  }

  private long position(long iteration, int slot) {
    return Math.addExact(Math.multiplyExact(iteration, (long) batch), slot);
  }

  /**
   * The face that is shown there: position iteration * batch + slot of an endless row of shuffled
   * epochs, or of bins of yaw.
   */
  int faceIndex(long iteration, int slot) {
    long position = position(iteration, slot);
    return bins == null ? order.at(position) : bins.face(position, draws);
  }

  private Augmenter borrow() {
    Augmenter augmenter = idle.poll();
    return augmenter != null ? augmenter : new Augmenter(settings);
  }
}
