package org.likeness.faceset;

import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.likeness.format.FormatException;

/**
 * A made-up face, prepared to see how: its bits change with whatever makes other pixels, so that
 * faces which another version or machine prepared are never taken for what this one would.
 */
final class PreparationProbe {
  private static final int SIDE = 96;

  /**
   * Jaw, brows, bridge, nostrils, eyes and lips, roughly where they belong: points on a part of an
   * ellipse, their number, its centre, half axes, and angles in degrees, clockwise from the right.
   */
  private static final int[][] ARCS = {
    {17, 48, 44, 34, 42, 180, 0},
    {5, 31, 36, 10, 5, 190, 340},
    {5, 65, 35, 10, 5, 200, 350},
    {4, 48, 47, 1, 9, 270, 450},
    {5, 48, 58, 7, 3, 170, 10},
    {6, 32, 43, 6, 3, 180, 480},
    {6, 64, 42, 6, 3, 180, 480},
    {12, 48, 70, 13, 6, 180, 510},
    {8, 48, 70, 10, 3, 180, 495}
  };

  private PreparationProbe() {}

  /** The bits of {@link #faces}. */
  static long of(Preparation preparation) {
    long bits = 1;
    for (PreparedFace face : faces(preparation)) {
      bits = bits(bits, face);
    }
    return bits;
  }

  /** As prepared: of the type that is asked for with a hull, and of another with XSeg's mask. */
  static List<PreparedFace> faces(Preparation preparation) {
    SampleSettings settings = preparation.settings();
    FaceType other = settings.faceType() == FaceType.HEAD ? FaceType.FULL : FaceType.HEAD;
    byte[] jpg = encoded(".jpg", pixels(SIDE, 3), SIDE, opencv_core.CV_8UC3);
    byte[] mask = encoded(".png", pixels(SIDE / 2, 1), SIDE / 2, opencv_core.CV_8UC1);
    try {
      return List.of(
          preparation.prepare(jpg, face(settings.faceType(), null)),
          preparation.prepare(jpg, face(other, mask)));
    } catch (FormatException e) {
      throw new IllegalStateException("OpenCV cannot read what it wrote", e);
    }
  }

  private static long bits(long seed, PreparedFace face) {
    long bits = StoredFace.checksum(seed, face.image().values());
    bits = StoredFace.checksum(bits, face.mask().values());
    return face.em() == null ? bits : StoredFace.checksum(bits, face.em().values());
  }

  private static AlignedFace face(FaceType type, byte[] mask) {
    Landmarks points = new Landmarks(landmarks());
    return new AlignedFace(
        type, points, mask == null ? 1.5 : 1, mask, List.of(), SourceFrame.UNKNOWN);
  }

  private static double[] landmarks() {
    double[] xy = new double[2 * Landmarks.COUNT];
    int at = 0;
    for (int[] arc : ARCS) {
      for (int i = 0; i < arc[0]; i++) {
        double angle = StrictMath.toRadians(arc[5] + (arc[6] - arc[5]) * i / (arc[0] - 1.0));
        xy[at++] = arc[1] + arc[3] * StrictMath.cos(angle);
        xy[at++] = arc[2] + arc[4] * StrictMath.sin(angle);
      }
    }
    return xy;
  }

  /** Soft waves with an edge in them. */
  private static byte[] pixels(int side, int channels) {
    byte[] pixels = new byte[side * side * channels];
    for (int i = 0; i < pixels.length; i++) {
      int x = i / channels % side;
      int y = i / channels / side;
      int wave = (x * x + (3 + i % channels) * x * y + y * y) / 16 % 200;
      pixels[i] = (byte) (x > y ? wave + 55 : 255 - wave);
    }
    return pixels;
  }

  private static byte[] encoded(String suffix, byte[] pixels, int side, int type) {
    try (BytePointer data = new BytePointer(pixels);
        Mat picture = new Mat(side, side, type, data, Mat.AUTO_STEP);
        BytePointer file = new BytePointer()) {
      if (!opencv_imgcodecs.imencode(suffix, picture, file)) {
        throw new IllegalStateException("OpenCV cannot write a " + suffix);
      }
      byte[] bytes = new byte[(int) file.limit()];
      file.get(bytes);
      return bytes;
    }
  }
}
