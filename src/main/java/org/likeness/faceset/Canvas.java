package org.likeness.faceset;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Native memory of one thread in which OpenCV works on a square BGR picture: as floats 0..1 or as
 * bytes. Made once, so that a sample allocates nothing.
 */
final class Canvas {
  private final int count;
  private final FloatPointer floats;
  private final BytePointer bytes;
  private final byte[] shuttle;
  private final Mat floatMat;
  private final Mat byteMat;
  private final Mat scratch = new Mat();

  static {
    OpenCv.load();
  }

  Canvas(int size) {
    count = size * size * 3;
    floats = new FloatPointer(count);
    bytes = new BytePointer((long) count);
    shuttle = new byte[count];
    floatMat = new Mat(size, size, opencv_core.CV_32FC3, floats, Mat.AUTO_STEP);
    byteMat = new Mat(size, size, opencv_core.CV_8UC3, bytes, Mat.AUTO_STEP);
  }

  /** The picture as floats // (size, size, 3). */
  Mat floats(float[] image) {
    floats.put(image, 0, count);
    return floatMat;
  }

  /** The picture as bytes, {@code trunc(clip(255 v))}. */
  Mat bytes(float[] image) {
    for (int i = 0; i < count; i++) {
      shuttle[i] = (byte) (int) Math.clamp(image[i] * 255f, 0f, 255f);
    }
    bytes.put(shuttle, 0, count);
    return byteMat;
  }

  /** Reads {@code result} back, of either type; bytes become {@code b / 255}. */
  void read(Mat result, float[] image) {
    Pointer data = result.data();
    if (result.depth() == opencv_core.CV_8U) {
      new BytePointer(data).get(shuttle, 0, count);
      for (int i = 0; i < count; i++) {
        image[i] = (shuttle[i] & 0xff) / 255f;
      }
    } else {
      new FloatPointer(data).get(image, 0, count);
    }
  }

  /** BGR to LAB or back, one of OpenCV's COLOR codes, in place. */
  void convert(float[] image, int code) {
    opencv_imgproc.cvtColor(floats(image), scratch, code);
    read(scratch, image);
  }

  /** Memory for an intermediate result. */
  Mat scratch() {
    return scratch;
  }
}
