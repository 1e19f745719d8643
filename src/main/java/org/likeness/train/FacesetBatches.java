package org.likeness.train;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.likeness.faceset.BatchLoader;
import org.likeness.faceset.BatchSource;
import org.likeness.faceset.ColourTransfer;
import org.likeness.faceset.Dialect;
import org.likeness.faceset.Distortion;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.Photometry;
import org.likeness.faceset.SampleBuffers;
import org.likeness.faceset.SampleSettings;
import org.likeness.faceset.ShadowBounds;
import org.likeness.faceset.Side;
import org.likeness.saehd.LossSettings;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SampleOptions;
import org.likeness.saehd.Shadows;
import org.likeness.saehd.TrainingOptions;

/** The batches of two facesets, made ahead by the loader's threads. */
final class FacesetBatches implements Batches {
  private static final int AHEAD = 2;

  private final BatchLoader loader;
  private final Map<String, MemorySegment> feeds = new HashMap<>();
  private BatchLoader.Batch inUse;

  private FacesetBatches(BatchLoader loader) {
    this.loader = loader;
  }

  /** Starts loading the batch of iteration {@code first} and those after it. */
  static FacesetBatches open(Facesets facesets, SaehdOptions options, long first) {
    if (options.get(TrainingOptions.PRETRAIN)) {
      return open(facesets.pretraining(), facesets.pretraining(), options, first);
    }
    return open(facesets.src(), facesets.dst(), options, first);
  }

  private static FacesetBatches open(
      Faceset srcFaces, Faceset dstFaces, SaehdOptions options, long first) {
    SampleSettings src = settings(options, Side.SRC, options.get(OptionTable.RANDOM_SRC_FLIP));
    SampleSettings dst = settings(options, Side.DST, options.get(OptionTable.RANDOM_DST_FLIP));
    int batch = options.batchSize();
    int seed = options.get(OptionTable.SEED);
    List<BatchSource> sources =
        List.of(
            BatchSource.open(srcFaces, dstFaces, src, batch, seed),
            BatchSource.open(dstFaces, dst, batch, seed, Side.DST));
    int threads = options.get(OptionTable.LOADER_THREADS);
    return new FacesetBatches(BatchLoader.start(sources, threads, AHEAD, first));
  }

  private static SampleSettings settings(SaehdOptions options, Side side, boolean flip) {
    return settings(options, options.get(OptionTable.RANDOM_WARP), flip)
        .with(photometry(options, side))
        .withEm(options.step().losses().priority() != LossSettings.Priority.NONE)
        .withUniformYaw(options.get(OptionTable.UNIFORM_YAW));
  }

  /** Which colours change on that side (spec data.md 7). */
  private static Photometry photometry(SaehdOptions options, Side side) {
    Set<Distortion> distortions = EnumSet.noneOf(Distortion.class);
    Map.of(
            SampleOptions.RANDOM_BLUR, Distortion.BLUR,
            SampleOptions.RANDOM_NOISE, Distortion.NOISE,
            SampleOptions.RANDOM_JPEG, Distortion.JPEG,
            SampleOptions.RANDOM_DOWNSAMPLE, Distortion.DOWNSAMPLE,
            SampleOptions.RANDOM_COLOR, Distortion.COLOUR)
        .forEach(
            (option, distortion) -> {
              if (options.get(option)) {
                distortions.add(distortion);
              }
            });
    Optional<ShadowBounds> shadows = shadows(options, side);
    if (shadows.isPresent()) {
      distortions.add(Distortion.SHADOW);
    }
    ColourTransfer transfer =
        ColourTransfer.ofOption(options.get(SampleOptions.CT_MODE)).orElseThrow();
    boolean src = side == Side.SRC;
    return new Photometry(
        src ? options.get(SampleOptions.RANDOM_HSV_POWER) : 0,
        src || !transfer.needsReference() ? transfer : ColourTransfer.NONE,
        distortions,
        shadows.orElse(ShadowBounds.USUAL));
  }

  /** The shadows of that side, if it has any: its own option's, else those of both. */
  private static Optional<ShadowBounds> shadows(SaehdOptions options, Side side) {
    String own =
        options.get(
            side == Side.SRC ? SampleOptions.RANDOM_SHADOW_SRC : SampleOptions.RANDOM_SHADOW_DST);
    if (!Shadows.isUnset(own)) {
      return Shadows.of(own).map(s -> new ShadowBounds(s.low(), s.lowTo(), s.high(), s.highTo()));
    }
    String both = options.get(SampleOptions.RANDOM_SHADOW);
    return both.equals("all") || both.equals(side.name().toLowerCase(Locale.ROOT))
        ? Optional.of(ShadowBounds.USUAL)
        : Optional.empty();
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
    feeds.clear();
    put("src", inUse.of(0));
    put("dst", inUse.of(1));
    return feeds;
  }

  private void put(String side, SampleBuffers buffers) {
    feeds.put("warped_" + side, buffers.warped());
    feeds.put("target_" + side, buffers.target());
    feeds.put("target_" + side + "m", buffers.mask());
    if (buffers.em() != null) {
      feeds.put("target_" + side + "m_em", buffers.em());
    }
  }

  @Override
  public void close() {
    loader.close();
  }
}
