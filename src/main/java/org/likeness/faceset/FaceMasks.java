package org.likeness.faceset;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;
import org.likeness.format.FormatException;

/**
 * Masks of a face at its JPG's size, one channel (spec data.md 5). Filling, dilating and blurring
 * are OpenCV's, which defines them.
 */
final class FaceMasks {
  /**
   * Parts of the face, each filled as its convex hull; their union is the mask, not the hull of
   * all.
   */
  private static final int[][] HULL_PARTS = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 17},
    {8, 9, 10, 11, 12, 13, 14, 15, 16, 26},
    {17, 18, 19, 8},
    {24, 25, 26, 8},
    {19, 20, 21, 22, 23, 24, 8},
    {17, 18, 19, 20, 21, 27, 31, 32, 33, 34, 35, 8},
    {22, 23, 24, 25, 26, 27, 31, 32, 33, 34, 35, 8},
    {27, 28, 29, 30, 31, 32, 33, 34, 35},
  };

  private static final float CODED_FROM = 0.1f; // softer eyes and lips are not coded
  private static final int[][] EYES = {{36, 37, 38, 39, 40, 41}, {42, 43, 44, 45, 46, 47}};
  private static final int[][] OUTER_LIPS = {{48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59}};
  private static final int[][] INNER_LIPS = {{60, 61, 62, 63, 64, 65, 66, 67}};

  static {
    OpenCv.load();
  }

  private FaceMasks() {}

  /** The applied XSeg mask at the JPG's size, or the landmarks' hull where there is none. */
  static Raster full(AlignedFace face, int width, int height) throws FormatException {
    if (face.xsegMask() == null) {
      return hull(face.landmarks(), face.eyebrowsExpandMod(), width, height);
    }
    Raster mask = Raster.of(XsegMask.decode(face.xsegMask()));
    if (mask.width() != width || mask.height() != height) {
      mask = Resampler.resize(mask, width, height, Kernel.CUBIC).clip();
    }
    return mask;
  }

  /** 1 inside the parts of the face, 0 outside. */
  static Raster hull(Landmarks face, double browMod, int width, int height) {
    byte[] filled = fill(expandBrows(face, browMod), HULL_PARTS, width, height);
    Raster mask = Raster.empty(width, height, 1);
    for (int i = 0; i < filled.length; i++) {
      mask.values()[i] = filled[i];
    }
    return mask;
  }

  /** The em mask of that dialect's trainer. */
  static Raster em(Landmarks face, Raster full, Dialect dialect) {
    return switch (dialect) {
      case OG -> eyesAndMouth(face, full);
      case MVE -> coded(face, full);
    };
  }

  /**
   * Face, eyes and lips in one plane (spec data.md 5.3): the face up to 1, eyes above 1 up to 2,
   * lips above 2 up to 3.
   */
  static Raster coded(Landmarks face, Raster full) {
    int w = full.width();
    int h = full.height();
    float[] eyes = eyes(face, w, h).values();
    float[] lips = lips(face, w, h).values();
    Raster coded = Raster.empty(w, h, 1);
    for (int i = 0; i < eyes.length; i++) {
      float value = full.values()[i];
      if (value != 0 && eyes[i] > CODED_FROM) {
        value = eyes[i] + 1;
      }
      if (full.values()[i] != 0 && lips[i] > CODED_FROM) {
        value = lips[i] + 2;
      }
      coded.values()[i] = value;
    }
    return coded;
  }

  /** Soft eyes and inner mouth inside {@code full}: the em mask of the original trainer. */
  static Raster eyesAndMouth(Landmarks face, Raster full) {
    Raster em = eyes(face, full.width(), full.height());
    Raster mouth = mouth(face, full.width(), full.height());
    for (int i = 0; i < em.values().length; i++) {
      float sum = Math.min(1, em.values()[i] + mouth.values()[i]);
      em.values()[i] = full.values()[i] != 0 ? sum : 0;
    }
    return em;
  }

  /** Both eyes, dilated and blurred. */
  static Raster eyes(Landmarks face, int width, int height) {
    return soft(truncated(face), EYES, width, height);
  }

  /** The outer lips and what they enclose, dilated and blurred: MVE's mouth. */
  static Raster lips(Landmarks face, int width, int height) {
    return soft(truncated(face), OUTER_LIPS, width, height);
  }

  /** The inner lips, dilated and blurred. */
  static Raster mouth(Landmarks face, int width, int height) {
    return soft(truncated(face), INNER_LIPS, width, height);
  }

  private static int[] truncated(Landmarks face) {
    int[] xy = new int[2 * Landmarks.COUNT];
    for (int i = 0; i < Landmarks.COUNT; i++) {
      xy[2 * i] = (int) face.x(i);
      xy[2 * i + 1] = (int) face.y(i);
    }
    return xy;
  }

  /**
   * Integer landmarks with brows moved away from the eyes by {@code mod} halves of their distance.
   */
  static int[] expandBrows(Landmarks face, double mod) {
    int[] xy = truncated(face);
    int[] to = xy.clone();
    for (int d = 0; d < 2; d++) {
      int outerRight = Math.floorDiv(xy[2 * 36 + d] + xy[d], 2);
      int outerLeft = Math.floorDiv(xy[2 * 16 + d] + xy[2 * 45 + d], 2);
      int[] below = new int[10]; // what each of 17..26 moves away from
      below[0] = Math.floorDiv(xy[2 * 36 + d] + outerRight, 2);
      below[9] = Math.floorDiv(xy[2 * 45 + d] + outerLeft, 2);
      for (int i = 0; i < 4; i++) {
        below[1 + i] = xy[2 * (36 + i) + d];
        below[5 + i] = xy[2 * (42 + i) + d];
      }
      for (int i = 0; i < 10; i++) {
        int brow = xy[2 * (17 + i) + d];
        to[2 * (17 + i) + d] = (int) (brow + mod * 0.5 * (brow - below[i]));
      }
    }
    return to;
  }

  private static byte[] fill(int[] xy, int[][] parts, int width, int height) {
    byte[] filled = new byte[width * height];
    try (Mat mask = new Mat(height, width, opencv_core.CV_8UC1, Scalar.all(0));
        BytePointer data = mask.data();
        Scalar one = Scalar.all(1)) {
      for (int[] part : parts) {
        int[] points = new int[2 * part.length];
        for (int i = 0; i < part.length; i++) {
          points[2 * i] = xy[2 * part[i]];
          points[2 * i + 1] = xy[2 * part[i] + 1];
        }
        try (IntPointer pointer = new IntPointer(points);
            Mat polygon = new Mat(part.length, 1, opencv_core.CV_32SC2, pointer);
            Mat hull = new Mat()) {
          opencv_imgproc.convexHull(polygon, hull);
          opencv_imgproc.fillConvexPoly(mask, hull, one);
        }
      }
      data.get(filled);
    }
    return filled;
  }

  private static Raster soft(int[] xy, int[][] parts, int width, int height) {
    byte[] filled = fill(xy, parts, width, height);
    Raster soft = Raster.empty(width, height, 1);
    for (int i = 0; i < filled.length; i++) {
      soft.values()[i] = filled[i];
    }
    int element = height / 32;
    int side = height / 16 | 1;
    int[] box = box(xy, parts, element + side, width, height);
    if (box[2] <= box[0] || box[3] <= box[1]) {
      return soft; // all outside the picture
    }
    try (FloatPointer pointer = new FloatPointer(soft.values());
        Mat mask = new Mat(height, width, opencv_core.CV_32FC1, pointer);
        Rect rect = new Rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
        Mat part = new Mat(mask, rect); // the filters read beyond it, as they would in the whole
        Size elementSize = new Size(element, element);
        Size kernelSize = new Size(side, side);
        Mat ellipse =
            opencv_imgproc.getStructuringElement(opencv_imgproc.MORPH_ELLIPSE, elementSize)) {
      opencv_imgproc.dilate(part, part, ellipse);
      opencv_imgproc.GaussianBlur(part, part, kernelSize, 0);
      pointer.get(soft.values());
    }
    return soft.clip();
  }

  /** Left, top, right, bottom of the points and {@code margin} around them, inside the picture. */
  private static int[] box(int[] xy, int[][] parts, int margin, int width, int height) {
    int[] box = {width, height, 0, 0};
    for (int[] part : parts) {
      for (int i : part) {
        box[0] = Math.min(box[0], xy[2 * i] - margin);
        box[1] = Math.min(box[1], xy[2 * i + 1] - margin);
        box[2] = Math.max(box[2], xy[2 * i] + margin + 1);
        box[3] = Math.max(box[3], xy[2 * i + 1] + margin + 1);
      }
    }
    return new int[] {
      Math.max(0, box[0]), Math.max(0, box[1]), Math.min(width, box[2]), Math.min(height, box[3])
    };
  }
}
