package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.format.SafetensorsFile;

class WarpTest {
  private static final double F32_SUMS = 3e-7;

  private SafetensorsFile golden;

  @BeforeEach
  void open() throws IOException {
    golden = Golden.open("warp");
  }

  @AfterEach
  void close() {
    golden.close();
  }

  static SampleSettings settings(int resolution) {
    return new SampleSettings(resolution, FaceType.WHOLE_FACE, true, true, Dialect.OG, false);
  }

  @ParameterizedTest
  @CsvSource({"5,64,2", "6,128,2", "7,416,8", "8,96,2", "9,48,2", "11,128,2"})
  void drawsTheOriginalsGeometry(int seed, int resolution, int step) throws IOException {
    Warp warp = Warp.draw(seed, settings(resolution));
    String key = "seed" + seed + "_w" + resolution + "/";
    float[] expected = golden.tensor(key + "mapx_every" + step).floats();
    Raster map = new Raster(warp.size(), warp.size(), 1, warp.mapX());
    Golden.assertClose(key, expected, Golden.every(map, step), Math.ulp((float) warp.size()));
    assertTransform(golden.tensor(key + "rmat").doubles(), warp.transform());
    assertEquals(golden.tensor(key + "flip").longAt(0) == 1, warp.flip());
  }

  private static void assertTransform(double[] expected, Affine m) {
    double[] actual = {m.m00(), m.m01(), m.m02(), m.m10(), m.m11(), m.m12()};
    for (int i = 0; i < 6; i++) {
      assertEquals(expected[i], actual[i], 1e-12);
    }
  }

  @Test
  void enlargesSmallPicturesBeforeItWarpsThem() throws IOException {
    Raster in = new Raster(48, 48, 3, golden.tensor("small48/in").floats());
    float[] out = warped(in, Warp.draw(9, settings(48)), 48);
    float[] expected = golden.tensor("small48/out").floats(); // not clipped
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.clamp(expected[i], 0f, 1f);
    }
    Golden.assertClose("small48", expected, out, F32_SUMS);
  }

  @Test
  void readsZerosBeyondTheEdgeWhereTheOriginalDoes() throws IOException {
    float[] ones = new float[64 * 64 * 3];
    Arrays.fill(ones, 1);
    float[] mapX = golden.tensor("ones64/mapx").floats();
    double[] m = golden.tensor("ones64/rmat").doubles();
    Affine transform = new Affine(m[0], m[1], m[2], m[3], m[4], m[5]);
    Raster in = new Raster(64, 64, 3, ones);
    Affine none = new Affine(1, 0, 0, 0, 1, 0);
    assertFirstChannel("ones64/warp_only", warped(in, new Warp(64, mapX, none, false), 64));
    assertFirstChannel(
        "ones64/warp_transform", warped(in, new Warp(64, mapX, transform, false), 64));
  }

  private void assertFirstChannel(String tensor, float[] actual) throws IOException {
    float[] expected = golden.tensor(tensor).floats();
    float[] first = new float[expected.length];
    for (int i = 0; i < first.length; i++) {
      expected[i] = Math.clamp(expected[i], 0f, 1f);
      first[i] = actual[3 * i];
    }
    Golden.assertClose(tensor, expected, first, F32_SUMS);
  }

  private static float[] warped(Raster in, Warp warp, int resolution) {
    PreparedFace face = new PreparedFace(in, Raster.empty(resolution, resolution, 1), null);
    try (Arena arena = Arena.ofConfined()) {
      SampleBuffers buffers = SampleBuffers.allocate(arena, 1, settings(resolution));
      new Augmenter(settings(resolution))
          .augment(face, warp, new SampleDraws(0, 0, null), buffers, 0);
      return buffers.warped().toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
