package org.likeness.faceset;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.global.opencv_calib3d;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Where a head looks, in radians, each within a quarter turn (spec data.md 4.4): positive yaw is to
 * the image's left. Found by OpenCV's solvePnP on 33 points of a model head.
 */
public record HeadPose(double pitch, double yaw, double roll) {
  private static final int JAW_AND_BROWS = 27; // points 0..26, then 30..35
  private static final int POINTS = 33;
  private static final double GIMBAL = 1e-6;

  /** x y z of the points. */
  private static final float[] MODEL = {
    -73.393524f, -29.801432f, 47.667534f, -72.77502f, -10.949766f, 45.909405f,
    -70.53364f, 7.929818f, 44.84258f, -66.85006f, 26.07428f, 43.141113f,
    -59.790188f, 42.56439f, 38.6353f, -48.368973f, 56.48108f, 30.750622f,
    -34.1211f, 67.246994f, 18.456453f, -17.87541f, 75.05689f, 3.609035f,
    0.098749f, 77.06129f, -0.881698f, 17.477032f, 74.758446f, 5.181201f,
    32.648968f, 66.92902f, 19.176563f, 46.372356f, 56.31139f, 30.77057f,
    57.34348f, 42.419125f, 37.628628f, 64.38848f, 25.45588f, 40.88631f,
    68.212036f, 6.990805f, 42.28145f, 70.486404f, -11.666193f, 44.142567f,
    71.375824f, -30.36519f, 47.140427f, -61.119408f, -49.361603f, 14.254422f,
    -51.287586f, -58.769794f, 7.268147f, -37.8048f, -61.996155f, 0.442051f,
    -24.022755f, -61.033398f, -6.606501f, -11.635713f, -56.68676f, -11.967398f,
    12.056636f, -57.391033f, -12.051204f, 25.106256f, -61.902187f, -7.315098f,
    38.33859f, -62.777714f, -1.022953f, 51.191006f, -59.302345f, 5.349435f,
    60.053852f, -50.190254f, 11.615746f, 1.226783f, -8.414541f, -36.94806f,
    -14.772472f, 2.598255f, -20.132004f, -7.180239f, 4.751589f, -23.536684f,
    0.55592f, 6.5629f, -25.944448f, 8.272499f, 4.661005f, -23.695742f,
    15.214351f, 2.643046f, -20.858156f
  };

  static {
    OpenCv.load();
  }

  /** The pose of a face in a picture of that width. */
  public static HeadPose of(Landmarks face, int width) {
    float[] seen = new float[2 * POINTS];
    for (int i = 0; i < POINTS; i++) {
      int point = i < JAW_AND_BROWS ? i : i + 3;
      seen[2 * i] = (float) face.x(point);
      seen[2 * i + 1] = (float) face.y(point);
    }
    double[] camera = {width, 0, width / 2.0, 0, width, width / 2.0, 0, 0, 1};
    try (FloatPointer modelPoints = new FloatPointer(MODEL);
        FloatPointer imagePoints = new FloatPointer(seen);
        DoublePointer cameraValues = new DoublePointer(camera);
        DoublePointer r = new DoublePointer(9);
        Mat model = new Mat(POINTS, 3, opencv_core.CV_32FC1, modelPoints);
        Mat image = new Mat(POINTS, 2, opencv_core.CV_32FC1, imagePoints);
        Mat intrinsics = new Mat(3, 3, opencv_core.CV_64FC1, cameraValues);
        Mat distortion = new Mat();
        Mat rotation = new Mat();
        Mat translation = new Mat();
        Mat matrix = new Mat(3, 3, opencv_core.CV_64FC1, r)) {
      opencv_calib3d.solvePnP(model, image, intrinsics, distortion, rotation, translation);
      opencv_calib3d.Rodrigues(rotation, matrix);
      return ofRotation(r);
    }
  }

  private static HeadPose ofRotation(DoublePointer r) {
    double sy = Math.hypot(r.get(0), r.get(3));
    boolean upright = sy >= GIMBAL;
    double x = upright ? Math.atan2(r.get(7), r.get(8)) : Math.atan2(-r.get(5), r.get(4));
    double y = Math.atan2(-r.get(6), sy);
    double z = upright ? Math.atan2(r.get(3), r.get(0)) : 0;
    return new HeadPose(-limited(x), limited(y), limited(z));
  }

  private static double limited(double angle) {
    return Math.clamp(angle, -Math.PI / 2, Math.PI / 2);
  }
}
