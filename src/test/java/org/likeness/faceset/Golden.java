package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.likeness.format.SafetensorsFile;

/** Numbers that DeepFaceLab itself produced on the faces of src/test/resources/faceset. */
final class Golden {
  /** The first axis of per-face tensors. */
  static final String[] FACES = {
    "src/00000_0",
    "src/00001_0",
    "src/00002_0",
    "src/00004_0",
    "src/00005_0",
    "src/00008_0",
    "dst/00000_0",
    "dst/00002_0",
    "dst/00003_0",
    "dst/00010_0",
    "dst/00013_0",
    "dst/00017_0"
  };

  private Golden() {}

  static SafetensorsFile open(String name) throws IOException {
    try {
      Path folder = Path.of(Golden.class.getResource("/faceset-golden").toURI());
      return SafetensorsFile.open(folder.resolve(name + ".safetensors"));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static AlignedJpg.Contents contents(String face) throws IOException {
    return AlignedJpg.contents(AlignedJpg.bytes(TestFaces.path(face + ".jpg")));
  }

  static Landmarks landmarks(double[] all, int face) {
    return new Landmarks(Arrays.copyOfRange(all, face * 136, face * 136 + 136));
  }

  /** Absolute tolerance: every value here is of order 1. */
  static void assertClose(String what, float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    double worst = 0;
    int at = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      if (!(error <= worst)) {
        worst = error;
        at = i;
      }
    }
    if (!(worst <= tolerance)) {
      fail(
          "%s[%d]: expected %.9g, is %.9g, %.2f of the tolerance"
              .formatted(what, at, expected[at], actual[at], worst / tolerance));
    }
  }

  /** Every {@code step}-th row and column of a one-channel raster. */
  static float[] every(Raster raster, int step) {
    int w = (raster.width() + step - 1) / step;
    int h = (raster.height() + step - 1) / step;
    float[] out = new float[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        out[y * w + x] = raster.values()[y * step * raster.width() + x * step];
      }
    }
    return out;
  }

  /** A picture stored as bytes, 0..1. */
  static float[] units(SafetensorsFile file, String tensor) throws IOException {
    float[] values = file.tensor(tensor).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= 255f;
    }
    return values;
  }

  /** Every second row and column of a BGR picture. */
  static float[] everySecond(float[] image, int size) {
    int half = size / 2;
    float[] out = new float[half * half * 3];
    for (int i = 0; i < out.length; i++) {
      int pixel = i / 3;
      out[i] = image[(pixel / half * 2 * size + pixel % half * 2) * 3 + i % 3];
    }
    return out;
  }
}
