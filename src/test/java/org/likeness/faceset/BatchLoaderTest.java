package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchLoaderTest {
  private static final SampleSettings SETTINGS =
      new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, false);

  @TempDir Path folder;

  private static List<BatchSource> sources(int batch) throws IOException {
    return List.of(
        BatchSource.open(Faceset.load(TestFaces.path("src")), SETTINGS, batch, 5, Side.SRC),
        BatchSource.open(Faceset.load(TestFaces.path("dst")), SETTINGS, batch, 5, Side.DST));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void givesTheSameBatchesWithAnyNumberOfThreads(int threads) throws Exception {
    List<BatchSource> direct = sources(3);
    try (Arena arena = Arena.ofConfined();
        BatchLoader loader = BatchLoader.start(sources(3), threads, 2, 10)) {
      for (long iteration = 10; iteration < 18; iteration++) {
        try (BatchLoader.Batch batch = loader.take(iteration)) {
          assertEquals(iteration, batch.iteration());
          for (int side = 0; side < 2; side++) {
            SampleBuffers expected = SampleBuffers.allocate(arena, 3, SETTINGS);
            for (int slot = 0; slot < 3; slot++) {
              direct.get(side).fill(iteration, slot, expected);
            }
            assertEquals(-1, expected.warped().mismatch(batch.of(side).warped()));
            assertEquals(-1, expected.target().mismatch(batch.of(side).target()));
            assertEquals(-1, expected.mask().mismatch(batch.of(side).mask()));
          }
        }
      }
    }
  }

  @Test
  void jumpsToAnyIteration() throws Exception {
    List<BatchSource> direct = sources(2);
    try (Arena arena = Arena.ofConfined();
        BatchLoader loader = BatchLoader.start(sources(2), 2, 2, 0)) {
      SampleBuffers expected = SampleBuffers.allocate(arena, 2, SETTINGS);
      for (long iteration : new long[] {0, 1, 50, 51, 3, 4}) {
        try (BatchLoader.Batch batch = loader.take(iteration)) {
          direct.get(0).fill(iteration, 0, expected);
          direct.get(0).fill(iteration, 1, expected);
          assertEquals(-1, expected.target().mismatch(batch.of(0).target()), "at " + iteration);
        }
      }
    }
  }

  @Test
  void lendsNoMoreThanItHas() throws Exception {
    try (BatchLoader loader = BatchLoader.start(sources(1), 1, 1, 0)) {
      BatchLoader.Batch first = loader.take(0);
      loader.take(1);
      assertEquals(
          "every batch is in use: close one first",
          assertThrows(IllegalStateException.class, () -> loader.take(2)).getMessage());
      first.close();
      assertEquals(2, loader.take(2).iteration());
    }
  }

  @Test
  void aFaceThatIsGoneGivesWayToTheNext() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      Files.copy(TestFaces.path("src/00000_0.jpg"), folder.resolve(name + ".jpg"));
    }
    BatchSource source = BatchSource.open(Faceset.load(folder), SETTINGS, 1, 0, Side.SRC);
    try (Arena arena = Arena.ofConfined()) {
      SampleBuffers lent = SampleBuffers.allocate(arena, 1, SETTINGS);
      source.fill(0, 0, lent); // the face of this one stays in memory
      for (String name : List.of("a", "b", "c")) {
        Files.delete(folder.resolve(name + ".jpg"));
      }
      for (long iteration = 1; iteration < 9; iteration++) {
        source.fill(iteration, 0, lent);
      }
    }
    for (int lost = 0; lost < 2; lost++) {
      String told = source.pollLost();
      assertTrue(
          told.endsWith("jpg cannot be read: it is gone; training goes on with the others"), told);
    }
    assertNull(source.pollLost());
  }

  @Test
  void passesOnWhatWentWrong() throws Exception {
    Path file = Files.copy(TestFaces.path("src/00000_0.jpg"), folder.resolve("a.jpg"));
    BatchSource source = BatchSource.open(Faceset.load(folder), SETTINGS, 2, 0, Side.SRC);
    Files.delete(file);
    try (BatchLoader loader = BatchLoader.start(List.of(source), 2, 1, 0)) {
      for (int tries = 0; tries < 2; tries++) {
        String message = assertThrows(FacesetException.class, () -> loader.take(0)).getMessage();
        assertEquals(file + " cannot be read: it is gone; restore or remove it.", message);
      }
      Files.copy(TestFaces.path("src/00000_0.jpg"), file);
      loader.take(7).close(); // a new place is loaded anew
    }
  }

  @Test
  void tellsWhetherABatchIsReady() throws Exception {
    try (BatchLoader loader = BatchLoader.start(sources(4), 1, 1, 3)) {
      assertFalse(loader.ready(4), "one after the next");
      while (!loader.ready(3)) {
        Thread.sleep(1);
      }
      loader.take(3);
      assertFalse(loader.ready(3), "it has been taken");
    }
  }

  @Test
  void countsHowLongItWasWaitedFor() throws Exception {
    try (BatchLoader loader = BatchLoader.start(sources(8), 1, 1, 0)) {
      assertEquals(0, loader.nanosWaited());
      loader.take(0).close(); // decodes sixteen faces
      long waited = loader.nanosWaited();
      assertTrue(waited > 1_000_000, waited + " ns");
      loader.take(1).close();
      assertTrue(loader.nanosWaited() >= waited);
    }
  }

  @Test
  void endsItsThreadsWhenClosed() throws Exception {
    BatchLoader loader = BatchLoader.start(sources(16), 3, 2, 0);
    loader.close();
    loader.close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("likeness-loader-")) {
        // an executor has terminated before its last thread has
        assertTrue(thread.join(Duration.ofSeconds(10)), thread + " lives on");
      }
    }
    assertEquals(
        "the loader is closed",
        assertThrows(IllegalStateException.class, () -> loader.take(0)).getMessage());
  }

  @Test
  void canBeInterruptedWhileItWaits() throws Exception {
    try (BatchLoader loader = BatchLoader.start(sources(200), 1, 1, 0)) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> loader.take(0));
    }
  }

  @Test
  void refusesToLoadWithNothing() {
    assertEquals(
        "a loader of 0 threads and 1 batches ahead",
        assertThrows(IllegalArgumentException.class, () -> BatchLoader.start(sources(1), 0, 1, 0))
            .getMessage());
  }
}
