package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache keeps to its bytes, its disk and its lock, and says so once. */
class FaceCacheLimitsTest {
  @TempDir Path dir;
  private SixCachedFaces six;

  @BeforeEach
  void faces() throws IOException {
    six = new SixCachedFaces(dir);
  }

  @Test
  void theLimitHoldsAndWhatIsNotWantedGoesFirst() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    List<Path> entries = six.entries();
    Instant now = Instant.now();
    for (int i = 0; i < 6; i++) { // the last is the oldest
      Files.setLastModifiedTime(entries.get(i), FileTime.from(now.minusSeconds(1000 + i)));
    }
    six.open(4 * SixCachedFaces.ENTRY + 7).close();
    assertEquals(entries.subList(0, 4), six.entries(), "the oldest made room");
    Path first = six.folder.resolve(SixCachedFaces.NAMES.get(0));
    byte[] jpg = Files.readAllBytes(first);
    double[] xy = AlignedJpg.read(first).landmarks().xy();
    for (String name : SixCachedFaces.NAMES) {
      Files.delete(six.folder.resolve(name));
    }
    for (int i = 0; i < 5; i++) { // new faces, of which 4 fit
      xy[0]++;
      AlignedFace other = AlignedFace.of(FaceType.FULL, new Landmarks(xy));
      AlignedJpg.write(six.folder.resolve(i + ".jpg"), jpg, other);
    }
    try (FaceCache cache = six.open(4 * SixCachedFaces.ENTRY + 7)) {
      SixCachedFaces.all(cache, six.faceset());
      SixCachedFaces.all(cache, six.faceset());
      assertEquals(
          List.of(
              "%s is full of prepared faces; those that are not in it are prepared anew each time,"
                      .formatted(six.cached)
                  + " unless --cache-size is more than 1 MiB"),
          SixCachedFaces.notices(cache));
    }
    assertEquals(4, six.entries().size());
    entries.forEach(old -> assertFalse(Files.exists(old), old + " was not wanted"));
  }

  @Test
  void aDiskWithoutRoomIsToldOnceAndLeftAlone() throws IOException {
    try (FaceCache cache =
        FaceCache.open(new FaceCache.Place(six.cached, SixCachedFaces.MUCH, Long.MAX_VALUE))) {
      six.assertSameFaces(SixCachedFaces.all(cache, six.faceset()));
      six.assertSameFaces(SixCachedFaces.all(cache, six.faceset()));
      List<String> notices = SixCachedFaces.notices(cache);
      assertEquals(1, notices.size());
      assertTrue(
          notices
              .get(0)
              .matches(
                  "no more prepared faces are kept in .*: its disk has only [0-9.]+ [GM]iB left"),
          notices.get(0));
    }
    assertEquals(List.of(), six.entries());
  }

  @Test
  void aSecondSessionReadsAndSaysSo() throws IOException {
    try (FaceCache first = six.open(SixCachedFaces.MUCH)) {
      PreparedFaces faces =
          new PreparedFaces(six.faceset().faces(), SixCachedFaces.PREPARATION, first, 0);
      faces.get(0);
      faces.get(1);
      try (FaceCache second = six.open(1)) {
        assertEquals(
            List.of(
                "another session adds to the prepared faces in %s: this one only reads them"
                    .formatted(six.cached)),
            SixCachedFaces.notices(second));
        six.assertSameFaces(SixCachedFaces.all(second, six.faceset()));
        assertEquals(2, six.entries().size(), "neither added nor dropped");
        faces.get(2);
        six.assertSameFaces(SixCachedFaces.all(second, six.faceset()));
      }
      assertEquals(List.of(), SixCachedFaces.notices(first));
    }
    six.fill(SixCachedFaces.MUCH);
    six.assertFound(6);
  }

  @Test
  void whatAKilledWriterLeftIsTidiedUpAndStrangersFilesAreNot() throws IOException {
    six.fill(SixCachedFaces.MUCH);
    Path kind = six.entries().get(0).getParent();
    Path part = Files.createFile(kind.resolve(six.entries().get(0).getFileName() + ".123456.part"));
    List<Path> strangers =
        List.of(
            Files.createFile(six.cached.resolve("holiday.face")),
            Files.createFile(kind.resolve("mine.part")),
            Files.createFile(
                Files.createDirectory(six.cached.resolve("64px"))
                    .resolve("0".repeat(32) + ".face")));
    six.open(0).close();
    assertFalse(Files.exists(part));
    strangers.forEach(file -> assertTrue(Files.exists(file), "not ours: " + file));
    assertEquals(2, six.entries().size(), "and those two end in .face");
  }

  @Test
  void aPlaceThatCannotBeUsedIsANotice() throws IOException {
    Files.createFile(six.cached);
    try (FaceCache cache = six.open(SixCachedFaces.MUCH)) {
      assertEquals(
          List.of(
              "prepared faces cannot be kept in %s: a file is in its place; --cache names another"
                      .formatted(six.cached)
                  + " folder, or none"),
          SixCachedFaces.notices(cache));
      six.assertSameFaces(SixCachedFaces.all(cache, six.faceset()));
      assertEquals(Optional.empty(), cache.state());
    }
  }
}
