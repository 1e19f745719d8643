package org.likeness.faceset;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_imgproc.CLAHE;

/**
 * MVE's fs-aug and cc-aug on a picture of bytes (spec data.md 7.3): local contrast, LAB jitter, and
 * for cc-aug brightness, contrast and colour.
 */
final class ColourAugmentation {
  private static final double CLIP_LIMIT = 2;

  /**
   * What is drawn. {@code tiles} a side for CLAHE, 0 for none; {@code lab} adjustments in -1..1;
   * {@code uniform} // (3) in 0..1 for brightness, contrast and colour, null for fs-aug.
   */
  record Draws(int tiles, double[] lab, double[] uniform) {
    private static final double FS_LIGHTNESS = 0.30;
    private static final double FS_COLOUR = 0.08;
    private static final double CC_LIGHTNESS = 0.45;
    private static final double CC_COLOUR = 0.20;

    /** Of one generator for each step; the original gave all of them the sample's seed. */
    static Draws of(Mt19937 clahe, Mt19937 jitter, double[] uniform) {
      int tiles = clahe.nextDouble() > 0.5 ? 0 : 1 + (int) (clahe.nextDouble() * 4 * 0.5);
      double lightness = uniform == null ? FS_LIGHTNESS : CC_LIGHTNESS;
      double colour = uniform == null ? FS_COLOUR : CC_COLOUR;
      double[] lab = {
        jitter.nextDouble() * 2 * lightness - lightness,
        jitter.nextDouble() * 2 * colour - colour,
        jitter.nextDouble() * 2 * colour - colour
      };
      return new Draws(tiles, lab, uniform);
    }
  }

  private ColourAugmentation() {}

  static void apply(float[] image, Draws draws, Canvas canvas) {
    Mat picture = canvas.bytes(image);
    if (draws.tiles > 0) {
      equalise(picture, draws.tiles);
    }
    Mat lab = canvas.scratch();
    opencv_imgproc.cvtColor(picture, lab, opencv_imgproc.COLOR_BGR2Lab);
    byte[] pixels = new byte[image.length];
    BytePointer data = lab.data();
    data.get(pixels);
    byte[][] tables = new byte[3][];
    for (int c = 0; c < 3; c++) {
      tables[c] = jitter(draws.lab[c]);
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = tables[i % 3][pixels[i] & 0xff];
    }
    data.put(pixels);
    opencv_imgproc.cvtColor(lab, picture, opencv_imgproc.COLOR_Lab2BGR);
    if (draws.uniform != null) {
      picture.data().get(pixels);
      contrast(pixels, draws.uniform);
      picture.data().put(pixels);
    }
    canvas.read(picture, image);
  }

  private static void equalise(Mat picture, int tiles) {
    try (MatVector channels = new MatVector(3);
        Size grid = new Size(tiles, tiles);
        CLAHE clahe = opencv_imgproc.createCLAHE(CLIP_LIMIT, grid)) {
      opencv_core.split(picture, channels);
      for (int c = 0; c < 3; c++) {
        Mat channel = channels.get(c);
        clahe.apply(channel, channel);
      }
      opencv_core.merge(channels, picture);
    }
  }

  /** Towards 1 or 0 by a share of the way. */
  private static byte[] jitter(double share) {
    byte[] table = new byte[256];
    for (int i = 0; i < table.length; i++) {
      double v = i / 255.0;
      table[i] = (byte) (int) ((share >= 0 ? v + (1 - v) * share : v * (1 + share)) * 255);
    }
    return table;
  }

  private static void contrast(byte[] pixels, double[] uniform) {
    double brightness = 0.7 + 0.4 * uniform[0];
    double contrast = 0.7 + 0.4 * uniform[1];
    double colour = 0.6 + 0.6 * uniform[2];
    double[] mean = new double[3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = limited((pixels[i] & 0xff) * brightness);
      mean[i % 3] += (pixels[i] & 0xff) / (pixels.length / 3.0);
    }
    for (int i = 0; i < pixels.length; i++) {
      double m = mean[i % 3];
      byte contrasted = limited(((pixels[i] & 0xff) - m) * contrast + m);
      pixels[i] = limited((contrasted & 0xff) * colour);
    }
  }

  private static byte limited(double v) {
    return (byte) (int) Math.clamp(v, 0.0, 255.0);
  }
}
