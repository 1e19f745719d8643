package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A faceset of six in a folder, and a cache beside it. */
final class SixCachedFaces {
  static final SampleSettings SETTINGS =
      new SampleSettings(64, FaceType.FULL, true, true, Dialect.OG, true);
  static final Preparation PREPARATION = Preparation.aligned(SETTINGS);
  static final long MUCH = 1L << 40;
  static final List<String> NAMES =
      List.of(
          "00000_0.jpg", "00001_0.jpg", "00002_0.jpg", "00004_0.jpg", "00005_0.jpg", "00008_0.jpg");

  /** Header, then image, mask and em. */
  static final long ENTRY = 16 + 4L * 64 * 64 * 5;

  final Path dir;
  final Path cached;
  final List<PreparedFace> expected = new ArrayList<>();
  Path folder; // may be moved

  SixCachedFaces(Path dir) throws IOException {
    this.dir = dir;
    folder = Files.createDirectory(dir.resolve("faces"));
    cached = dir.resolve("cached");
    for (String name : NAMES) {
      Files.copy(TestFaces.path("src/" + name), folder.resolve(name));
    }
    for (Face face : faceset().faces()) {
      expected.add(PreparedFace.of(face, SETTINGS));
    }
  }

  Faceset faceset() throws IOException {
    return Faceset.load(folder);
  }

  FaceCache open(long bytes) {
    return FaceCache.open(new FaceCache.Place(cached, bytes, 0));
  }

  /** Every face through a cache, with no room in memory. */
  static List<PreparedFace> all(FaceCache cache, Faceset faceset) throws IOException {
    PreparedFaces faces = new PreparedFaces(faceset.faces(), PREPARATION, cache, 0);
    List<PreparedFace> all = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      all.add(faces.get(i));
    }
    return all;
  }

  static List<String> notices(FaceCache cache) {
    return Stream.generate(cache::pollNotice).takeWhile(n -> n != null).toList();
  }

  /** Puts every face through the cache. */
  void fill(long bytes) throws IOException {
    try (FaceCache cache = open(bytes)) {
      assertSameFaces(all(cache, faceset()));
    }
  }

  void assertSameFaces(List<PreparedFace> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).image().values(), actual.get(i).image().values(), "" + i);
      assertArrayEquals(expected.get(i).mask().values(), actual.get(i).mask().values(), "" + i);
      assertArrayEquals(expected.get(i).em().values(), actual.get(i).em().values(), "" + i);
    }
  }

  List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.walk(cached)) {
      return files.filter(f -> f.toString().endsWith(".face")).sorted().toList();
    }
  }

  /** What is left when every picture of the faceset is gone: only the cache can answer. */
  List<PreparedFace> withoutPictures(FaceCache cache) throws IOException {
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

  void assertFound(int n) throws IOException {
    try (FaceCache cache = open(MUCH)) {
      cache.claim(PREPARATION, faceset().faces());
      assertEquals(
          Optional.of(
              "prepared faces: %d of 6 found in %s, which holds %d MiB of at most 1024.0 GiB"
                  .formatted(n, cached, n == 0 ? 0 : 1)),
          cache.state());
    }
  }
}
