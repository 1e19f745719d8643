package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ten thousand batches leave no more on the heap than a hundred. */
@Tag("slow")
class SteadyHeapTest {
  private static final long NOISE = 4 << 20; // bytes; a batch of these settings is 0.4 MB

  @Test
  void theHeapAfterTenThousandBatchesIsThatAfterAHundred() throws Exception {
    Photometry photometry = new Photometry(0.1, ColourTransfer.NONE, Set.of());
    SampleSettings settings =
        new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, true).with(photometry);
    Faceset src = Faceset.load(TestFaces.path("src"));
    try (BatchLoader loader =
        BatchLoader.start(List.of(BatchSource.open(src, settings, 2, 1, Side.SRC)), 2, 2, 0)) {
      long early = 0;
      for (long iteration = 0; iteration < 10_000; iteration++) {
        loader.take(iteration).close();
        if (iteration == 100) {
          early = heap();
        }
      }
      long late = heap();
      assertTrue(late - early < NOISE, "grew from " + early + " to " + late + " bytes");
    }
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
