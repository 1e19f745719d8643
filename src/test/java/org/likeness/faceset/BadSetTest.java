package org.likeness.faceset;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of the bad set, alone in a folder: used, or refused in exactly these words. */
class BadSetTest {
  private static final String USED = "used";

  /** Reasons by file, in the words that complete "it ...". */
  private static final String REASONS =
      """
      all_nan_landmarks.jpg | has a landmark that is not a number
      face_type_unknown.jpg | has the unknown face type 'moon_face'
      face_type_upper.jpg | used
      garbage.jpg | is not a JPG
      gray_image.jpg | is grayscale: aligned faces are colour JPGs
      hostile_eval.jpg | has metadata that cannot be read: their pickle refers to __builtin__.eval, which no DeepFaceLab file needs
      hostile_pickle.jpg | has metadata that cannot be read: their pickle refers to posix.system, which no DeepFaceLab file needs
      hostile_proto0.jpg | has metadata that cannot be read: their pickle refers to os.system, which no DeepFaceLab file needs
      hostile_value.jpg | has metadata that cannot be read: their pickle refers to posix.system, which no DeepFaceLab file needs
      huge_landmark.jpg | has landmark 8 at (126.8, 1.000e+12), far outside its 256 x 256 picture
      inf_landmark.jpg | has a landmark that is not a number
      jpeg_suffix.jpeg | used
      landmarks_67.jpg | has 67 landmarks where a face has 68
      landmarks_missing.jpg | has no landmarks
      mve_custom.jpg | used
      nan_landmark.jpg | has a landmark that is not a number
      no_metadata.jpg | has no metadata: it is not an aligned face of DeepFaceLab
      ok_ndarray_landmarks.jpg | used
      ok_numpy2_names.jpg | used
      ok_protocol2.jpg | used
      ok_protocol3.jpg | used
      ok_protocol5.jpg | used
      ok_seg_ie_polys_legacy_list.jpg | used
      ok_unknown_keys_tuples.jpg | used
      ok_xseg_column_vector.jpg | used
      one_byte.jpg | is not a JPG
      pickle_bomb_memo.jpg | has metadata that cannot be read: their pickle expands to far more values than it has bytes
      pickle_empty_dict.jpg | has no metadata: it is not an aligned face of DeepFaceLab
      pickle_huge_int_length.jpg | has metadata that cannot be read: their pickle claims 2147483647 bytes where 2 are left
      pickle_not_dict.jpg | has metadata that are not a dictionary
      pickle_truncated.jpg | has metadata that cannot be read: their pickle claims 3947 bytes where 189 are left
      plain.png | is not a JPG: DeepFaceLab's aligned faces are JPGs
      png_named_jpg.jpg | is a PNG: DeepFaceLab's aligned faces are JPGs
      progressive.jpg | used
      restart_interval.jpg | used
      same_landmarks.jpg | has all its landmarks in one place
      trailing_bytes.jpg | used
      truncated_ends_ff.jpg | is cut off: it ends before its picture does
      truncated_half.jpg | is cut off: it ends before its picture does
      truncated_in_metadata.jpg | is cut off: it ends before its picture does
      upper_suffix.JPG | used
      xseg_garbage.jpg | has an XSeg mask that is neither a PNG nor a JPG
      zero_byte.jpg | is empty
      pak_config_length_huge | claims 1152921504606846976 bytes of configuration where 2984 are left
      pak_empty | has only 0 bytes
      pak_hostile_config | has a configuration whose pickle refers to posix.system, which no DeepFaceLab file needs
      pak_offset_huge | is lost: it lies beyond the end of its pak
      pak_truncated_config | claims 24411 bytes of configuration where 12205 are left
      pak_truncated_data | is cut off: it ends before its picture does
      pak_truncated_table | ends inside its table of 10 entries
      pak_version2 | has version 2, not 1
      """;

  private static final Map<String, String> OF = new TreeMap<>();

  static {
    for (String line : REASONS.lines().toList()) {
      OF.put(line.split(" \\| ")[0], line.split(" \\| ")[1]);
    }
  }

  @TempDir Path folder;

  static Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(TestFaces.path("bad"))) {
      return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList()).stream();
    }
  }

  static Stream<String> used() throws IOException {
    return names().filter(name -> OF.get(name).equals(USED));
  }

  @AfterEach
  void noPickleRan() {
    assertFalse(Files.exists(Path.of("pwned.txt")), "a hostile pickle ran");
  }

  @Test
  void noFileIsForgotten() throws IOException {
    assertEquals(List.copyOf(OF.keySet()), names().toList());
  }

  @ParameterizedTest
  @MethodSource("names")
  void aloneInAFolder(String name) throws IOException {
    Path alone = alone(name);
    String reason = OF.get(name);
    if (reason.equals(USED)) {
      assertFalse(Faceset.load(alone).faces().isEmpty());
      return;
    }
    String refusal = assertThrows(FacesetException.class, () -> Faceset.load(alone)).getMessage();
    assertEquals(sentence(name, alone, reason), refusal);
  }

  private Path alone(String name) throws IOException {
    Path bad = TestFaces.path("bad").resolve(name);
    if (Files.isDirectory(bad)) {
      return bad;
    }
    Files.copy(bad, folder.resolve(name));
    return folder;
  }

  private static String sentence(String name, Path alone, String reason) {
    if (name.startsWith("pak_") && !reason.startsWith("is ")) { // the pak, not its faces
      return "%s cannot be used: it %s; pack the faceset again."
          .formatted(alone.resolve("faceset.pak"), reason);
    }
    boolean pak = name.startsWith("pak_");
    return ("%s holds no usable face: all %d pictures were skipped, the first, %s, because it %s;"
            + " give the 'aligned' folder that DeepFaceLab's extractor wrote.")
        .formatted(alone, pak ? 10 : 1, pak ? "00000_0.jpg" : name, reason);
  }

  /** Of ten faces; their first begins where the table ends. */
  @Test
  void aPakThatIsCutOffAnywhereGivesWhatIsWholeAndNamesWhatIsLost() throws IOException {
    byte[] pak = Files.readAllBytes(TestFaces.path("pak/faceset.pak"));
    List<Face> whole = Faceset.load(TestFaces.path("pak")).faces();
    List<Long> ends =
        whole.stream().map(face -> face.place().offset() + face.place().length()).toList();
    for (int cut = (int) whole.get(0).place().offset() + 100; cut < pak.length; cut += 7001) {
      int length = cut;
      long kept = ends.stream().filter(end -> end <= length).count();
      Path file = folder.resolve("faceset.pak");
      Faceset faceset = Pak.of(folder, file, MemorySegment.ofArray(Arrays.copyOf(pak, cut)));
      assertEquals(
          contents(whole.subList(0, (int) kept)), contents(faceset.faces()), "cut at " + cut);
      assertEquals(10 - kept, faceset.skipped().size(), "cut at " + cut);
      for (int i = 0; i < faceset.skipped().size(); i++) {
        Face lost = whole.get((int) kept + i);
        String reason =
            lost.place().offset() < cut
                ? "is cut off: it ends before its picture does"
                : "is lost: it lies beyond the end of its pak";
        assertEquals(new SkippedFace(lost.name(), reason), faceset.skipped().get(i));
      }
    }
  }

  private static List<String> contents(List<Face> faces) {
    return faces.stream().map(face -> face.name() + " " + face.content()).toList();
  }

  @ParameterizedTest
  @MethodSource("used")
  void whatIsUsedGivesSamples(String name) throws IOException {
    Faceset faceset = Faceset.load(alone(name));
    for (FaceType type : List.of(FaceType.FULL, FaceType.WHOLE_FACE)) {
      SampleSettings settings = new SampleSettings(64, type, true, true, Dialect.MVE, true);
      BatchSource source = BatchSource.open(faceset, settings, 1, 0, Side.SRC);
      try (Arena arena = Arena.ofConfined()) {
        SampleBuffers lent = SampleBuffers.allocate(arena, 1, settings);
        for (int i = 0; i < source.size(); i++) {
          source.fill(i, 0, lent);
          float sum = 0;
          for (float v : lent.target().toArray(ValueLayout.JAVA_FLOAT)) {
            assertTrue(v >= 0 && v <= 1, "outside 0..1: " + v);
            sum += v;
          }
          assertNotEquals(0, sum, "black");
        }
        assertNull(source.pollLost());
      }
    }
  }
}
