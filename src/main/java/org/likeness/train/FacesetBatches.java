package org.likeness.train;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.likeness.faceset.BatchLoader;
import org.likeness.faceset.BatchSource;
import org.likeness.faceset.Dialect;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.SampleBuffers;
import org.likeness.faceset.SampleSettings;
import org.likeness.faceset.Side;
import org.likeness.saehd.Option;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

/** The batches of two facesets, made ahead by the loader's threads. */
final class FacesetBatches implements Batches {
  private static final int AHEAD = 2;

  private final BatchLoader loader;
  private BatchLoader.Batch inUse;

  private FacesetBatches(BatchLoader loader) {
    this.loader = loader;
  }

  /** Starts loading the batch of iteration {@code first} and those after it. */
  static FacesetBatches open(Facesets facesets, SaehdOptions options, long first) {
    BatchSource src = source(facesets.src(), Side.SRC, options, OptionTable.RANDOM_SRC_FLIP);
    BatchSource dst = source(facesets.dst(), Side.DST, options, OptionTable.RANDOM_DST_FLIP);
    int threads = options.get(OptionTable.LOADER_THREADS);
    return new FacesetBatches(BatchLoader.start(List.of(src, dst), threads, AHEAD, first));
  }

  private static BatchSource source(
      Faceset faceset, Side side, SaehdOptions options, Option<Boolean> flip) {
    return BatchSource.open(
        faceset,
        settings(options, options.get(OptionTable.RANDOM_WARP), options.get(flip)),
        options.batchSize(),
        options.get(OptionTable.SEED),
        side);
  }

  /** How these options make samples of faces. */
  static SampleSettings settings(SaehdOptions options, boolean warp, boolean flip) {
    String faceType = options.get(OptionTable.FACE_TYPE);
    return new SampleSettings(
        options.resolution(),
        FaceType.ofOption(faceType).orElseThrow(),
        warp,
        flip,
        options.get(OptionTable.DIALECT).equals("mve") ? Dialect.MVE : Dialect.OG,
        false);
  }

  @Override
  public Map<String, MemorySegment> take(long iteration) throws IOException {
    if (inUse != null) {
      inUse.close();
    }
    try {
      inUse = loader.take(iteration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for samples");
    }
    SampleBuffers src = inUse.of(0);
    SampleBuffers dst = inUse.of(1);
    return Map.of(
        "warped_src", src.warped(),
        "target_src", src.target(),
        "target_srcm", src.mask(),
        "warped_dst", dst.warped(),
        "target_dst", dst.target(),
        "target_dstm", dst.mask());
  }

  @Override
  public void close() {
    loader.close();
  }
}
