package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.likeness.format.FormatException;
import org.likeness.format.SafetensorsFile;

class FaceFitTest {
  // the original rounds three corners of the crop to f32 before it solves for the matrix
  private static final double F32_CORNERS = 1.2e-4; // pixels, on the landmarks

  @Test
  void cropsLikeTheOriginal() throws IOException {
    try (SafetensorsFile golden = Golden.open("geometry")) {
      checkCrops(golden, "landmarks", "mat_aligned");
      checkCrops(golden, "source_landmarks", "mat_source");
      double[] points = golden.tensor("source_landmarks").doubles();
      double[] scaled = golden.tensor("mat_source_wf_scale1.25").doubles();
      for (int i = 0; i < Golden.FACES.length; i++) {
        Landmarks face = Golden.landmarks(points, i);
        Affine crop = FaceFit.of(face).crop(face, FaceType.WHOLE_FACE, 256, 1.25);
        assertSameOnLandmarks("scaled " + i, face, affine(scaled, i), crop);
      }
    }
  }

  private static void checkCrops(SafetensorsFile golden, String landmarks, String matrices)
      throws IOException {
    double[] points = golden.tensor(landmarks).doubles();
    double[] expected = golden.tensor(matrices).doubles(); // (face, type, size, 2, 3)
    long[] types = golden.tensor("type_ids").longs();
    long[] sizes = golden.tensor("sizes").longs();
    assertEquals(7, types.length);
    int at = 0;
    for (int i = 0; i < Golden.FACES.length; i++) {
      Landmarks face = Golden.landmarks(points, i);
      for (long id : types) {
        for (long size : sizes) {
          FaceType type = FaceType.ofId(id).orElseThrow();
          Affine crop = FaceFit.of(face).crop(face, type, (int) size, 1);
          assertSameOnLandmarks(
              matrices + " " + Golden.FACES[i] + " " + type + " " + size,
              face,
              affine(expected, at++),
              crop);
        }
      }
    }
  }

  private static Affine affine(double[] m, int i) {
    return new Affine(
        m[6 * i], m[6 * i + 1], m[6 * i + 2], m[6 * i + 3], m[6 * i + 4], m[6 * i + 5]);
  }

  private static void assertSameOnLandmarks(
      String what, Landmarks face, Affine expected, Affine actual) {
    for (int i = 0; i < Landmarks.COUNT; i++) {
      double x = face.x(i);
      double y = face.y(i);
      double error =
          Math.hypot(expected.x(x, y) - actual.x(x, y), expected.y(x, y) - actual.y(x, y));
      assertTrue(error <= F32_CORNERS, () -> what + ": " + error + " px off");
    }
  }

  @Test
  void fitsAndMeasuresYawLikeTheOriginal() throws IOException {
    try (SafetensorsFile golden = Golden.open("geometry")) {
      double[] points = golden.tensor("source_landmarks").doubles();
      double[] expected = golden.tensor("umeyama").doubles();
      double[] yaws = golden.tensor("averaged_yaw_in_umeyama_space").doubles();
      for (int i = 0; i < Golden.FACES.length; i++) {
        Landmarks face = Golden.landmarks(points, i);
        FaceFit fit = FaceFit.of(face);
        Affine u = fit.toUnitSquare();
        double[] actual = {u.m00(), u.m01(), u.m02(), u.m10(), u.m11(), u.m12()};
        // unit square of ~250 px: 1e-9 is 3e-7 px
        assertArrayEquals(Arrays.copyOfRange(expected, 6 * i, 6 * i + 6), actual, 1e-9);
        assertEquals(yaws[i], fit.averagedYaw(face), 1e-6); // the original's points are f32
      }
    }
  }

  @Test
  void refusesPointsThatAreNoFace() {
    double[] line = new double[136];
    for (int i = 0; i < 68; i++) {
      line[2 * i] = i * 7919 % 64;
      line[2 * i + 1] = i * 104729 % 61;
    }
    String message =
        assertThrows(FormatException.class, () -> FaceFit.requireFace(new Landmarks(line)))
            .getMessage();
    assertEquals("has landmarks that do not form a face", message);
  }

  @Test
  void hasNoCropWithoutGeometry() throws IOException {
    Landmarks face = Golden.contents("src/00000_0").face().landmarks();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> FaceFit.of(face).crop(face, FaceType.CUSTOM, 64, 1))
            .getMessage();
    assertEquals("face type mve_custom has no crop to compute", message);
  }
}
