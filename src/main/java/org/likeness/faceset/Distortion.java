package org.likeness.faceset;

/** What MVE can do to a picture besides moving it, each by an option of its own. */
public enum Distortion {
  /** Motion or gaussian blur of the network's input ({@code random_blur}). */
  BLUR,
  /** Gaussian, Laplace or Poisson noise on the input ({@code random_noise}). */
  NOISE,
  /** Compression of the input at quality 50 to 84 ({@code random_jpeg}). */
  JPEG,
  /** Reduction of the input to 1/8 to 1/4 and back ({@code random_downsample}). */
  DOWNSAMPLE,
  /** Shadows and highlights on input and target ({@code random_shadow}). */
  SHADOW,
  /** Random colours of input and target ({@code random_color}). */
  COLOUR
}
