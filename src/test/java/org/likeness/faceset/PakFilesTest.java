package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PakFilesTest {
  private static final List<String> NAMES =
      List.of("00000_0.jpg", "00001_0.jpg", "00002_0.jpg", "00004_0.jpg");

  @TempDir Path folder;

  private void copyTo(Path to) throws IOException {
    Files.createDirectories(to);
    for (String name : NAMES) {
      Files.copy(TestFaces.path("src/" + name), to.resolve(name));
    }
  }

  @Test
  void packsWhatUnpackingGivesBack() throws IOException {
    copyTo(folder);
    Files.writeString(folder.resolve("broken.jpg"), "not a picture");
    List<Face> loose = Faceset.load(folder).faces();
    PakFiles.Outcome packed = PakFiles.pack(folder);
    assertEquals(4, packed.faces());
    assertEquals(List.of("broken.jpg"), packed.skipped().stream().map(SkippedFace::name).toList());
    for (String name : NAMES) {
      assertTrue(Files.exists(folder.resolve(name)), "packing deletes nothing");
    }
    List<Face> inPak = Faceset.load(folder).faces();
    for (int i = 0; i < 4; i++) {
      assertEquals(loose.get(i).name(), inPak.get(i).name());
      AlignedFace before = loose.get(i).metadata();
      AlignedFace after = inPak.get(i).metadata();
      assertEquals(before.type(), after.type());
      assertEquals(before.landmarks(), after.landmarks());
      assertEquals(before.eyebrowsExpandMod(), after.eyebrowsExpandMod());
      assertArrayEquals(before.xsegMask(), after.xsegMask());
      assertArrayEquals(loose.get(i).jpg(), inPak.get(i).jpg());
      Files.delete(folder.resolve(NAMES.get(i)));
    }
    assertEquals(4, PakFiles.unpack(folder).faces());
    for (String name : NAMES) {
      assertEquals(-1, Files.mismatch(TestFaces.path("src/" + name), folder.resolve(name)));
    }
    Path first = folder.resolve(NAMES.get(0));
    assertEquals(
        first + " is there already; nothing was unpacked.",
        assertThrows(FacesetException.class, () -> PakFiles.unpack(folder)).getMessage());
  }

  @Test
  void writesTheOffsetsOfTheOriginal() throws IOException {
    copyTo(folder);
    PakFiles.pack(folder);
    byte[] bytes = Files.readAllBytes(folder.resolve("faceset.pak"));
    ByteBuffer pak = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1, pak.getLong(0));
    int table = (int) (16 + pak.getLong(8));
    assertEquals(0, pak.getLong(table));
    assertEquals(Files.size(folder.resolve(NAMES.get(0))), pak.getLong(table + 8));
    assertEquals(bytes.length, pak.getLong(table + 32), "the last one is absolute");
  }

  @Test
  void packsPersonsFromTheirFolders() throws IOException {
    copyTo(folder.resolve("ada"));
    copyTo(folder.resolve("ben"));
    assertEquals(8, PakFiles.pack(folder).faces());
    List<Face> faces = Faceset.load(folder).faces();
    assertEquals("ada/00000_0.jpg", faces.get(0).name());
    assertEquals("ben/00004_0.jpg", faces.get(7).name());
  }

  @Test
  void refusesToReplaceAPakOrToPackNothing() throws IOException {
    assertEquals(
        folder + " holds no usable face, so nothing was packed.",
        assertThrows(FacesetException.class, () -> PakFiles.pack(folder)).getMessage());
    Path pak = Files.createFile(folder.resolve("faceset.pak"));
    assertEquals(
        pak + " is there already; move it away or unpack it first.",
        assertThrows(FacesetException.class, () -> PakFiles.pack(folder)).getMessage());
    Files.delete(pak);
    assertEquals(
        folder + " holds no faceset.pak to unpack.",
        assertThrows(FacesetException.class, () -> PakFiles.unpack(folder)).getMessage());
  }

  @Test
  void givesWhatIsWholeOfACutPak() throws IOException {
    copyTo(folder);
    PakFiles.pack(folder);
    Path pak = folder.resolve("faceset.pak");
    byte[] bytes = Files.readAllBytes(pak);
    long last = Files.size(folder.resolve(NAMES.get(3)));
    Files.write(pak, Arrays.copyOf(bytes, (int) (bytes.length - last - 100)));
    for (String name : NAMES) {
      Files.delete(folder.resolve(name));
    }
    PakFiles.Outcome outcome = PakFiles.unpack(folder);
    assertEquals(2, outcome.faces());
    assertEquals(2, outcome.skipped().size());
    assertFalse(Files.exists(folder.resolve(NAMES.get(2))));
  }
}
