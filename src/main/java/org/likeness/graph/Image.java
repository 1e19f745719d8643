package org.likeness.graph;

import java.util.List;

/** Filters and similarity measures over images (n,h,w,c), each channel by itself. */
public sealed interface Image extends Op {
  /**
   * Separable Gaussian blur with zeros outside (spec model.md 4.1); symmetric, so it is its own
   * gradient.
   *
   * @param taps odd side of the kernel
   */
  record GaussianBlur(double sigma, int taps) implements Image {
    /** Checks the attributes. */
    public GaussianBlur {
      if (taps < 1 || taps % 2 == 0 || !(sigma > 0)) {
        throw new IllegalArgumentException(
            "gaussianBlur: sigma " + sigma + " must be positive and taps " + taps + " odd");
      }
    }

    /** Returns the blur that DeepFaceLab makes for a sigma: side max(3, int(4 sigma)), made odd. */
    public static GaussianBlur of(double sigma) {
      int taps = Math.max(3, (int) (4 * sigma));
      return new GaussianBlur(sigma, taps % 2 == 0 ? taps + 1 : taps);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectRank(in.getFirst(), "input", 4);
      return in;
    }

    /** Returns the one-dimensional kernel, sum 1. */
    public double[] kernel() {
      return gaussian(taps, sigma, taps / 2);
    }
  }

  /**
   * Multiplies by a Gaussian about the middle of the image with sum 1 over its h w pixels (spec
   * model.md 4.4, the L1 term); its own gradient.
   */
  record CentreWeight(double sigma) implements Image {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      expectRank(in.getFirst(), "input", 4);
      return in;
    }

    /** Returns the weights along an axis of {@code side} pixels, sum 1. */
    public double[] kernel(int side) {
      return gaussian(side, sigma, (side - 1) / 2.0);
    }
  }

  /**
   * The means over space of structural similarity and of its contrast-structure factor (spec
   * model.md 4.3 and 4.4). Inputs x, y (n,h,w,c); outputs mean(l cs) and mean(cs), both (n,c), over
   * the map that a VALID filter of {@code taps} leaves.
   *
   * @param sigma of the Gaussian filter, 1.5 whatever the number of taps
   * @param c1 stabiliser of the luminance term
   * @param c2 stabiliser of the contrast term
   */
  record Ssim(int taps, double sigma, double c1, double c2) implements Image {
    /** Returns the measure with this filter side and the usual constants for values in [0,1]. */
    public static Ssim of(int taps) {
      return new Ssim(taps, 1.5, 1e-4, 9e-4);
    }

    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 2, 2);
      Shape x = in.getFirst();
      expectRank(x, "image", 4);
      expectSame(x, "image", in.get(1), "the other image");
      if (x.h() < taps || x.w() < taps) {
        throw refusal("image " + x + " is smaller than the filter of " + taps + " taps");
      }
      Shape means = Shape.of(x.n(), x.c());
      return List.of(means, means);
    }

    /** Returns the one-dimensional filter, sum 1, centred at (taps - 1) / 2. */
    public double[] kernel() {
      return gaussian(taps, sigma, (taps - 1) / 2.0);
    }
  }

  /**
   * The gradient of {@link Ssim} to its second image; swap the images for the first. Inputs x, y,
   * then the gradients of both means (n,c); output dy (n,h,w,c).
   */
  record SsimGrad(Ssim of) implements Image {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 4, 4);
      Shape means = of.infer(in.subList(0, 2)).getFirst();
      expectSame(in.get(2), "gradient of mean(l cs)", means, "its mean");
      expectSame(in.get(3), "gradient of mean(cs)", means, "its mean");
      return List.of(in.getFirst());
    }
  }

  /** (n,h,w,c) to (n,h/2,w/2,c): means of 2 x 2 blocks; h and w must be even. */
  record AveragePool2() implements Image {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 4);
      if (x.h() % 2 != 0 || x.w() % 2 != 0) {
        throw refusal("input " + x + " has an odd side");
      }
      return List.of(Shape.of(x.n(), x.h() / 2, x.w() / 2, x.c()));
    }
  }

  /** (n,h,w,c) to (n,2h,2w,c): a quarter of each value into its block; gradient of the pool. */
  record AveragePool2Grad() implements Image {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 4);
      return List.of(Shape.of(x.n(), x.h() * 2, x.w() * 2, x.c()));
    }
  }

  private static double[] gaussian(int taps, double sigma, double centre) {
    double[] kernel = new double[taps];
    double sum = 0;
    for (int i = 0; i < taps; i++) {
      double d = i - centre;
      kernel[i] = Math.exp(-d * d / (2 * sigma * sigma));
      sum += kernel[i];
    }
    for (int i = 0; i < taps; i++) {
      kernel[i] /= sum;
    }
    return kernel;
  }
}
