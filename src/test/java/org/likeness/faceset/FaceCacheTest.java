package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prepared faces come back from the disk as they were, or are prepared again. */
class FaceCacheTest {
  @TempDir Path dir;
  private SixCachedFaces six;

  @BeforeEach
  void faces() throws IOException {
    six = new SixCachedFaces(dir);
  }

  @Test
  void aSecondRunFindsWhatTheFirstPrepared() throws IOException {
    six.assertFound(0);
    six.fill(SixCachedFaces.MUCH);
    six.assertFound(6);
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      six.assertSameFaces(six.withoutPictures(cache));
      assertEquals(List.of(), SixCachedFaces.notices(cache));
    }
    for (Path entry : six.entries()) {
      assertEquals(SixCachedFaces.ENTRY, Files.size(entry));
    }
  }

  @Test
  void aFaceIsFoundUnderAnotherNameInAnotherFolderAndInAPak() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    PakFiles.pack(six.folder);
    six.assertFound(6);
    Files.delete(six.folder.resolve("faceset.pak"));
    six.folder = Files.move(six.folder, dir.resolve("moved"));
    Files.move(six.folder.resolve(SixCachedFaces.NAMES.get(5)), six.folder.resolve("later.jpg"));
    six.assertFound(6);
  }

  @Test
  void whatChangesPixelsChangesTheName() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    for (SampleSettings other :
        List.of(
            new SampleSettings(80, FaceType.FULL, true, true, Dialect.OG, true),
            new SampleSettings(64, FaceType.HALF, true, true, Dialect.OG, true),
            new SampleSettings(64, FaceType.FULL, true, true, Dialect.MVE, true),
            new SampleSettings(64, FaceType.FULL, true, true, Dialect.OG, false))) {
      assertNotEquals(SixCachedFaces.PREPARATION.name(), Preparation.aligned(other).name());
    }
    assertNotEquals(SixCachedFaces.PREPARATION.name(), Preparation.reference(64).name());
    SampleSettings still = new SampleSettings(64, FaceType.FULL, false, false, Dialect.OG, true);
    assertEquals(
        SixCachedFaces.PREPARATION.name(), Preparation.aligned(still.withPacked(true)).name());
    Path first = six.folder.resolve("00000_0.jpg");
    AlignedFace metadata = AlignedJpg.read(first);
    AlignedFace browed =
        new AlignedFace(
            metadata.type(),
            metadata.landmarks(),
            2,
            metadata.xsegMask(),
            metadata.polygons(),
            metadata.source());
    AlignedJpg.write(first, Files.readAllBytes(first), browed);
    six.assertFound(5);
  }

  /** Its bits are part of the names: a blank one would notice nothing. */
  @Test
  void theProbeHasAFaceEyesAndAMouth() {
    String name = SixCachedFaces.PREPARATION.name();
    assertTrue(name.matches("64px-full_face-og-em-[0-9a-f]{16}"), name);
    assertEquals(name, SixCachedFaces.PREPARATION.name());
    for (PreparedFace face : PreparationProbe.faces(SixCachedFaces.PREPARATION)) {
      assertShare(0.3, 0.7, face.image());
      assertShare(0.2, 0.8, face.mask());
      assertShare(0.01, 0.4, face.em());
    }
  }

  private static void assertShare(double least, double most, Raster raster) {
    double sum = 0;
    for (float v : raster.values()) {
      sum += v;
    }
    double mean = sum / raster.values().length;
    assertTrue(mean > least && mean < most, "mean " + mean);
  }

  private enum Damage {
    TRUNCATED,
    EMPTY,
    LONGER,
    ONE_BIT,
    HEADER,
    ZEROS,
    ANOTHERS,
    DELETED;

    void to(Path file, Path other) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      switch (this) {
        case TRUNCATED -> bytes = Arrays.copyOf(bytes, bytes.length / 2);
        case EMPTY -> bytes = new byte[0];
        case LONGER -> bytes = Arrays.copyOf(bytes, bytes.length + 4);
        case ONE_BIT -> bytes[bytes.length - 3] ^= 4;
        case HEADER -> bytes[3] ^= 1;
        case ZEROS -> Arrays.fill(bytes, 4096, 8192, (byte) 0); // a page that a power cut lost
        case ANOTHERS -> bytes = Files.readAllBytes(other);
        case DELETED -> {
          Files.delete(file);
          return;
        }
      }
      Files.write(file, bytes);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedFileIsPreparedAgainAndMended(Damage damage) throws IOException {
    six.fill(SixCachedFaces.MUCH);
    List<Path> entries = six.entries();
    damage.to(entries.get(1), entries.get(2));
    damage.to(entries.get(4), entries.get(2));
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      assertThrows(FacesetException.class, () -> six.withoutPictures(cache), "not believed");
    }
    six.fill(SixCachedFaces.MUCH);
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      six.assertSameFaces(six.withoutPictures(cache));
    }
  }

  @Test
  void theWholeFolderMayVanishWhileItIsUsed() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      PreparedFaces faces =
          new PreparedFaces(six.faceset().faces(), SixCachedFaces.PREPARATION, cache, 0);
      faces.get(0);
      try (Stream<Path> files = Files.walk(six.cached)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
      for (int i = 0; i < 6; i++) {
        assertArrayEquals(
            six.expected.get(i).image().values(), faces.get(i).image().values(), "face " + i);
      }
      assertEquals(List.of(), SixCachedFaces.notices(cache));
    }
    assertEquals(6, six.entries().size(), "filled again");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "what is mapped cannot be cut off there")
  void aFileThatIsCutOffWhileItIsMappedIsNoError() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    Path entry = six.entries().get(0);
    String name = entry.getParent().getFileName() + "/" + entry.getFileName();
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(entry, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, SixCachedFaces.ENTRY, arena);
      PreparedFace whole = StoredFace.filled(SixCachedFaces.PREPARATION.blank(), mapped, name);
      assertEquals(64, whole.image().width());
      channel.truncate(SixCachedFaces.ENTRY / 2);
      assertNull(StoredFace.filled(SixCachedFaces.PREPARATION.blank(), mapped, name));
    }
  }

  @Test
  void aPictureThatChangedAfterItWasListedIsNotKept() throws IOException {
    Faceset listed = six.faceset();
    Path first = six.folder.resolve("00000_0.jpg");
    Files.copy(six.folder.resolve("00001_0.jpg"), first, StandardCopyOption.REPLACE_EXISTING);
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      SixCachedFaces.all(cache, listed);
    }
    assertEquals(5, six.entries().size());
  }

  @Test
  void batchesAreTheSameColdWarmDamagedAndWithout() throws Exception {
    List<byte[]> without = batches(FaceCache.none());
    try (FaceCache cold = six.open(SixCachedFaces.MUCH)) {
      assertBatches(without, batches(cold));
    }
    try (FaceCache warm = six.open(SixCachedFaces.MUCH)) {
      assertBatches(without, batches(warm));
    }
    List<Path> entries = six.entries();
    Damage.ONE_BIT.to(entries.get(3), null);
    Damage.TRUNCATED.to(entries.get(5), null);
    Damage.DELETED.to(entries.get(7), null);
    try (FaceCache damaged = six.open(SixCachedFaces.MUCH)) {
      assertBatches(without, batches(damaged));
    }
  }

  private static void assertBatches(List<byte[]> expected, List<byte[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "batch " + i);
    }
  }

  /** Twelve batches of warped faces with colours of others, made by four threads. */
  private List<byte[]> batches(FaceCache cache) throws Exception {
    SampleSettings settings =
        SixCachedFaces.SETTINGS.with(new Photometry(0.1, ColourTransfer.RCT, Set.of()));
    BatchSource source = BatchSource.open(six.faceset(), six.faceset(), settings, 2, 5, cache);
    List<byte[]> batches = new ArrayList<>();
    try (BatchLoader loader = BatchLoader.start(List.of(source), 4, 2, 0)) {
      for (int i = 0; i < 12; i++) {
        try (BatchLoader.Batch batch = loader.take(i)) {
          SampleBuffers buffers = batch.of(0);
          for (MemorySegment plane :
              List.of(buffers.warped(), buffers.target(), buffers.mask(), buffers.em())) {
            batches.add(plane.toArray(ValueLayout.JAVA_BYTE));
          }
        }
      }
    }
    return batches;
  }

  @Test
  void aFaceOfAnotherSizeIsNotRead() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    Preparation larger =
        Preparation.aligned(new SampleSettings(80, FaceType.FULL, true, true, Dialect.OG, true));
    Path entry = six.entries().get(0);
    String name = entry.getParent().getFileName() + "/" + entry.getFileName();
    assertEquals(64, StoredFace.read(entry, name, SixCachedFaces.PREPARATION).image().width());
    assertNull(StoredFace.read(entry, name, larger));
    assertNull(StoredFace.read(entry, "another name", SixCachedFaces.PREPARATION));
  }
}
