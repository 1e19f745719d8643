package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.saehd.SaehdOptions;

class FacesetBatchesTest {
  @TempDir Path dir;

  private Map<String, Integer> hashes(Map<String, String> more) throws IOException {
    Map<String, String> text = new HashMap<>(Map.of("resolution", "64", "batch_size", "2"));
    text.putAll(more);
    Path faces = dir.resolve("faces");
    if (!faces.toFile().exists()) {
      AlignedFaces.folder(faces, List.of("ok_protocol3.jpg", "ok_numpy2_names.jpg"));
    }
    Map<String, Integer> hashes = new HashMap<>();
    try (FacesetBatches batches =
        FacesetBatches.open(Facesets.load(faces, faces, null), SaehdOptions.of(text), 3)) {
      for (Map.Entry<String, MemorySegment> feed : batches.take(3).entrySet()) {
        float[] values = feed.getValue().toArray(ValueLayout.JAVA_FLOAT);
        hashes.put(feed.getKey(), Arrays.hashCode(values));
      }
    }
    return hashes;
  }

  /** S is src's input, s its target, D and d those of dst. */
  @ParameterizedTest
  @CsvSource({
    "random_hsv_power,0.1,S",
    "ct_mode,rct,Ss",
    "ct_mode,sot,Ss",
    "ct_mode,cc-aug,SsDd",
    "random_color,true,SsDd",
    "random_downsample,true,SD",
    "random_noise,true,SD",
    "random_blur,true,SD",
    "random_jpeg,true,SD"
  })
  void changesWhatTheOptionSays(String option, String value, String changed) throws IOException {
    Map<String, Integer> plain = hashes(Map.of());
    Map<String, Integer> other = hashes(Map.of(option, value));
    assertEquals(other, hashes(Map.of(option, value, "loader_threads", "1")), "any threads");
    Map<String, String> letters =
        Map.of("S", "warped_src", "s", "target_src", "D", "warped_dst", "d", "target_dst");
    letters.forEach(
        (letter, feed) -> {
          if (changed.contains(letter)) {
            assertNotEquals(plain.get(feed), other.get(feed), feed);
          } else {
            assertEquals(plain.get(feed), other.get(feed), feed);
          }
        });
    assertEquals(plain.get("target_srcm"), other.get("target_srcm"));
  }

  @Test
  void prioritiesBringThePlanesOfEyesAndMouth() throws IOException {
    Map<String, String> exact = Map.of("eyes_prio", "y", "dialect", "mve", "exact_batches", "y");
    assertEquals(List.of(), parts(hashes(Map.of())));
    assertEquals(List.of("dstm_em", "srcm_em"), parts(hashes(Map.of("eyes_mouth_prio", "y"))));
    assertEquals(
        List.of("dstm_eyes", "dstm_mouth", "srcm_eyes", "srcm_mouth"),
        parts(hashes(Map.of("eyes_prio", "y", "dialect", "mve"))));
    assertEquals(List.of("dstm_em", "srcm_em"), parts(hashes(exact)), "codes in one plane");
  }

  private static List<String> parts(Map<String, Integer> feeds) {
    return feeds.keySet().stream()
        .filter(name -> name.matches(".*_(em|eyes|mouth)"))
        .map(name -> name.substring("target_".length()))
        .sorted()
        .toList();
  }

  @Test
  void pretrainingShowsBothSidesTheSameFaces() throws IOException {
    Map<String, String> text = Map.of("resolution", "64", "batch_size", "2", "pretrain", "y");
    SaehdOptions now = SaehdOptions.of(text).inForce(0);
    Path faces = AlignedFaces.folder(dir.resolve("faces"), List.of("ok_protocol3.jpg"));
    Path anybody = AlignedFaces.folder(dir.resolve("anybody"), List.of("ok_numpy2_names.jpg"));
    Facesets facesets = Facesets.load(faces, faces, anybody);
    Facesets other = Facesets.load(faces, anybody, anybody);
    try (FacesetBatches batches = FacesetBatches.open(facesets, now, 0);
        FacesetBatches same = FacesetBatches.open(other, now, 0)) {
      MemorySegment src = batches.take(0).get("target_src");
      assertEquals(-1, src.mismatch(same.take(0).get("target_src")), "src and dst do not matter");
      assertEquals(-1, src.mismatch(batches.take(0).get("warped_src")), "nothing is warped");
    }
  }

  @Test
  void castsShadowsOnTheSideThatIsNamed() throws IOException {
    Map<String, Integer> none = shadowed(Map.of());
    Map<String, Integer> src = shadowed(Map.of("random_shadow", "src"));
    Map<String, Integer> all = shadowed(Map.of("random_shadow", "all"));
    assertNotEquals(none.get("target_src"), src.get("target_src"), "a shadow falls");
    assertEquals(none.get("target_dst"), src.get("target_dst"));
    assertEquals(src.get("target_src"), all.get("target_src"));
  }

  @Test
  void aSidesOwnShadowsTakeThePlaceOfBoths() throws IOException {
    Map<String, Integer> all = shadowed(Map.of("random_shadow", "all"));
    Map<String, Integer> usual = shadowed(Map.of("random_shadow_src", "0.2 0.6 1 2.5"));
    assertEquals(all.get("target_src"), usual.get("target_src"));
    assertEquals(shadowed(Map.of()).get("target_dst"), usual.get("target_dst"));
    assertEquals(usual, shadowed(Map.of("random_shadow", "all", "random_shadow_dst", "none")));
    Map<String, Integer> deep = shadowed(Map.of("random_shadow_src", "0 0.1 1 2.5"));
    assertNotEquals(usual.get("target_src"), deep.get("target_src"));
  }

  /** With a seed that lets a shadow fall on one face of the batch at least. */
  private Map<String, Integer> shadowed(Map<String, String> text) throws IOException {
    Map<String, String> seeded = new HashMap<>(text);
    seeded.put("seed", "1");
    return hashes(seeded);
  }
}
