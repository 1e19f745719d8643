package org.likeness.faceset;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.likeness.format.FormatException;

/** OpenCV's decoder, loaded once and kept to the calling thread: parallelism is the loader's. */
final class OpenCv {
  /** A decoded picture: rows of {@code width * channels} bytes, BGR. */
  record Pixels(int width, int height, int channels, byte[] bytes) {}

  static {
    // JavaCPP else refuses to allocate once the process, slabs included, passes 4 x the Java heap
    setDefault("org.bytedeco.javacpp.maxPhysicalBytes");
    setDefault("org.bytedeco.javacpp.maxBytes");
    opencv_core.setNumThreads(1);
  }

  private OpenCv() {}

  private static void setDefault(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "0");
    }
  }

  /** Makes sure that the library is loaded. */
  static void load() {}

  /** BGR bytes of an encoded colour picture, EXIF orientation ignored. */
  static Pixels decodeColour(byte[] file) throws FormatException {
    return decode(file, opencv_imgcodecs.IMREAD_COLOR | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION);
  }

  /** One channel of an encoded picture. */
  static Pixels decodeGray(byte[] file) throws FormatException {
    return decode(
        file, opencv_imgcodecs.IMREAD_GRAYSCALE | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION);
  }

  private static Pixels decode(byte[] file, int flags) throws FormatException {
    try (BytePointer data = new BytePointer(file);
        Mat encoded = new Mat(1, file.length, opencv_core.CV_8UC1, data);
        Mat image = opencv_imgcodecs.imdecode(encoded, flags)) {
      if (image.empty()) {
        throw new FormatException("cannot be decoded");
      }
      byte[] bytes = new byte[Math.toIntExact(image.total() * image.channels())];
      image.data().get(bytes);
      return new Pixels(image.cols(), image.rows(), image.channels(), bytes);
    } catch (RuntimeException e) { // JavaCPP's form of cv::Exception
      throw new FormatException("cannot be decoded");
    }
  }
}
