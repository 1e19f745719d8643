package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.FormatException;

class AlignedJpgTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatItWrote() throws IOException {
    Path path = folder.resolve("face.jpg");
    byte[] mask = AlignedJpg.read(TestFaces.path("src/00000_0.jpg")).xsegMask();
    AlignedFace old = AlignedJpg.read(TestFaces.path("src/00001_0.jpg"));
    AlignedFace face =
        new AlignedFace(
            FaceType.HEAD,
            old.landmarks(),
            0.5,
            mask,
            List.of(new SegPolygon(true, new double[] {1, 2, 3, 4.5, 5, 6})),
            new SourceFrame(
                "ü 1.png", new double[] {1, 2, 3, 4}, old.landmarks(), old.source().toFace()));
    AlignedJpg.write(path, Files.readAllBytes(TestFaces.path("src/00001_0.jpg")), face);
    AlignedFace read = AlignedJpg.read(path);
    assertEquals(FaceType.HEAD, read.type());
    assertEquals(old.landmarks(), read.landmarks());
    assertEquals(0.5, read.eyebrowsExpandMod());
    assertArrayEquals(mask, read.xsegMask());
    assertArrayEquals(new double[] {1, 2, 3, 4.5, 5, 6}, read.polygons().getFirst().xy());
    assertEquals("ü 1.png", read.source().filename());
    assertArrayEquals(new double[] {1, 2, 3, 4}, read.source().rect());
    assertEquals(old.landmarks(), read.source().landmarks());
    assertEquals(old.source().toFace(), read.source().toFace());
  }

  @Test
  void putsOneMetadataSegmentAfterTheOthersAndKeepsThePicture() throws IOException {
    byte[] old = Files.readAllBytes(TestFaces.path("src/00001_0.jpg"));
    AlignedFace face = AlignedJpg.contents(old).face();
    byte[] twice = AlignedJpg.withMetadata(AlignedJpg.withMetadata(old, face), face);
    JpegLayout layout = JpegLayout.of(twice);
    assertEquals(1, layout.app15().size());
    assertEquals(layout.lastAppEnd(), layout.app15().getFirst().end());
    assertArrayEquals(OpenCv.decodeColour(old).bytes(), OpenCv.decodeColour(twice).bytes());
  }

  @Test
  void keepsTheOldFileWhenMetadataDoNotFit() throws IOException {
    Path path = Files.copy(TestFaces.path("src/00001_0.jpg"), folder.resolve("face.jpg"));
    byte[] old = Files.readAllBytes(path);
    AlignedFace face = AlignedJpg.read(path);
    AlignedFace large =
        new AlignedFace(
            face.type(), face.landmarks(), 1, new byte[64_000], List.of(), SourceFrame.UNKNOWN);
    String message =
        assertThrows(FacesetException.class, () -> AlignedJpg.write(path, old, large)).getMessage();
    assertEquals(
        path
            + " was not written: the picture has metadata of 65660 bytes, more than the 65533 that"
            + " a JPG segment holds.",
        message);
    assertArrayEquals(old, Files.readAllBytes(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void namesTheFileThatItRefuses() {
    Path path = TestFaces.path("bad/hostile_pickle.jpg");
    assertEquals(
        path
            + " cannot be used: it has metadata that cannot be read: their pickle refers to"
            + " posix.system, which no DeepFaceLab file needs.",
        assertThrows(FacesetException.class, () -> AlignedJpg.read(path)).getMessage());
  }

  @Test
  void noticesEveryCut() throws IOException {
    byte[] whole = Files.readAllBytes(TestFaces.path("bad/restart_interval.jpg"));
    for (int length = 2; length < whole.length; length += 97) {
      byte[] cut = Arrays.copyOf(whole, length);
      String message = assertThrows(FormatException.class, () -> JpegLayout.of(cut)).getMessage();
      assertEquals("is cut off: it ends before its picture does", message);
    }
  }

  @Test
  void refusesSizesThatCannotBeTrainedOn() throws IOException {
    byte[] file = Files.readAllBytes(TestFaces.path("src/00001_0.jpg"));
    int sof = indexOf(file, 0xff, 0xc0);
    file[sof + 5] = 0x7f; // height
    assertEquals(
        "is 256 x 32512 pixels: aligned faces have sides of 32 to 8192",
        assertThrows(FormatException.class, () -> AlignedJpg.contents(file)).getMessage());
  }

  private static int indexOf(byte[] file, int first, int second) {
    for (int i = 0; i + 1 < file.length; i++) {
      if ((file[i] & 0xff) == first && (file[i + 1] & 0xff) == second) {
        return i;
      }
    }
    throw new AssertionError();
  }
}
