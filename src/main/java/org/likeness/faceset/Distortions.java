package org.likeness.faceset;

import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.likeness.faceset.Resampler.Border;

/** MVE's distortions of the network's input, in random order (spec data.md 7.4). */
final class Distortions {
  private static final Distortion[] ORDERED = {
    Distortion.BLUR, Distortion.NOISE, Distortion.JPEG, Distortion.DOWNSAMPLE
  };

  private final int size;
  private final Canvas canvas;

  Distortions(int size, Canvas canvas) {
    this.size = size;
    this.canvas = canvas;
  }

  /** Changes {@code image} // (size, size, 3) in place by what is {@code wanted}. */
  void apply(float[] image, Set<Distortion> wanted, Mt19937 random) {
    int[] order = {0, 1, 2, 3};
    random.shuffle(order);
    for (int i : order) {
      if (wanted.contains(ORDERED[i])) {
        switch (ORDERED[i]) {
          case BLUR -> blur(image, random);
          case NOISE -> noise(image, random);
          case JPEG -> jpeg(image, random.integer(50, 85));
          case DOWNSAMPLE ->
              reduce(image, random.integer((int) (size * 0.125), (int) (size * 0.25)));
          case SHADOW, COLOUR -> throw new AssertionError("not in ORDERED");
        }
      }
    }
  }

  private void blur(float[] image, Mt19937 random) {
    if (random.integer(0, 2) == 0) {
      int side = random.integer(10, 20);
      motionBlur(image, motionKernel(side, random.uniform(0, 360)));
    } else {
      double sigma = 3 + 5 * random.nextDouble();
      int side = (int) ((sigma < 5 ? 2.9 : 2.6) * sigma);
      gaussianBlur(image, side | 1, sigma);
    }
  }

  /** A line through the centre, turned by {@code degrees}, of sum 1. */
  static Raster motionKernel(int side, double degrees) {
    Raster line = Raster.empty(side, side, 1);
    for (int x = 0; x < side; x++) {
      line.values()[(side - 1) / 2 * side + x] = 1;
    }
    double c = side / 2.0 - 0.5;
    double al = Math.cos(Math.toRadians(degrees));
    double be = Math.sin(Math.toRadians(degrees));
    Affine turn = new Affine(al, be, (1 - al) * c - be * c, -be, al, be * c + (1 - al) * c);
    Raster kernel = Raster.empty(side, side, 1);
    Resampler.sample(
        line, new Grid(side).affine(turn, false), Kernel.LINEAR, Border.ZERO, kernel.values());
    float sum = 0;
    for (float v : kernel.values()) {
      sum += v;
    }
    for (int i = 0; i < side * side; i++) {
      kernel.values()[i] *= 1 / sum;
    }
    return kernel;
  }

  void motionBlur(float[] image, Raster kernel) {
    try (FloatPointer values = new FloatPointer(kernel.values());
        Mat matrix = new Mat(kernel.height(), kernel.width(), opencv_core.CV_32FC1, values)) {
      opencv_imgproc.filter2D(canvas.floats(image), canvas.scratch(), -1, matrix);
      canvas.read(canvas.scratch(), image);
    }
  }

  void gaussianBlur(float[] image, int side, double sigma) {
    try (Size kernel = new Size(side, side)) {
      opencv_imgproc.GaussianBlur(canvas.floats(image), canvas.scratch(), kernel, sigma);
      canvas.read(canvas.scratch(), image);
    }
  }

  /** Poisson noise has its mean taken off; the original's brightened. */
  private static void noise(float[] image, Mt19937 random) {
    int kind = random.integer(0, 3);
    double scale = 20 + 20 * random.nextDouble();
    switch (kind) {
      case 0 -> {
        for (int i = 0; i < image.length; i++) {
          image[i] += (float) (scale * random.gaussian() / 255);
        }
      }
      case 1 -> {
        for (int i = 0; i < image.length; i++) {
          image[i] += (float) (random.laplace(scale) / 255);
        }
      }
      default -> {
        double mean = 15 + 15 * random.nextDouble();
        for (int i = 0; i < image.length; i++) {
          image[i] += (float) ((random.poisson(mean) - mean) / 255);
        }
      }
    }
  }

  void jpeg(float[] image, int quality) {
    int[] parameters = {opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality};
    try (BytePointer file = new BytePointer();
        IntPointer options = new IntPointer(parameters)) {
      if (!opencv_imgcodecs.imencode(".jpg", canvas.bytes(image), file, options)) {
        throw new IllegalStateException("OpenCV cannot write a JPG");
      }
      try (Mat encoded = new Mat(1, (int) file.limit(), opencv_core.CV_8UC1, file);
          Mat decoded = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR)) {
        canvas.read(decoded, image);
      }
    }
  }

  void reduce(float[] image, int to) {
    Raster small = Resampler.resize(new Raster(size, size, 3, image), to, to, Kernel.CUBIC);
    Raster large = Resampler.resize(small, size, size, Kernel.CUBIC);
    System.arraycopy(large.values(), 0, image, 0, image.length);
  }
}
