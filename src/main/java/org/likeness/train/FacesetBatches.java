package org.likeness.train;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.likeness.faceset.BatchLoader;
import org.likeness.faceset.BatchSource;
import org.likeness.faceset.ColourTransfer;
import org.likeness.faceset.Dialect;
import org.likeness.faceset.Distortion;
import org.likeness.faceset.FaceCache;
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
  private static final int VALID = 2; // batches, see take

  private final List<BatchSource> sources;
  private final BatchLoader loader;
  private final FaceCache cache;
  private final Optional<String> cacheState;
  private final Deque<BatchLoader.Batch> inUse = new ArrayDeque<>();

  private FacesetBatches(List<BatchSource> sources, FaceCache cache, int threads, long first) {
    this.sources = sources;
    this.cache = cache;
    this.cacheState = cache.state(); // before the loader adds to it
    this.loader = BatchLoader.start(sources, threads, AHEAD + VALID - 1, first);
  }

  /** The same without prepared faces of other runs. */
  static FacesetBatches open(Facesets facesets, SaehdOptions options, long first) {
    return open(facesets, options, first, FaceCache.Place.NOWHERE);
  }

  /** Starts loading the batch of iteration {@code first} and those after it. */
  static FacesetBatches open(
      Facesets facesets, SaehdOptions options, long first, FaceCache.Place cached) {
    boolean pretrain = options.get(TrainingOptions.PRETRAIN);
    Faceset src = pretrain ? facesets.pretraining() : facesets.src();
    Faceset dst = pretrain ? facesets.pretraining() : facesets.dst();
    FaceCache cache = FaceCache.open(cached);
    try {
      return open(src, dst, options, first, cache);
    } catch (RuntimeException e) {
      cache.close();
      throw e;
    }
  }

  private static FacesetBatches open(
      Faceset srcFaces, Faceset dstFaces, SaehdOptions options, long first, FaceCache cache) {
    SampleSettings src = settings(options, Side.SRC, options.get(OptionTable.RANDOM_SRC_FLIP));
    SampleSettings dst = settings(options, Side.DST, options.get(OptionTable.RANDOM_DST_FLIP));
    int batch = options.batchSize();
    int seed = options.get(OptionTable.SEED);
    List<BatchSource> sources =
        List.of(
            BatchSource.open(srcFaces, dstFaces, src, batch, seed, cache),
            BatchSource.open(dstFaces, dst, batch, seed, Side.DST, cache));
    int threads = options.get(OptionTable.LOADER_THREADS);
    return new FacesetBatches(sources, cache, threads, first);
  }

  private static SampleSettings settings(SaehdOptions options, Side side, boolean flip) {
    return settings(options, options.get(OptionTable.RANDOM_WARP), flip)
        .with(photometry(options, side))
        .withEm(options.step().losses().priority() != LossSettings.Priority.NONE)
        .withUniformYaw(options.get(OptionTable.UNIFORM_YAW))
        .withPacked(!options.get(SampleOptions.EXACT_BATCHES));
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

  /** What the cache on the disk had of these faces when they were opened, in a line. */
  Optional<String> cacheState() {
    return cacheState;
  }

  @Override
  public Map<String, MemorySegment> take(long iteration) throws IOException {
    if (inUse.size() == VALID) {
      inUse.remove().close();
    }
    BatchLoader.Batch batch;
    try {
      batch = loader.take(iteration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for samples");
    }
    inUse.add(batch);
    Map<String, MemorySegment> feeds = new HashMap<>();
    put(feeds, "src", batch.of(0));
    put(feeds, "dst", batch.of(1));
    return feeds;
  }

  @Override
  public boolean ready(long iteration) {
    return loader.ready(iteration);
  }

  @Override
  public List<String> notices() {
    List<String> notices = new ArrayList<>();
    for (BatchSource source : sources) {
      for (String notice = source.pollLost(); notice != null; notice = source.pollLost()) {
        notices.add(notice);
      }
    }
    for (String notice = cache.pollNotice(); notice != null; notice = cache.pollNotice()) {
      notices.add(notice);
    }
    return notices;
  }

  @Override
  public long nanosWaited() {
    return loader.nanosWaited();
  }

  private static void put(Map<String, MemorySegment> feeds, String side, SampleBuffers buffers) {
    String mask = "target_" + side + "m";
    feeds.put("warped_" + side, buffers.warped());
    feeds.put("target_" + side, buffers.target());
    feeds.put(mask, buffers.mask());
    feeds.put(mask + "_em", buffers.em());
    feeds.put(mask + "_eyes", buffers.eyes());
    feeds.put(mask + "_mouth", buffers.mouth());
    feeds.values().removeIf(Objects::isNull);
  }

  @Override
  public void close() {
    loader.close();
    cache.close();
  }
}
