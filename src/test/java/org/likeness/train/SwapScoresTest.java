package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwapScoresTest {
  private static final int SIDE = 16;

  private static float[] grey(double level, int channels) {
    float[] image = new float[SIDE * SIDE * channels];
    Arrays.fill(image, (float) level);
    return image;
  }

  @Test
  void everyRivalIsMeasuredAgainstTheTruth() {
    SwapScores.Src far = new SwapScores.Src(grey(0.1, 3), new double[] {9, 9});
    SwapScores.Src near = new SwapScores.Src(grey(0.3, 3), new double[] {2, 1});
    SwapScores.Dst dst =
        new SwapScores.Dst(
            grey(1, 3), new double[] {1, 1}, grey(0.49, 3), grey(0.5, 3), grey(1, 1));
    SwapScores scores = SwapScores.of(List.of(far, near), List.of(dst, dst), SIDE);
    assertEquals(-20 * Math.log10(0.01), scores.swap().psnr(), 1e-3); // f32 rounding of 0.49
    assertEquals(-20 * Math.log10(0.5), scores.dst().psnr(), 1e-4);
    assertEquals(-20 * Math.log10(0.3), scores.meanSrc().psnr(), 1e-4);
    assertEquals(-20 * Math.log10(0.2), scores.nearestSrc().psnr(), 1e-4);
    double luminance = (2 * 0.5 * 0.3 + 1e-4) / (0.25 + 0.09 + 1e-4); // flat: no variance
    assertEquals(luminance, scores.nearestSrc().ssim(), 1e-6);
  }
}
