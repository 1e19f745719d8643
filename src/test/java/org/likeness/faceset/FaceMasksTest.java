package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.format.SafetensorsFile;
import org.likeness.format.SafetensorsTensor;

class FaceMasksTest {
  private static final double F32_SUMS = 3e-7; // blur and interpolation in another order

  private static final double CODED = 5e-7; // values up to 3

  private SafetensorsFile golden;

  @BeforeEach
  void open() throws IOException {
    golden = Golden.open("masks_og");
  }

  @AfterEach
  void close() {
    golden.close();
  }

  @Test
  void masksEveryFaceLikeTheOriginal() throws IOException {
    for (String name : Golden.FACES) {
      AlignedFace face = Golden.contents(name).face();
      String key = name.replace('/', '_');
      assertSamePixels(
          "hull_bits/" + key, FaceMasks.hull(face.landmarks(), face.eyebrowsExpandMod(), 256, 256));
      Raster eyes = FaceMasks.eyes(face.landmarks(), 256, 256);
      Raster mouth = FaceMasks.mouth(face.landmarks(), 256, 256);
      assertClose("eyes_every4/" + key, Golden.every(eyes, 4));
      assertClose("mouth_every4/" + key, Golden.every(mouth, 4));
      double[] sums = golden.tensor("sums/" + key).doubles();
      assertEquals(sums[1], sum(eyes), 1e-3, key); // 65536 x F32_SUMS, mostly cancelling
      assertEquals(sums[2], sum(mouth), 1e-3, key);
    }
  }

  @Test
  void masksWholePicturesLikeTheOriginal() throws IOException {
    Landmarks face = Golden.contents("dst/00017_0").face().landmarks();
    assertClose("eyes/dst_00017_0", FaceMasks.eyes(face, 256, 256).values());
    assertClose("mouth/dst_00017_0", FaceMasks.mouth(face, 256, 256).values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0", "0.5", "1.5"})
  void movesBrowsAsAsked(String mod) throws IOException {
    Landmarks face = Golden.contents("dst/00013_0").face().landmarks();
    assertSamePixels(
        "hull_bits_mod" + mod + "/dst_00013_0",
        FaceMasks.hull(face, Double.parseDouble(mod), 256, 256));
  }

  @Test
  void scalesElementAndBlurWithTheHeight() throws IOException {
    Landmarks face =
        Golden.contents("dst/00013_0").face().landmarks().mapped(new Affine(3, 0, 0, 0, 3, 0));
    assertSamePixels("hull_bits_768/dst_00013_0", FaceMasks.hull(face, 1, 768, 768));
    assertClose("eyes_768_every8/dst_00013_0", Golden.every(FaceMasks.eyes(face, 768, 768), 8));
    assertClose("mouth_768_every8/dst_00013_0", Golden.every(FaceMasks.mouth(face, 768, 768), 8));
  }

  @Test
  void cutsWhatLiesOutsideThePicture() throws IOException {
    Landmarks face = new Landmarks(golden.tensor("landmarks_offimage").doubles());
    assertSamePixels("hull_bits_offimage", FaceMasks.hull(face, 1, 256, 256));
    assertClose("eyes_offimage_every4", Golden.every(FaceMasks.eyes(face, 256, 256), 4));
    assertClose("mouth_offimage_every4", Golden.every(FaceMasks.mouth(face, 256, 256), 4));
  }

  @Test
  void masksNothingWhereTheFaceIsOutside() throws IOException {
    Landmarks face =
        Golden.contents("dst/00013_0").face().landmarks().mapped(new Affine(1, 0, 900, 0, 1, 0));
    assertEquals(0, sum(FaceMasks.hull(face, 1, 256, 256)));
    assertEquals(0, sum(FaceMasks.eyes(face, 256, 256)));
  }

  @Test
  void movesBrowsByWholePixels() throws IOException {
    long[] expected = golden.tensor("expand_eyebrows_mod1").longs();
    for (int i = 0; i < Golden.FACES.length; i++) {
      int[] actual = FaceMasks.expandBrows(Golden.contents(Golden.FACES[i]).face().landmarks(), 1);
      assertArrayEquals(
          Arrays.copyOfRange(expected, i * 136, i * 136 + 136),
          Arrays.stream(actual).asLongStream().toArray(),
          Golden.FACES[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/00000_0", "src/00005_0", "dst/00013_0"})
  void prefersAnAppliedMaskOfAnySize(String name) throws IOException {
    AlignedFace face = Golden.contents(name).face();
    String key = name.replace('/', '_');
    float[] decoded = golden.tensor("xseg_decoded/" + key).floats();
    for (int i = 0; i < decoded.length; i++) {
      decoded[i] /= 255f;
    }
    assertArrayEquals(decoded, FaceMasks.full(face, 256, 256).values());
    assertClose("xseg_to320_every4/" + key, Golden.every(FaceMasks.full(face, 320, 320), 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/00000_0", "src/00002_0"})
  void joinsEyesAndMouthInsideTheFace(String name) throws IOException {
    AlignedFace face = Golden.contents(name).face();
    String key = name.replace('/', '_');
    Raster full = FaceMasks.full(face, 256, 256);
    assertClose("em_full_face_every2/" + key, Golden.every(full, 2));
    Raster em = FaceMasks.eyesAndMouth(face.landmarks(), full);
    float max = 0;
    for (float v : em.values()) {
      max = Math.max(max, v);
    }
    for (int i = 0; i < em.values().length; i++) {
      em.values()[i] /= max; // the sampler does, after its geometry
    }
    assertClose("em_eyes_mouth_every2/" + key, Golden.every(em, 2));
  }

  @Test
  void codesEyesAndLipsLikeMve() throws IOException {
    try (SafetensorsFile mve = Golden.open("masks_mve")) {
      for (String name : Golden.FACES) {
        Landmarks face = Golden.contents(name).face().landmarks();
        String key = "mouth_every4/" + name.replace('/', '_');
        float[] lips = Golden.every(FaceMasks.lips(face, 256, 256), 4);
        Golden.assertClose(key, mve.tensor(key).floats(), lips, CODED);
      }
      for (String name : new String[] {"src/00000_0", "src/00002_0", "dst/00013_0"}) {
        AlignedFace face = Golden.contents(name).face();
        String key = "em_full_face_eyes_every2/" + name.replace('/', '_');
        Raster full = FaceMasks.full(face, 256, 256);
        float[] coded = Golden.every(FaceMasks.coded(face.landmarks(), full), 2);
        Golden.assertClose(key, mve.tensor(key).floats(), coded, CODED);
        float[] eyes = Golden.every(FaceMasks.eyes(face.landmarks(), 256, 256), 2);
        for (int i = 0; i < eyes.length; i++) {
          eyes[i] += eyes[i] > 0.1f ? 1 : 0; // not cut by the face
        }
        key = "em_eyes_every2/" + name.replace('/', '_');
        Golden.assertClose(key, mve.tensor(key).floats(), eyes, CODED);
      }
    }
  }

  private void assertClose(String tensor, float[] actual) throws IOException {
    Golden.assertClose(tensor, golden.tensor(tensor).floats(), actual, F32_SUMS);
  }

  private void assertSamePixels(String tensor, Raster actual) throws IOException {
    SafetensorsTensor bits = golden.tensor(tensor);
    assertEquals(bits.size() * 8, actual.values().length, tensor);
    for (int i = 0; i < actual.values().length; i++) {
      long bit = bits.longAt(i / 8) >> (7 - i % 8) & 1;
      assertEquals((float) bit, actual.values()[i], tensor + " pixel " + i);
    }
  }

  private static double sum(Raster raster) {
    double sum = 0;
    for (float v : raster.values()) {
      sum += v;
    }
    return sum;
  }
}
