package org.likeness.train;

import java.util.ArrayList;
import java.util.List;

/**
 * How good a swap is beside three ways of not swapping at all, each compared with the true answer
 * inside the true mask, as means over the faces.
 *
 * @param swap what the model makes
 * @param dst the dst face as it is
 * @param meanSrc the mean of all src faces
 * @param nearestSrc the src face whose landmarks lie nearest
 */
public record SwapScores(Score swap, Score dst, Score meanSrc, Score nearestSrc) {
  /** PSNR in decibels and SSIM, both inside the mask. */
  public record Score(double psnr, double ssim) {
    private static Score mean(List<FaceQuality> faces) {
      FaceQuality mean = FaceQuality.mean(faces);
      return new Score(mean.psnr(), mean.ssim());
    }
  }

  /**
   * A src face.
   *
   * @param image (side, side, 3)
   * @param landmarks x and y of each, in the image's pixels
   */
  record Src(float[] image, double[] landmarks) {}

  /**
   * A dst face with its true answer.
   *
   * @param image (side, side, 3)
   * @param landmarks x and y of each, in the image's pixels
   * @param swapped (side, side, 3), by the model
   * @param truth (side, side, 3), the src person in dst's pose, expression and light
   * @param mask (side, side, 1) of the true face
   */
  record Dst(float[] image, double[] landmarks, float[] swapped, float[] truth, float[] mask) {}

  /** Scores faces of {@code side × side} pixels. */
  static SwapScores of(List<Src> srcs, List<Dst> dsts, int side) {
    float[] mean = mean(srcs);
    List<FaceQuality> swap = new ArrayList<>();
    List<FaceQuality> same = new ArrayList<>();
    List<FaceQuality> average = new ArrayList<>();
    List<FaceQuality> nearest = new ArrayList<>();
    for (Dst dst : dsts) {
      swap.add(FaceQuality.of(dst.swapped(), dst.truth(), dst.mask(), side));
      same.add(FaceQuality.of(dst.image(), dst.truth(), dst.mask(), side));
      average.add(FaceQuality.of(mean, dst.truth(), dst.mask(), side));
      float[] near = nearest(srcs, dst.landmarks()).image();
      nearest.add(FaceQuality.of(near, dst.truth(), dst.mask(), side));
    }
    return new SwapScores(
        Score.mean(swap), Score.mean(same), Score.mean(average), Score.mean(nearest));
  }

  private static float[] mean(List<Src> srcs) {
    float[] mean = new float[srcs.getFirst().image().length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (Src src : srcs) {
        sum += src.image()[i];
      }
      mean[i] = (float) (sum / srcs.size());
    }
    return mean;
  }

  private static Src nearest(List<Src> srcs, double[] landmarks) {
    Src nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (Src src : srcs) {
      double distance = 0;
      for (int i = 0; i < landmarks.length; i++) {
        double d = src.landmarks()[i] - landmarks[i];
        distance += d * d;
      }
      if (distance < least) {
        least = distance;
        nearest = src;
      }
    }
    return nearest;
  }
}
