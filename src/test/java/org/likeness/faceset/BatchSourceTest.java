package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSourceTest {
  private static final SampleSettings SETTINGS =
      new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, true);

  private final Arena arena = Arena.ofConfined();
  @TempDir Path folder;

  @AfterEach
  void free() {
    arena.close();
  }

  private static BatchSource source(int batch, long seed, Side side) throws IOException {
    return BatchSource.open(Faceset.load(TestFaces.path("src")), SETTINGS, batch, seed, side);
  }

  @ParameterizedTest
  @CsvSource({"1,0", "4,0", "4,7", "6,3", "25,1"})
  void showsEveryFaceOncePerEpoch(int batch, long seed) throws IOException {
    BatchSource source = source(batch, seed, Side.DST);
    int n = source.size();
    for (long epoch = 0; epoch < 20; epoch++) {
      Set<Integer> seen = new HashSet<>();
      for (long p = epoch * n; p < (epoch + 1) * n; p++) {
        seen.add(source.faceIndex(p / batch, (int) (p % batch)));
      }
      assertEquals(n, seen.size(), "epoch " + epoch);
    }
  }

  @Test
  void shufflesEpochsSidesAndSeedsDifferently() {
    int[] order = new Draws(1, Side.SRC).permutation(0, 100);
    assertFalse(Arrays.equals(order, new Draws(1, Side.SRC).permutation(1, 100)));
    assertFalse(Arrays.equals(order, new Draws(1, Side.DST).permutation(0, 100)));
    assertFalse(Arrays.equals(order, new Draws(2, Side.SRC).permutation(0, 100)));
    assertArrayEquals(order, new Draws(1, Side.SRC).permutation(0, 100));
  }

  @Test
  void shufflesFairly() {
    int[][] counts = new int[5][5]; // place, face
    int epochs = 20_000;
    for (int epoch = 0; epoch < epochs; epoch++) {
      int[] order = new Draws(3, Side.SRC).permutation(epoch, 5);
      for (int place = 0; place < 5; place++) {
        counts[place][order[place]]++;
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertEquals(epochs / 5.0, count, 5 * Math.sqrt(epochs * 0.2 * 0.8)); // five sigma
      }
    }
  }

  @Test
  void drawsAnotherSeedForEverySample() {
    Set<Integer> seeds = new HashSet<>();
    for (Side side : Side.values()) {
      for (long session = 0; session < 5; session++) {
        for (long iteration = 0; iteration < 100; iteration++) {
          for (int slot = 0; slot < 4; slot++) {
            int seed = new Draws(session, side).sampleSeed(iteration, slot);
            assertTrue(seed >= 0);
            seeds.add(seed);
          }
        }
      }
    }
    assertTrue(
        seeds.size() >= 3998, "of 4000 in 2^31, at most a chance pair or two: " + seeds.size());
  }

  @Test
  void givesTheSameSampleWhateverWasDrawnBefore() throws IOException {
    SampleBuffers first = SampleBuffers.allocate(arena, 4, SETTINGS);
    SampleBuffers second = SampleBuffers.allocate(arena, 4, SETTINGS);
    BatchSource one = source(4, 9, Side.SRC);
    for (long iteration = 0; iteration < 6; iteration++) {
      for (int slot = 0; slot < 4; slot++) {
        one.fill(iteration, slot, first);
      }
    }
    BatchSource other = source(4, 9, Side.SRC);
    for (int slot = 3; slot >= 0; slot--) {
      other.fill(5, slot, second);
    }
    assertEqualBytes(first.warped(), second.warped());
    assertEqualBytes(first.target(), second.target());
    assertEqualBytes(first.mask(), second.mask());
    assertEqualBytes(first.em(), second.em());
    other.fill(6, 0, second);
    assertNotEquals(-1, first.target().mismatch(second.target()));
  }

  private static void assertEqualBytes(MemorySegment a, MemorySegment b) {
    assertEquals(-1, a.mismatch(b));
    boolean blank = true;
    for (float v : a.toArray(ValueLayout.JAVA_FLOAT)) {
      assertTrue(v >= 0 && v <= 1, "outside 0..1: " + v);
      blank &= v == 0;
    }
    assertFalse(blank);
  }

  @Test
  void writesPlainFacesByName() throws IOException {
    BatchSource source = source(1, 0, Side.SRC);
    SampleBuffers lent = SampleBuffers.allocate(arena, 2, SETTINGS);
    Faceset faceset = Faceset.load(TestFaces.path("src"));
    for (int i = 0; i < source.size(); i++) {
      assertEquals(faceset.faces().get(i).name(), source.fillPlain(i, 1, lent));
      assertEquals(-1, lent.warped().mismatch(lent.target()));
      Crop crop = Crop.of(faceset.faces().get(i), SETTINGS);
      assertEquals(faceset.faces().get(i).name(), crop.name());
      float[] target = lent.target().toArray(ValueLayout.JAVA_FLOAT);
      assertArrayEquals(crop.image(), Arrays.copyOfRange(target, target.length / 2, target.length));
      float[] mask = lent.mask().toArray(ValueLayout.JAVA_FLOAT);
      assertArrayEquals(crop.mask(), Arrays.copyOfRange(mask, mask.length / 2, mask.length));
    }
  }

  @Test
  void leavesInputAndTargetAlikeWithoutWarp() throws IOException {
    SampleSettings still = new SampleSettings(64, FaceType.FULL, false, true, Dialect.OG, false);
    BatchSource source =
        BatchSource.open(Faceset.load(TestFaces.path("dst")), still, 2, 1, Side.DST);
    SampleBuffers lent = SampleBuffers.allocate(arena, 2, still);
    source.fill(0, 0, lent);
    source.fill(0, 1, lent);
    assertEquals(-1, lent.warped().mismatch(lent.target()));
  }

  @Test
  void forgetsNothingWhenItsMemoryIsFull() throws IOException {
    Faceset faceset = Faceset.load(TestFaces.path("src"));
    PreparedFaces none =
        new PreparedFaces(faceset.faces(), Preparation.aligned(SETTINGS), FaceCache.none(), 0);
    PreparedFaces all =
        new PreparedFaces(
            faceset.faces(), Preparation.aligned(SETTINGS), FaceCache.none(), Long.MAX_VALUE);
    assertArrayEquals(none.get(1).image().values(), all.get(1).image().values());
    assertSame(all.get(1), all.get(1));
    assertNotSame(none.get(1), none.get(1));
  }

  @Test
  void namesAFileThatFails() throws IOException {
    Path file = Files.copy(TestFaces.path("src/00000_0.jpg"), folder.resolve("a.jpg"));
    BatchSource source = BatchSource.open(Faceset.load(folder), SETTINGS, 1, 0, Side.SRC);
    SampleBuffers lent = SampleBuffers.allocate(arena, 1, SETTINGS);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertEquals(
        file
            + " can no longer be used: it is cut off: it ends before its picture does; restore or"
            + " remove it.",
        assertThrows(FacesetException.class, () -> source.fill(0, 0, lent)).getMessage());
    Files.delete(file);
    assertEquals(
        file + " cannot be read: it is gone; restore or remove it.",
        assertThrows(FacesetException.class, () -> source.fill(0, 0, lent)).getMessage());
  }

  @Test
  void refusesSettingsByName() throws IOException {
    assertRefused(
        "resolution 72 is not a multiple of 16 from 16 to 2048",
        () -> new SampleSettings(72, FaceType.FULL, true, true, Dialect.OG, false));
    assertRefused(
        "face type mark_only cannot be trained: its crop is not known",
        () -> new SampleSettings(64, FaceType.MARK_ONLY, true, true, Dialect.OG, false));
    assertRefused(
        "an HSV power of 0.31 is not within 0 to 0.3",
        () -> new Photometry(0.31, ColourTransfer.NONE, Set.of()));
    assertRefused(
        "colour transfer sot needs the faces of the other side",
        () ->
            BatchSource.open(
                Faceset.load(TestFaces.path("src")),
                SETTINGS.with(new Photometry(0, ColourTransfer.SOT, Set.of())),
                1,
                0,
                Side.SRC));
    SampleBuffers small =
        SampleBuffers.allocate(
            arena, 2, new SampleSettings(64, FaceType.FULL, true, true, Dialect.OG, false));
    BatchSource source = source(2, 0, Side.SRC);
    assertRefused(
        "buffers of 98304, 98304, 32768 and 0 bytes do not hold 2 samples of 64 px with em",
        () -> source.fill(0, 0, small));
  }

  private static void assertRefused(String message, Executable refused) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, refused).getMessage());
  }
}
