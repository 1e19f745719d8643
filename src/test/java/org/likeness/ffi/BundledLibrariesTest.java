package org.likeness.ffi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledLibrariesTest {
  private static final List<String> RESOURCES = List.of("a/libone.so", "b/libtwo.so");

  @TempDir Path folder;
  private Path cache;
  private URLClassLoader jars;
  private byte[] one;

  @BeforeEach
  void makeJar() throws IOException {
    one = new byte[300_000];
    new Random(1).nextBytes(one);
    jars = jar("first.jar", one);
    cache = folder.resolve("cache");
  }

  @AfterEach
  void close() throws IOException {
    jars.close();
  }

  private URLClassLoader jar(String name, byte[] first) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry(RESOURCES.get(0)));
      jar.write(first);
      jar.putNextEntry(new JarEntry(RESOURCES.get(1)));
      jar.write(new byte[] {4, 5, 6});
    }
    return new URLClassLoader(new URL[] {file.toUri().toURL()}, null);
  }

  private List<Path> extract() {
    return BundledLibraries.extract("demo", RESOURCES, jars, cache).orThrow();
  }

  @Test
  void filesLandSideBySideAndAreNotWrittenAgain() throws IOException {
    List<Path> files = extract();
    assertArrayEquals(one, Files.readAllBytes(files.get(0)));
    assertArrayEquals(new byte[] {4, 5, 6}, Files.readAllBytes(files.get(1)));
    assertEquals(files.get(0).getParent(), files.get(1).getParent());
    FileTime past = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    Files.setLastModifiedTime(files.get(0), past);
    assertEquals(files, extract());
    assertEquals(past, Files.getLastModifiedTime(files.get(0)));
  }

  @Test
  void aTruncatedAndAnAlteredCopyAreReplaced() throws IOException {
    List<Path> files = extract();
    Files.write(files.get(0), new byte[] {1, 2});
    Files.write(files.get(1), new byte[] {4, 5, 7});
    extract();
    assertArrayEquals(one, Files.readAllBytes(files.get(0)));
    assertArrayEquals(new byte[] {4, 5, 6}, Files.readAllBytes(files.get(1)));
  }

  @Test
  void otherContentsGetAnotherFolder() throws IOException {
    Path before = extract().getFirst();
    one[17]++;
    try (URLClassLoader other = jar("second.jar", one)) {
      Path after = BundledLibraries.extract("demo", RESOURCES, other, cache).orThrow().getFirst();
      assertNotEquals(before.getParent(), after.getParent());
    }
  }

  @Test
  void manyAtOnceAllGetCompleteFilesAndLeaveNothingElse() throws Exception {
    int racers = 8;
    CyclicBarrier start = new CyclicBarrier(racers);
    List<Future<List<Path>>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(racers)) {
      for (int i = 0; i < racers; i++) {
        results.add(
            threads.submit(
                () -> {
                  start.await();
                  List<Path> files = extract();
                  assertArrayEquals(one, Files.readAllBytes(files.get(0)));
                  return files;
                }));
      }
    }
    for (Future<List<Path>> result : results) {
      assertEquals(results.getFirst().get(), result.get());
    }
    assertEquals(2, names(results.getFirst().get().getFirst().getParent()).size());
  }

  @Test
  void whatAKilledProcessLeftIsSweptButNotWhatIsBeingWritten() throws IOException {
    Path place = extract().getFirst().getParent();
    Path abandoned = Files.createFile(place.resolve("libone.so.1.part"));
    Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minusSeconds(7200)));
    Files.createFile(place.resolve("libone.so.2.part"));
    Files.delete(place.resolve("libone.so"));
    extract();
    assertEquals(List.of("libone.so", "libone.so.2.part", "libtwo.so"), names(place));
  }

  @Test
  void aResourceThatNoJarHasIsAbsent() {
    assertEquals(
        "demo was not found; looked for c/none.so on the class path",
        BundledLibraries.extract("demo", List.of("c/none.so"), jars, cache).message());
  }

  @Test
  void aCacheThatCannotBeMadeIsNamed() throws IOException {
    Files.writeString(cache, "a file where the folder should be");
    String message = BundledLibraries.extract("demo", RESOURCES, jars, cache).message();
    assertTrue(
        message.startsWith("demo cannot be used: it could not be copied to " + cache), message);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
