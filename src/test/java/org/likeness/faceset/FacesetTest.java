package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FacesetTest {
  private static final String REMEDY =
      "; give the 'aligned' folder that DeepFaceLab's extractor wrote.";

  @TempDir Path folder;

  @Test
  void loadsTheGoodAmongTheBad() throws IOException {
    Faceset faceset = Faceset.load(TestFaces.path("bad"));
    assertEquals(
        List.of(
            "face_type_upper.jpg",
            "jpeg_suffix.jpeg",
            "mve_custom.jpg",
            "ok_ndarray_landmarks.jpg",
            "ok_numpy2_names.jpg",
            "ok_protocol2.jpg",
            "ok_protocol3.jpg",
            "ok_protocol5.jpg",
            "ok_seg_ie_polys_legacy_list.jpg",
            "ok_unknown_keys_tuples.jpg",
            "ok_xseg_column_vector.jpg",
            "progressive.jpg",
            "restart_interval.jpg",
            "trailing_bytes.jpg",
            "upper_suffix.JPG"),
        faceset.faces().stream().map(Face::name).toList());
    for (Face face : faceset.faces()) {
      FaceType expected =
          face.name().equals("mve_custom.jpg") ? FaceType.CUSTOM : FaceType.WHOLE_FACE;
      assertEquals(expected, face.metadata().type(), face.name());
      assertEquals("00001.png", face.metadata().source().filename(), face.name());
      assertEquals(
          faceset.faces().getFirst().metadata().landmarks(),
          face.metadata().landmarks(),
          face.name());
    }
  }

  @Test
  void readsAPak() throws IOException {
    Faceset faceset = Faceset.load(TestFaces.path("pak"));
    assertEquals(List.of(), faceset.skipped());
    assertEquals(
        List.of(
            "00000_0.jpg",
            "00001_0.jpg",
            "00002_0.jpg",
            "00003_0.jpg",
            "00004_0.jpg",
            "00005_0.jpg",
            "00008_0.jpg",
            "00009_0.jpg",
            "00013_0.jpg",
            "00017_0.jpg"),
        faceset.faces().stream().map(Face::name).toList());
    assertEquals(
        List.of(4, 4, 4, 4, 2, 4, 4, 4, 4, 4),
        faceset.faces().stream().map(face -> face.metadata().type().id()).toList());
    assertEquals(
        List.of(1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 1.5, 1.0, 1.0, 1.0),
        faceset.faces().stream().map(face -> face.metadata().eyebrowsExpandMod()).toList());
    assertEquals(
        List.of(0, 1, 0, 0, 0, 2, 0, 1, 0, 1),
        faceset.faces().stream().map(face -> face.metadata().polygons().size()).toList());
    for (Face face : faceset.faces()) { // config and file agree
      AlignedFace inFile = AlignedJpg.contents(face.jpg()).face();
      assertEquals(inFile.landmarks(), face.metadata().landmarks(), face.name());
    }
  }

  @Test
  void namesPeopleInAPak() throws IOException {
    assertEquals(
        List.of("anna/00000_0.jpg", "anna/00003_0.jpg", "bob/00000_0.jpg", "bob/00003_0.jpg"),
        Faceset.load(TestFaces.path("pak/person")).faces().stream().map(Face::name).toList());
  }

  @Test
  void refusesAPaksNameThatWouldLeaveTheOutputFolder() throws IOException {
    byte[] pak = Files.readAllBytes(TestFaces.path("pak/faceset.pak"));
    int at = new String(pak, StandardCharsets.ISO_8859_1).indexOf("00001_0.jpg");
    byte[] outside = "../01_0.jpg".getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(outside, 0, pak, at, outside.length);
    Files.write(folder.resolve("faceset.pak"), pak);
    assertEquals(
        List.of(new SkippedFace("entry 1", "has a file name that is not a plain one")),
        Faceset.load(folder).skipped());
  }

  @Test
  void saysWhatIsWrongWithAFolder() throws IOException {
    Path missing = folder.resolve("missing");
    assertEquals(missing + " does not exist" + REMEDY, refusal(missing));
    assertEquals(folder + " holds no pictures" + REMEDY, refusal(folder));
    Path file = Files.write(folder.resolve("notes.jpg"), new byte[] {1, 2, 3});
    assertEquals(file + " is a file, not a folder of faces" + REMEDY, refusal(file));
    assertEquals(
        folder
            + " holds no usable face: all 1 pictures were skipped, the first, notes.jpg, because it"
            + " is not a JPG"
            + REMEDY,
        refusal(folder));
  }

  @Test
  void sortsByCodePointAndIgnoresFoldersInside() throws IOException {
    Path good = TestFaces.path("src/00000_0.jpg");
    for (String name :
        List.of("b.jpg", "B.jpg", "a10.JPG", "a9.jpeg", "\uffe0.jpg", "\ud83d\ude00.jpg")) {
      Files.copy(good, folder.resolve(name));
    }
    Files.createDirectory(folder.resolve("inner"));
    Files.copy(good, folder.resolve("inner").resolve("c.jpg"));
    List<String> names = Faceset.load(folder).faces().stream().map(Face::name).toList();
    assertEquals(
        List.of("B.jpg", "a10.JPG", "a9.jpeg", "b.jpg", "\uffe0.jpg", "\ud83d\ude00.jpg"), names);
  }

  private static String refusal(Path folder) {
    return assertThrows(FacesetException.class, () -> Faceset.load(folder)).getMessage();
  }
}
