package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaceQualityTest {
  private static final int SIDE = 24;

  /** 0.5 + a·sin: smooth, different in every channel. */
  private static float[] wave(double amplitude, double phase) {
    float[] image = new float[SIDE * SIDE * 3];
    for (int i = 0; i < image.length; i++) {
      int pixel = i / 3;
      double x = pixel % SIDE;
      double y = pixel / SIDE;
      image[i] = (float) (0.5 + amplitude * Math.sin(0.31 * x + 0.17 * y + i % 3 + phase));
    }
    return image;
  }

  private static float[] disc() {
    float[] mask = new float[SIDE * SIDE];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = Math.hypot(i % SIDE - 11.5, i / SIDE - 11.5) < 9 ? 1 : 0;
    }
    return mask;
  }

  @Test
  void equalFacesAreInfinitelyGood() {
    FaceQuality quality = FaceQuality.of(wave(0.4, 0), wave(0.4, 0), disc(), SIDE);
    assertEquals(Double.POSITIVE_INFINITY, quality.psnr());
    assertEquals(1, quality.ssim(), 1e-12);
  }

  @Test
  void aConstantErrorHasItsKnownPsnr() {
    float[] truth = wave(0.3, 0);
    float[] face = truth.clone();
    for (int i = 0; i < face.length; i++) {
      face[i] += 0.1f;
    }
    assertEquals(20, FaceQuality.of(face, truth, disc(), SIDE).psnr(), 1e-5); // f32 rounding
  }

  @Test
  void whatLiesOutsideTheMaskDoesNotCountForPsnr() {
    float[] truth = wave(0.3, 0);
    float[] face = truth.clone();
    float[] mask = disc();
    for (int i = 0; i < face.length; i++) {
      face[i] = mask[i / 3] > 0.5 ? face[i] + 0.01f : 1;
    }
    assertEquals(40, FaceQuality.of(face, truth, mask, SIDE).psnr(), 1e-3);
  }

  /** The definition, window by window, without any of the shortcuts. */
  @Test
  void ssimIsTheOneOfThePaper() {
    float[] face = wave(0.35, 0.2);
    float[] truth = wave(0.4, 0);
    float[] mask = disc();
    double sum = 0;
    int n = 0;
    for (int y = 5; y < SIDE - 5; y++) {
      for (int x = 5; x < SIDE - 5; x++) {
        for (int c = 0; c < 3 && mask[y * SIDE + x] > 0.5; c++) {
          sum += ssimAt(face, truth, x, y, c);
          n++;
        }
      }
    }
    assertEquals(sum / n, FaceQuality.of(face, truth, mask, SIDE).ssim(), 1e-10);
  }

  private static double ssimAt(float[] face, float[] truth, int x, int y, int c) {
    double weights = 0;
    double mf = 0;
    double mt = 0;
    for (int i = 0; i < 121; i++) {
      double w = weight(i);
      int at = 3 * ((y + i / 11 - 5) * SIDE + x + i % 11 - 5) + c;
      weights += w;
      mf += w * face[at];
      mt += w * truth[at];
    }
    mf /= weights;
    mt /= weights;
    double vf = 0;
    double vt = 0;
    double cov = 0;
    for (int i = 0; i < 121; i++) {
      double w = weight(i) / weights;
      int at = 3 * ((y + i / 11 - 5) * SIDE + x + i % 11 - 5) + c;
      vf += w * (face[at] - mf) * (face[at] - mf);
      vt += w * (truth[at] - mt) * (truth[at] - mt);
      cov += w * (face[at] - mf) * (truth[at] - mt);
    }
    return (2 * mf * mt + 1e-4)
        * (2 * cov + 9e-4)
        / ((mf * mf + mt * mt + 1e-4) * (vf + vt + 9e-4));
  }

  private static double weight(int i) {
    double dx = i % 11 - 5;
    double dy = i / 11 - 5;
    return Math.exp(-(dx * dx + dy * dy) / 4.5);
  }

  @Test
  void meansAreOverFaces() {
    assertEquals(
        new FaceQuality(25, 0.75),
        FaceQuality.mean(List.of(new FaceQuality(20, 0.5), new FaceQuality(30, 1))));
  }

  @Test
  void refusesAnEmptyMaskAndWrongSizes() {
    float[] face = wave(0.1, 0);
    float[] empty = new float[SIDE * SIDE];
    assertEquals(
        "the mask is empty",
        assertThrows(IllegalArgumentException.class, () -> FaceQuality.of(face, face, empty, SIDE))
            .getMessage());
    assertEquals(
        "faces of side 24 have 1728 values and masks 576, not 1728, 9 and 576",
        assertThrows(
                IllegalArgumentException.class,
                () -> FaceQuality.of(face, Arrays.copyOf(face, 9), empty, SIDE))
            .getMessage());
  }
}
