package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FacesetTest {
  private static final String UNREADABLE = "has metadata that cannot be read: their pickle ";
  private static final String REMEDY =
      "; give the 'aligned' folder that DeepFaceLab's extractor wrote.";
  private static final String CUT_OFF = "is cut off: it ends before its picture does";
  private static final String NO_METADATA =
      "has no metadata: it is not an aligned face of DeepFaceLab";

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
  void saysWhyItSkips() throws IOException {
    Map<String, String> reasons = new LinkedHashMap<>();
    reasons.put("all_nan_landmarks.jpg", "has a landmark that is not a number");
    reasons.put("face_type_unknown.jpg", "has the unknown face type 'moon_face'");
    reasons.put("garbage.jpg", "is not a JPG");
    reasons.put("gray_image.jpg", "is grayscale: aligned faces are colour JPGs");
    reasons.put("hostile_eval.jpg", refers("__builtin__.eval"));
    reasons.put("hostile_pickle.jpg", refers("posix.system"));
    reasons.put("hostile_proto0.jpg", refers("os.system"));
    reasons.put("hostile_value.jpg", refers("posix.system"));
    reasons.put(
        "huge_landmark.jpg",
        "has landmark 8 at (126.8, 1.000e+12), far outside its 256 x 256 picture");
    reasons.put("inf_landmark.jpg", "has a landmark that is not a number");
    reasons.put("landmarks_67.jpg", "has 67 landmarks where a face has 68");
    reasons.put("landmarks_missing.jpg", "has no landmarks");
    reasons.put("nan_landmark.jpg", "has a landmark that is not a number");
    reasons.put("no_metadata.jpg", NO_METADATA);
    reasons.put("one_byte.jpg", "is not a JPG");
    reasons.put(
        "pickle_bomb_memo.jpg", UNREADABLE + "expands to far more values than it has bytes");
    reasons.put("pickle_empty_dict.jpg", NO_METADATA);
    reasons.put(
        "pickle_huge_int_length.jpg", UNREADABLE + "claims 2147483647 bytes where 2 are left");
    reasons.put("pickle_not_dict.jpg", "has metadata that are not a dictionary");
    reasons.put("pickle_truncated.jpg", UNREADABLE + "claims 3947 bytes where 189 are left");
    reasons.put("plain.png", "is not a JPG: DeepFaceLab's aligned faces are JPGs");
    reasons.put("png_named_jpg.jpg", "is a PNG: DeepFaceLab's aligned faces are JPGs");
    reasons.put("same_landmarks.jpg", "has all its landmarks in one place");
    reasons.put("truncated_ends_ff.jpg", CUT_OFF);
    reasons.put("truncated_half.jpg", CUT_OFF);
    reasons.put("truncated_in_metadata.jpg", CUT_OFF);
    reasons.put("xseg_garbage.jpg", "has an XSeg mask that is neither a PNG nor a JPG");
    reasons.put("zero_byte.jpg", "is empty");
    Map<String, String> actual = new LinkedHashMap<>();
    for (SkippedFace skipped : Faceset.load(TestFaces.path("bad")).skipped()) {
      actual.put(skipped.name(), skipped.reason());
    }
    assertEquals(reasons, actual);
    assertFalse(Files.exists(Path.of("pwned.txt")), "a hostile pickle ran");
  }

  private static String refers(String global) {
    return UNREADABLE + "refers to " + global + ", which no DeepFaceLab file needs";
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
  void refusesDamagedPaks() {
    assertPakRefused(
        "config_length_huge",
        "claims 1152921504606846976 bytes of configuration where 2984 are left");
    assertPakRefused("empty", "has only 0 bytes");
    assertPakRefused(
        "hostile_config",
        "has a configuration whose pickle refers to posix.system, which no DeepFaceLab file needs");
    assertPakRefused(
        "truncated_config", "claims 24411 bytes of configuration where 12205 are left");
    assertPakRefused("truncated_table", "ends inside its table of 10 entries");
    assertPakRefused("version2", "has version 2, not 1");
    assertFalse(Files.exists(Path.of("pwned.txt")), "a hostile pickle ran");
  }

  private static void assertPakRefused(String name, String reason) {
    Path folder = TestFaces.path("bad/pak_" + name);
    assertEquals(
        folder.resolve("faceset.pak")
            + " cannot be used: it "
            + reason
            + "; pack the faceset again.",
        refusal(folder));
  }

  @Test
  void usesWhatIsIntactInAPak() throws IOException {
    byte[] pak = Files.readAllBytes(TestFaces.path("pak/faceset.pak"));
    int sixth = 24515 + 79721; // where the file's entry 5 begins
    Files.write(folder.resolve("faceset.pak"), Arrays.copyOf(pak, sixth + 3000));
    Faceset faceset = Faceset.load(folder);
    assertEquals(5, faceset.faces().size());
    assertEquals(new SkippedFace("00005_0.jpg", CUT_OFF), faceset.skipped().get(0));
    assertEquals(new SkippedFace("00008_0.jpg", "lies outside the pak"), faceset.skipped().get(1));
    assertEquals(5, faceset.skipped().size());
    assertEquals(
        TestFaces.path("bad/pak_offset_huge")
            + " holds no usable face: all 10 pictures were skipped, the first, 00000_0.jpg,"
            + " because it lies outside the pak"
            + REMEDY,
        refusal(TestFaces.path("bad/pak_offset_huge")));
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
