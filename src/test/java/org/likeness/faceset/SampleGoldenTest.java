package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.format.SafetensorsFile;

/** Whole samples at 128 px, from the JPG to the four outputs, as the original made them. */
class SampleGoldenTest {
  private static final int R = 128;
  private static final double IMAGE = 5e-7; // three resamplings in f32: 4 ulp of 1
  private static final double MASK = 0;
  private static final double EM = 3e-7; // a blur in f32

  @Test
  void decodesLikeTheOriginal() throws IOException {
    try (SafetensorsFile golden = Golden.open("samples_og")) {
      byte[] expected = golden.tensor("image/src_00001_0").data().toArray(ValueLayout.JAVA_BYTE);
      byte[] jpg = AlignedJpg.bytes(TestFaces.path("src/00001_0.jpg"));
      assertArrayEquals(expected, OpenCv.decodeColour(jpg).bytes());
    }
  }

  // case4's input is HSV shifted, which is another option; its other outputs are not
  @ParameterizedTest
  @CsvSource({
    "case0,src/00001_0,WHOLE_FACE,true,1872583848,false",
    "case1,src/00001_0,FULL,true,1791095845,true",
    "case2,dst/00013_0,WHOLE_FACE,true,1791095845,true",
    "case3,src/00004_0,FULL,true,1872583848,false",
    "case4,dst/00013_0,FULL,false,1872583848,false",
    "case5,dst/00010_0,WHOLE_FACE,false,1791095845,true"
  })
  void samplesLikeTheOriginal(
      String name, String file, FaceType type, boolean warped, int seed, boolean flip)
      throws IOException {
    SampleSettings settings = new SampleSettings(R, type, warped, flip, Dialect.OG, true);
    Face face =
        new Face(
            file,
            Golden.contents(file).face(),
            256,
            256,
            Face.Place.file(TestFaces.path(file + ".jpg")));
    Warp warp = Warp.draw(seed, settings);
    assertEquals(flip, warp.flip());
    try (Arena arena = Arena.ofConfined();
        SafetensorsFile golden = Golden.open("samples_og")) {
      SampleBuffers lent = SampleBuffers.allocate(arena, 2, settings);
      new Augmenter(R, R).augment(PreparedFace.of(face, settings), warp, lent, 1);
      if (golden.tensors().containsKey(name + "/warped")) {
        check(golden, name + "/warped", lent.warped(), IMAGE);
      } else {
        assertEquals("case4", name);
      }
      check(golden, name + "/target", lent.target(), IMAGE);
      check(golden, name + "/mask", lent.mask(), MASK);
      check(golden, name + "/em", lent.em(), EM);
    }
  }

  /** The golden tensors are channels first; ours is slot 1 of 2. */
  private static void check(
      SafetensorsFile golden, String tensor, MemorySegment batch, double tolerance)
      throws IOException {
    float[] expected = golden.tensor(tensor).floats();
    int channels = expected.length / (R * R);
    float[] both = batch.toArray(ValueLayout.JAVA_FLOAT);
    float[] actual = new float[expected.length];
    for (int i = 0; i < R * R; i++) {
      for (int c = 0; c < channels; c++) {
        actual[c * R * R + i] = both[R * R * channels + i * channels + c];
      }
    }
    Golden.assertClose(tensor, expected, actual, tolerance);
  }
}
