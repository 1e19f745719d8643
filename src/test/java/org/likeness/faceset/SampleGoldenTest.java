package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.format.SafetensorsFile;

/** Whole samples at 128 px, from the JPG to the four outputs, as the original made them. */
class SampleGoldenTest {
  private static final int R = 128;
  private static final double IMAGE = 3e-7; // three resamplings in f32
  private static final double MASK = 0;
  private static final double EM = 3e-7; // a blur in f32
  private static final double EM_CODED = 5e-7; // values up to 3

  @Test
  void decodesLikeTheOriginal() throws IOException {
    try (SafetensorsFile golden = Golden.open("samples_og")) {
      byte[] expected = golden.tensor("image/src_00001_0").data().toArray(ValueLayout.JAVA_BYTE);
      byte[] jpg = AlignedJpg.bytes(TestFaces.path("src/00001_0.jpg"));
      assertArrayEquals(expected, OpenCv.decodeColour(jpg).bytes());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "og,case0,src/00001_0,WHOLE_FACE,true,1872583848,false,0",
    "og,case1,src/00001_0,FULL,true,1791095845,true,0",
    "og,case2,dst/00013_0,WHOLE_FACE,true,1791095845,true,0",
    "og,case3,src/00004_0,FULL,true,1872583848,false,0",
    "og,case4,dst/00013_0,FULL,false,1872583848,false,0.1",
    "og,case5,dst/00010_0,WHOLE_FACE,false,1791095845,true,0",
    "mve,case0,src/00001_0,WHOLE_FACE,true,1872583848,false,0",
    "mve,case1,dst/00013_0,WHOLE_FACE,true,1791095845,true,0",
    "mve,case2,dst/00013_0,FULL,true,2005877882,false,0.1"
  })
  void samplesLikeTheOriginal(
      String fork,
      String name,
      String file,
      FaceType type,
      boolean warped,
      int seed,
      boolean flip,
      double hsv)
      throws IOException {
    Dialect dialect = Dialect.valueOf(fork.toUpperCase(Locale.ROOT));
    boolean shadow = dialect == Dialect.MVE && hsv > 0; // as the case was made
    Photometry photometry =
        new Photometry(hsv, ColourTransfer.NONE, shadow ? Set.of(Distortion.SHADOW) : Set.of());
    SampleSettings settings =
        new SampleSettings(R, type, warped, true, dialect, true).with(photometry);
    Face face =
        new Face(
            file,
            Golden.contents(file).face(),
            256,
            256,
            Face.Place.file(TestFaces.path(file + ".jpg")),
            "");
    Warp warp = Warp.draw(seed, settings);
    assertEquals(flip, warp.flip());
    try (Arena arena = Arena.ofConfined();
        SafetensorsFile golden = Golden.open("samples_" + fork)) {
      SampleBuffers lent = SampleBuffers.allocate(arena, 2, settings);
      SampleDraws draws = new SampleDraws(seed, 0, null);
      new Augmenter(settings).augment(PreparedFace.of(face, settings), warp, draws, lent, 1);
      check(golden, name + "/warped", lent.warped(), IMAGE);
      if (shadow) { // the case changed its input only
        SampleSettings plain = settings.with(Photometry.NONE);
        new Augmenter(plain).augment(PreparedFace.of(face, plain), warp, draws, lent, 1);
      }
      check(golden, name + "/target", lent.target(), IMAGE);
      check(golden, name + "/mask", lent.mask(), MASK);
      check(golden, name + "/em", lent.em(), dialect == Dialect.OG ? EM : EM_CODED);
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
