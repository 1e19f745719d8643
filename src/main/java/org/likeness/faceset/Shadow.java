package org.likeness.faceset;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * A random shadow inside a quadrilateral and a highlight outside it (Mazhar and Kober 2021; spec
 * data.md 7.5). {@code quad} is x0 y0 .. x3 y3 in pixels.
 */
record Shadow(double high, double low, int[] quad, double blurOutside, double blurInside) {
  private static final int OVERHANG = 20;

  /** Whether a sample of that seed gets one: every second does. */
  static boolean falls(int seed) {
    return seed % 10 < 5;
  }

  static Shadow draw(int seed, int size, ShadowBounds bounds) {
    Mt19937 g = new Mt19937(seed);
    double high = g.uniform(bounds.high(), bounds.highTo());
    double low = g.uniform(bounds.low(), bounds.lowTo());
    double leftHeight = g.uniform(0.2, 0.6) * size;
    double leftTop = g.uniform(0, 0.2) * size;
    double rightHeight = g.uniform(0.3, 0.6) * size;
    double rightTop = g.uniform(0, 0.2) * size;
    double angle = Math.toRadians(g.uniform(0, 359));
    int[] quad = {
      -OVERHANG,
      (int) leftTop,
      size,
      (int) rightTop,
      size,
      (int) (rightTop + rightHeight),
      -OVERHANG,
      (int) (leftTop + leftHeight)
    };
    turn(quad, angle);
    return new Shadow(high, low, quad, g.integer(3, 10), g.integer(3, 10));
  }

  /** About the centre of its area, truncated; turned corners are truncated towards it. */
  private static void turn(int[] quad, double angle) {
    double area = 0;
    double sumX = 0;
    double sumY = 0;
    for (int i = 0; i < 8; i += 2) {
      int j = (i + 2) % 8;
      double cross = (double) quad[i] * quad[j + 1] - (double) quad[j] * quad[i + 1];
      area += cross / 2;
      sumX += (quad[i] + quad[j]) * cross / 6;
      sumY += (quad[i + 1] + quad[j + 1]) * cross / 6;
    }
    int cx = (int) (sumX / area);
    int cy = (int) (sumY / area);
    for (int i = 0; i < 8; i += 2) {
      double dx = quad[i] - cx;
      double dy = quad[i + 1] - cy;
      double direction = Math.atan2(dy, dx) + angle;
      double distance = Math.hypot(dx, dy);
      quad[i] = cx + (int) (distance * Math.cos(direction));
      quad[i + 1] = cy + (int) (distance * Math.sin(direction));
    }
  }

  /** Changes {@code image} // (size, size, 3) in place. */
  void apply(float[] image, int size, Canvas canvas) {
    byte[] inside = new byte[size * size];
    byte[] outside = new byte[size * size];
    masks(size, inside, outside);
    Mat picture = canvas.bytes(image);
    byte[] plain = bytes(picture, image.length);
    Mat hsv = canvas.scratch();
    opencv_imgproc.cvtColor(picture, hsv, opencv_imgproc.COLOR_BGR2HSV);
    byte[] values = bytes(hsv, image.length);
    byte[] bright = scaled(values, high, hsv, picture);
    byte[] dark = scaled(values, low, hsv, picture);
    for (int i = 0; i < image.length; i++) {
      int once = blend(plain[i], bright[i], inside[i / 3]);
      image[i] = blend((byte) once, dark[i], outside[i / 3]) / 255f;
    }
  }

  private static int blend(byte image, byte other, byte mask) {
    double share = (mask & 0xff) / 255.0;
    return (int) ((image & 0xff) * share + (other & 0xff) * (1 - share));
  }

  private static byte[] bytes(Mat mat, int count) {
    byte[] bytes = new byte[count];
    mat.data().get(bytes);
    return bytes;
  }

  /** Multiplies the value channel of {@code hsv}, and converts to BGR by way of {@code picture}. */
  private static byte[] scaled(byte[] hsv, double by, Mat hsvMat, Mat picture) {
    for (int i = 2; i < hsv.length; i += 3) {
      hsv[i] = (byte) (int) Math.clamp(Math.rint((hsv[i] & 0xff) * by), 0.0, 255.0);
    }
    hsvMat.data().put(hsv);
    opencv_imgproc.cvtColor(hsvMat, picture, opencv_imgproc.COLOR_HSV2BGR);
    return bytes(picture, hsv.length);
  }

  void masks(int size, byte[] inside, byte[] outside) {
    Arrays.fill(inside, (byte) 0);
    PolygonFill.fill(quad, size, inside);
    try (Mat mask = new Mat(size, size, opencv_core.CV_8UC1);
        BytePointer data = mask.data()) {
      for (int i = 0; i < inside.length; i++) {
        outside[i] = (byte) (255 - (inside[i] & 0xff));
      }
      data.put(inside);
      blur(mask, blurInside);
      data.get(inside);
      data.put(outside);
      blur(mask, blurOutside);
      data.get(outside);
    }
  }

  private static void blur(Mat mask, double sigma) {
    try (Size automatic = new Size(0, 0)) {
      opencv_imgproc.GaussianBlur(mask, mask, automatic, sigma);
    }
  }
}
