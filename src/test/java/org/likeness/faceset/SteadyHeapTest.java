package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten thousand batches leave no more on the heap than a hundred. */
@Tag("slow")
class SteadyHeapTest {
  private static final long NOISE = 4 << 20; // bytes; a batch of these settings is 0.8 MB
  private static final int BATCHES = 10_000;
  private static final int EARLY = 100;

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHeapAfterTenThousandBatchesIsThatAfterAHundred(boolean packed, TestReporter reporter)
      throws Exception {
    Photometry photometry =
        new Photometry(0.1, ColourTransfer.RCT, Set.of(Distortion.NOISE, Distortion.SHADOW));
    SampleSettings settings =
        new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, true)
            .with(photometry)
            .withPacked(packed);
    Faceset src = Faceset.load(TestFaces.path("src"));
    List<BatchSource> sources =
        List.of(
            BatchSource.open(src, src, settings, 2, 1, FaceCache.none()),
            BatchSource.open(src, settings.with(Photometry.NONE), 2, 1, Side.DST));
    try (BatchLoader loader = BatchLoader.start(sources, 2, 2, 0)) {
      assertSteady(reporter, batch -> loader.take(batch).close());
    }
  }

  @Test
  void neitherDoFacesFromTheDisk(TestReporter reporter) throws Exception {
    Preparation preparation =
        Preparation.aligned(
            new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, true));
    List<Face> src = Faceset.load(TestFaces.path("src")).faces();
    try (FaceCache cache = FaceCache.open(new FaceCache.Place(dir, 1 << 30, 0))) {
      PreparedFaces faces = new PreparedFaces(src, preparation, cache, 0);
      assertSteady(
          reporter,
          batch -> {
            for (int i = 0; i < 4; i++) {
              faces.get((int) (4 * batch + i) % src.size());
            }
          });
    }
  }

  private interface Making {
    void batch(long number) throws Exception;
  }

  private static void assertSteady(TestReporter reporter, Making making) throws Exception {
    long early = 0;
    for (long batch = 0; batch < BATCHES; batch++) {
      making.batch(batch);
      if (batch == EARLY) {
        early = heap();
      }
    }
    long late = heap();
    reporter.publishEntry(
        String.format(
            Locale.ROOT,
            "heap after %d batches %.3f MB, after %d %.3f MB",
            EARLY,
            early / 1e6,
            BATCHES,
            late / 1e6));
    assertTrue(late - early < NOISE, "grew from " + early + " to " + late + " bytes");
  }

  private static long heap() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
