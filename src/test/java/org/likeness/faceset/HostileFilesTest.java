package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.FormatException;
import org.likeness.format.Pickle;

/**
 * Ten thousand damaged inputs of each kind: every one is read or refused by the declared exception,
 * soon, and without taking memory that its size does not justify.
 */
class HostileFilesTest {
  private static final int TRIES = 10_000;
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final int MOST_PAK_BYTES = 60_000; // the pictures behind are damaged elsewhere

  @TempDir Path folder;

  private interface Reader {
    void read(byte[] bytes) throws IOException;
  }

  /** Damages up to eight places of the first {@code span} bytes, or cuts the file there. */
  private static void damage(byte[] whole, int span, Reader reader) {
    SplittableRandom random = new SplittableRandom(7);
    int[] refused = new int[1];
    assertTimeoutPreemptively(
        SOON,
        () -> {
          for (int i = 0; i < TRIES; i++) {
            byte[] bytes =
                random.nextInt(8) == 0
                    ? Arrays.copyOf(whole, random.nextInt(whole.length))
                    : whole.clone();
            for (int places = random.nextInt(1, 9); places > 0 && bytes.length > 0; places--) {
              int at = random.nextInt(Math.min(span, bytes.length));
              bytes[at] =
                  switch (random.nextInt(4)) {
                    case 0 -> (byte) 0xff;
                    case 1 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                    default -> (byte) random.nextInt(256);
                  };
            }
            try {
              reader.read(bytes);
            } catch (FormatException | FacesetException e) {
              refused[0]++;
            }
          }
        });
    assertTrue(
        refused[0] > TRIES / 20, "only " + refused[0] + " were refused: was anything damaged?");
  }

  private static byte[] metadata() throws IOException {
    byte[] file = Files.readAllBytes(TestFaces.path("src/00001_0.jpg"));
    JpegLayout.Segment segment = JpegLayout.of(file).app15().getLast();
    return Arrays.copyOfRange(file, segment.begin() + 4, segment.end());
  }

  @Test
  void metadataAreReadOrRefused() throws IOException {
    byte[] blob = metadata();
    damage(blob, blob.length, bytes -> FaceMetadata.read(Pickle.read(bytes), 256, 256));
  }

  @Test
  void jpgHeadersAreReadOrRefused() throws IOException {
    byte[] file = Files.readAllBytes(TestFaces.path("src/00001_0.jpg"));
    int head = JpegLayout.of(file).lastAppEnd() + 700; // tables and frame header
    damage(file, Math.min(head, file.length), AlignedJpg::contents);
  }

  @Test
  void paksAreReadOrRefused() throws IOException {
    for (String name : new String[] {"00001_0.jpg", "00002_0.jpg"}) {
      Files.copy(TestFaces.path("src/" + name), folder.resolve(name));
    }
    byte[] pak = Files.readAllBytes(PakFiles.pack(folder).pak());
    long configSize = pak[8] & 0xff | (pak[9] & 0xff) << 8 | (pak[10] & 0xff) << 16;
    int span = (int) Math.min(MOST_PAK_BYTES, 16 + configSize + 24);
    damage(
        pak,
        span,
        bytes -> {
          if (Pak.of(folder, folder, MemorySegment.ofArray(bytes)).faces().size() < 2) {
            throw new FacesetException("a face was skipped");
          }
        });
  }
}
