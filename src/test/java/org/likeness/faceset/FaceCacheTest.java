package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
  private static final SampleSettings SETTINGS =
      new SampleSettings(64, FaceType.FULL, true, true, Dialect.OG, true);
  private static final Preparation PREPARATION = Preparation.aligned(SETTINGS);
  private static final long MUCH = 1L << 40;
  private static final List<String> NAMES =
      List.of(
          "00000_0.jpg", "00001_0.jpg", "00002_0.jpg", "00004_0.jpg", "00005_0.jpg", "00008_0.jpg");

  /** Header, then image, mask and em. */
  private static final long ENTRY = 16 + 4L * 64 * 64 * 5;

  @TempDir Path dir;
  private Path folder;
  private Path cached;
  private List<PreparedFace> expected;

  @BeforeEach
  void faces() throws IOException {
    folder = Files.createDirectory(dir.resolve("faces"));
    cached = dir.resolve("cached");
    for (String name : NAMES) {
      Files.copy(TestFaces.path("src/" + name), folder.resolve(name));
    }
    expected = new ArrayList<>();
    for (Face face : faceset().faces()) {
      expected.add(PreparedFace.of(face, SETTINGS));
    }
  }

  private Faceset faceset() throws IOException {
    return Faceset.load(folder);
  }

  private FaceCache open(long bytes) {
    return FaceCache.open(new FaceCache.Place(cached, bytes, 0));
  }

  /** Every face through a cache, with no room in memory. */
  private static List<PreparedFace> all(FaceCache cache, Faceset faceset) throws IOException {
    PreparedFaces faces = new PreparedFaces(faceset.faces(), PREPARATION, cache, 0);
    List<PreparedFace> all = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      all.add(faces.get(i));
    }
    return all;
  }

  private static List<String> notices(FaceCache cache) {
    return Stream.generate(cache::pollNotice).takeWhile(n -> n != null).toList();
  }

  /** Fills the cache, and expects that many of the faces in it. */
  private void fill(long bytes) throws IOException {
    try (FaceCache cache = open(bytes)) {
      assertSameFaces(all(cache, faceset()));
    }
  }

  private void assertSameFaces(List<PreparedFace> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).image().values(), actual.get(i).image().values(), "" + i);
      assertArrayEquals(expected.get(i).mask().values(), actual.get(i).mask().values(), "" + i);
      assertArrayEquals(expected.get(i).em().values(), actual.get(i).em().values(), "" + i);
    }
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.walk(cached)) {
      return files.filter(f -> f.toString().endsWith(".face")).sorted().toList();
    }
  }

  /** What is left when every picture of the faceset is gone: only the cache can answer. */
  private List<PreparedFace> withoutPictures(FaceCache cache) throws IOException {
    Faceset faceset = faceset();
    for (Face face : faceset.faces()) {
      Files.move(face.place().file(), dir.resolve(face.name()));
    }
    try {
      return all(cache, faceset);
    } finally {
      for (Face face : faceset.faces()) {
        Files.move(dir.resolve(face.name()), face.place().file());
      }
    }
  }

  private void assertFound(int n) throws IOException {
    try (FaceCache cache = open(MUCH)) {
      cache.claim(PREPARATION, faceset().faces());
      assertEquals(
          Optional.of(
              "prepared faces: %d of 6 found in %s, which holds %d MiB of at most 1024.0 GiB"
                  .formatted(n, cached, n == 0 ? 0 : 1)),
          cache.state());
    }
  }

  @Test
  void aSecondRunFindsWhatTheFirstPrepared() throws IOException {
    assertFound(0);
    fill(MUCH);
    assertFound(6);
    try (FaceCache cache = open(MUCH)) {
      assertSameFaces(withoutPictures(cache));
      assertEquals(List.of(), notices(cache));
    }
    for (Path entry : entries()) {
      assertEquals(ENTRY, Files.size(entry));
    }
  }

  @Test
  void aFaceIsFoundUnderAnotherNameInAnotherFolderAndInAPak() throws IOException {
    fill(MUCH);
    PakFiles.pack(folder);
    assertFound(6);
    Files.delete(folder.resolve("faceset.pak"));
    folder = Files.move(folder, dir.resolve("moved"));
    Files.move(folder.resolve(NAMES.get(5)), folder.resolve("later.jpg"));
    assertFound(6);
  }

  @Test
  void whatChangesPixelsChangesTheName() throws IOException {
    fill(MUCH);
    for (SampleSettings other :
        List.of(
            new SampleSettings(80, FaceType.FULL, true, true, Dialect.OG, true),
            new SampleSettings(64, FaceType.HALF, true, true, Dialect.OG, true),
            new SampleSettings(64, FaceType.FULL, true, true, Dialect.MVE, true),
            new SampleSettings(64, FaceType.FULL, true, true, Dialect.OG, false))) {
      assertNotEquals(PREPARATION.name(), Preparation.aligned(other).name());
    }
    assertNotEquals(PREPARATION.name(), Preparation.reference(64).name());
    SampleSettings still = new SampleSettings(64, FaceType.FULL, false, false, Dialect.OG, true);
    assertEquals(PREPARATION.name(), Preparation.aligned(still.withPacked(true)).name());
    Path first = folder.resolve("00000_0.jpg");
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
    assertFound(5);
  }

  /** The names hold digits that would differ if anything about preparing a face did. */
  @Test
  void theProbeSeesCropsAndBothMasks() {
    assertTrue(PREPARATION.name().matches("64px-full_face-og-em-[0-9a-f]{16}"), PREPARATION.name());
    assertEquals(PREPARATION.name(), PREPARATION.name());
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
    fill(MUCH);
    List<Path> entries = entries();
    damage.to(entries.get(1), entries.get(2));
    damage.to(entries.get(4), entries.get(2));
    try (FaceCache cache = open(MUCH)) {
      assertThrows(FacesetException.class, () -> withoutPictures(cache), "not believed");
    }
    fill(MUCH);
    try (FaceCache cache = open(MUCH)) {
      assertSameFaces(withoutPictures(cache));
    }
  }

  @Test
  void theWholeFolderMayVanishWhileItIsUsed() throws IOException {
    fill(MUCH);
    try (FaceCache cache = open(MUCH)) {
      PreparedFaces faces = new PreparedFaces(faceset().faces(), PREPARATION, cache, 0);
      faces.get(0);
      try (Stream<Path> files = Files.walk(cached)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
      for (int i = 0; i < 6; i++) {
        assertArrayEquals(
            expected.get(i).image().values(), faces.get(i).image().values(), "face " + i);
      }
      assertEquals(List.of(), notices(cache));
    }
    assertEquals(6, entries().size(), "filled again");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "what is mapped cannot be cut off there")
  void aFileThatIsCutOffWhileItIsMappedIsNoError() throws IOException {
    fill(MUCH);
    Path entry = entries().get(0);
    String name = entry.getParent().getFileName() + "/" + entry.getFileName();
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(entry, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, ENTRY, arena);
      PreparedFace whole = StoredFace.filled(PREPARATION.blank(), mapped, name);
      assertEquals(64, whole.image().width());
      channel.truncate(ENTRY / 2);
      assertNull(StoredFace.filled(PREPARATION.blank(), mapped, name));
    }
  }

  @Test
  void theLimitHoldsAndWhatIsNotWantedGoesFirst() throws IOException {
    fill(MUCH);
    List<Path> entries = entries();
    Instant now = Instant.now();
    for (int i = 0; i < 6; i++) { // the last is the oldest
      Files.setLastModifiedTime(entries.get(i), FileTime.from(now.minusSeconds(1000 + i)));
    }
    open(4 * ENTRY + 7).close();
    assertEquals(entries.subList(0, 4), entries(), "the oldest made room");
    Path first = folder.resolve(NAMES.get(0));
    byte[] jpg = Files.readAllBytes(first);
    double[] xy = AlignedJpg.read(first).landmarks().xy();
    for (String name : NAMES) {
      Files.delete(folder.resolve(name));
    }
    for (int i = 0; i < 5; i++) { // new faces, of which 4 fit
      xy[0]++;
      AlignedFace other = AlignedFace.of(FaceType.FULL, new Landmarks(xy));
      AlignedJpg.write(folder.resolve(i + ".jpg"), jpg, other);
    }
    try (FaceCache cache = open(4 * ENTRY + 7)) {
      all(cache, faceset());
      all(cache, faceset());
      assertEquals(
          List.of(
              "%s is full of prepared faces; those that are not in it are prepared anew each time,"
                      .formatted(cached)
                  + " unless --cache-size is more than 1 MiB"),
          notices(cache));
    }
    assertEquals(4, entries().size());
    entries.forEach(old -> assertFalse(Files.exists(old), old + " was not wanted"));
  }

  @Test
  void aDiskWithoutRoomIsToldOnceAndLeftAlone() throws IOException {
    try (FaceCache cache = FaceCache.open(new FaceCache.Place(cached, MUCH, Long.MAX_VALUE))) {
      assertSameFaces(all(cache, faceset()));
      assertSameFaces(all(cache, faceset()));
      List<String> notices = notices(cache);
      assertEquals(1, notices.size());
      assertTrue(
          notices
              .get(0)
              .matches(
                  "no more prepared faces are kept in .*: its disk has only [0-9.]+ [GM]iB left"),
          notices.get(0));
    }
    assertEquals(List.of(), entries());
  }

  @Test
  void aSecondSessionReadsAndSaysSo() throws IOException {
    try (FaceCache first = open(MUCH)) {
      PreparedFaces faces = new PreparedFaces(faceset().faces(), PREPARATION, first, 0);
      faces.get(0);
      faces.get(1);
      try (FaceCache second = open(1)) {
        assertEquals(
            List.of(
                "another session adds to the prepared faces in %s: this one only reads them"
                    .formatted(cached)),
            notices(second));
        assertSameFaces(all(second, faceset()));
        assertEquals(2, entries().size(), "neither added nor dropped");
        faces.get(2);
        assertSameFaces(all(second, faceset()));
      }
      assertEquals(List.of(), notices(first));
    }
    fill(MUCH);
    assertFound(6);
  }

  @Test
  void whatAKilledWriterLeftIsTidiedUpAndStrangersFilesAreNot() throws IOException {
    fill(MUCH);
    Path kind = entries().get(0).getParent();
    Path part = Files.createFile(kind.resolve(entries().get(0).getFileName() + ".123456.part"));
    List<Path> strangers =
        List.of(
            Files.createFile(cached.resolve("holiday.face")),
            Files.createFile(kind.resolve("mine.part")),
            Files.createFile(
                Files.createDirectory(cached.resolve("64px")).resolve("0".repeat(32) + ".face")));
    open(0).close();
    assertFalse(Files.exists(part));
    strangers.forEach(file -> assertTrue(Files.exists(file), "not ours: " + file));
    assertEquals(2, entries().size(), "and those two end in .face");
  }

  @Test
  void aPictureThatChangedAfterItWasListedIsNotKept() throws IOException {
    Faceset listed = faceset();
    Path first = folder.resolve("00000_0.jpg");
    Files.copy(folder.resolve("00001_0.jpg"), first, StandardCopyOption.REPLACE_EXISTING);
    try (FaceCache cache = open(MUCH)) {
      all(cache, listed);
    }
    assertEquals(5, entries().size());
  }

  @Test
  void aPlaceThatCannotBeUsedIsANotice() throws IOException {
    Files.createFile(cached);
    try (FaceCache cache = open(MUCH)) {
      assertEquals(
          List.of(
              "prepared faces cannot be kept in %s: a file is in its place; --cache names another"
                      .formatted(cached)
                  + " folder, or none"),
          notices(cache));
      assertSameFaces(all(cache, faceset()));
      assertEquals(Optional.empty(), cache.state());
    }
  }

  @Test
  void batchesAreTheSameColdWarmDamagedAndWithout() throws Exception {
    List<byte[]> without = batches(FaceCache.none());
    try (FaceCache cold = open(MUCH)) {
      assertBatches(without, batches(cold));
    }
    try (FaceCache warm = open(MUCH)) {
      assertBatches(without, batches(warm));
    }
    List<Path> entries = entries();
    Damage.ONE_BIT.to(entries.get(3), null);
    Damage.TRUNCATED.to(entries.get(5), null);
    Damage.DELETED.to(entries.get(7), null);
    try (FaceCache damaged = open(MUCH)) {
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
    SampleSettings settings = SETTINGS.with(new Photometry(0.1, ColourTransfer.RCT, Set.of()));
    BatchSource source = BatchSource.open(faceset(), faceset(), settings, 2, 5, cache);
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
    fill(MUCH);
    Preparation larger =
        Preparation.aligned(new SampleSettings(80, FaceType.FULL, true, true, Dialect.OG, true));
    Path entry = entries().get(0);
    String name = entry.getParent().getFileName() + "/" + entry.getFileName();
    assertEquals(64, StoredFace.read(entry, name, PREPARATION).image().width());
    assertNull(StoredFace.read(entry, name, larger));
    assertNull(StoredFace.read(entry, "another name", PREPARATION));
  }
}
