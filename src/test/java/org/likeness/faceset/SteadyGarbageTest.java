package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Making a sample of a prepared face leaves next to nothing on the heap. */
class SteadyGarbageTest {
  private static final int SAMPLES = 200;

  /** A warp, a matrix and the index of an epoch; the sample itself is 28 kB and more. */
  private static final long MOST_BYTES = 512;

  @ParameterizedTest
  @CsvSource({"64,OG,false", "128,OG,true", "128,MVE,true"})
  void aSampleAllocatesLessThanHalfAKilobyte(int resolution, Dialect dialect, boolean em)
      throws Exception {
    SampleSettings settings =
        new SampleSettings(resolution, FaceType.WHOLE_FACE, true, true, dialect, em)
            .withPacked(true);
    Faceset faces = Faceset.load(TestFaces.path("src"));
    BatchSource source = BatchSource.open(faces, settings, 1, 3, Side.SRC);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Arena arena = Arena.ofConfined()) {
      SampleBuffers lent = SampleBuffers.allocate(arena, 1, settings);
      for (int i = 0; i < SAMPLES; i++) {
        source.fill(i, 0, lent);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = SAMPLES; i < 2 * SAMPLES; i++) {
        source.fill(i, 0, lent);
      }
      long each = (threads.getCurrentThreadAllocatedBytes() - before) / SAMPLES;
      assertTrue(each < MOST_BYTES, each + " bytes a sample");
    }
  }
}
