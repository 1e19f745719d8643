package org.likeness.faceset;

import org.likeness.format.FormatException;

/**
 * The similarity that carries a face's landmarks onto the mean face: {@code u = a x - b y + tx, v =
 * b x + a y + ty}, from pixels to the unit square from brows to mouth (Umeyama 1991, spec data.md
 * 4.2).
 */
record FaceFit(double a, double b, double tx, double ty) {
  private static final double LEAST_SPREAD = 1; // pixels, root mean square
  private static final double LEAST_CORRELATION = 0.1;

  /** Points 17..48 and 54 of the mean face. */
  private static final float[] MEAN = {
    0.000213256f, 0.106454f, 0.0752622f, 0.038915f, 0.18113f, 0.0187482f,
    0.29077f, 0.0344891f, 0.393397f, 0.0773906f, 0.586856f, 0.0773906f,
    0.689483f, 0.0344891f, 0.799124f, 0.0187482f, 0.904991f, 0.038915f,
    0.98004f, 0.106454f, 0.490127f, 0.203352f, 0.490127f, 0.307009f,
    0.490127f, 0.409805f, 0.490127f, 0.515625f, 0.36688f, 0.587326f,
    0.426036f, 0.609345f, 0.490127f, 0.628106f, 0.554217f, 0.609345f,
    0.613373f, 0.587326f, 0.121737f, 0.216423f, 0.187122f, 0.178758f,
    0.265825f, 0.179852f, 0.334606f, 0.231733f, 0.260918f, 0.245099f,
    0.182743f, 0.244077f, 0.645647f, 0.231733f, 0.714428f, 0.179852f,
    0.793132f, 0.178758f, 0.858516f, 0.216423f, 0.79751f, 0.244077f,
    0.719335f, 0.245099f, 0.254149f, 0.780233f, 0.726104f, 0.780233f
  };

  private static final float MEAN_U = mean(0);
  private static final float MEAN_V = mean(1);

  private static float mean(int axis) {
    float sum = 0; // in f32, as the original's
    for (int i = axis; i < MEAN.length; i += 2) {
      sum += MEAN[i];
    }
    float points = MEAN.length / 2f;
    return sum / points;
  }

  /** Fits the 33 aligning points in the least squares sense. */
  static FaceFit of(Landmarks face) {
    Sums s = new Sums(face);
    double a = s.dot / s.spread;
    double b = s.cross / s.spread;
    return new FaceFit(
        a, b, MEAN_U - (a * s.meanX - b * s.meanY), MEAN_V - (b * s.meanX + a * s.meanY));
  }

  /** Refuses points that are all in one place, or nothing like a face in any pose. */
  static void requireFace(Landmarks face) throws FormatException {
    Sums s = new Sums(face);
    int n = MEAN.length / 2;
    if (s.spread < n * LEAST_SPREAD * LEAST_SPREAD) {
      throw new FormatException("has all its landmarks in one place");
    }
    if (Math.hypot(s.dot, s.cross) < LEAST_CORRELATION * Math.sqrt(s.spread * s.meanSpread)) {
      throw new FormatException("has landmarks that do not form a face");
    }
  }

  private static int index(int i) {
    return i < 32 ? 17 + i : 54;
  }

  private static final class Sums {
    double meanX;
    double meanY;
    double spread;
    double meanSpread;
    double dot;
    double cross;

    Sums(Landmarks face) {
      int n = MEAN.length / 2;
      for (int i = 0; i < n; i++) {
        meanX += face.x(index(i)) / n;
        meanY += face.y(index(i)) / n;
      }
      for (int i = 0; i < n; i++) {
        double x = face.x(index(i)) - meanX;
        double y = face.y(index(i)) - meanY;
        double u = MEAN[2 * i] - MEAN_U; // in f32
        double v = MEAN[2 * i + 1] - MEAN_V;
        spread += x * x + y * y;
        meanSpread += u * u + v * v;
        dot += x * u + y * v;
        cross += x * v - y * u;
      }
    }
  }

  /** Pixels to the unit square. */
  Affine toUnitSquare() {
    return new Affine(a, -b, tx, b, a, ty);
  }

  /**
   * How far the face is turned, from the distances of nose and jaw in the unit square; positive to
   * the image's left (spec data.md 4.3).
   */
  double averagedYaw(Landmarks face) {
    Affine u = toUnitSquare();
    double left = 0;
    double right = 0;
    for (int k = 0; k < 3; k++) {
      double nose = u.x(face.x(27 + k), face.y(27 + k));
      left += (nose - u.x(face.x(k), face.y(k))) / 3;
      right += (u.x(face.x(16 - k), face.y(16 - k)) - nose) / 3;
    }
    return right - left;
  }

  /**
   * Maps the picture to a {@code size} x {@code size} crop of that type, whose outer corners map to
   * 0 and {@code size} (spec data.md 4.3); {@code scale} above 1 shows more.
   */
  Affine crop(Landmarks face, FaceType type, int size, double scale) {
    if (!type.hasCrop()) {
      throw new IllegalArgumentException("face type " + type.word() + " has no crop to compute");
    }
    double f = size * scale / type.side();
    if (type.upright()) {
      double s = Math.hypot(a, b);
      Affine fromUnit = toUnitSquare().inverse();
      double h = size / 2.0;
      double cx = fromUnit.x(0.5, 0.5);
      double cy = fromUnit.y(0.5, 0.5);
      return new Affine(f * s, 0, h - f * s * cx, 0, f * s, h - f * s * cy);
    }
    double cu = 0.5;
    double cv = 0.5;
    if (type == FaceType.WHOLE_FACE) {
      cv -= 0.07;
    } else if (type == FaceType.HEAD) {
      double yaw = averagedYaw(face);
      cu += yaw * Math.abs(Math.tanh(2 * yaw)) / 2;
      cv -= 0.5;
    }
    return new Affine(
        f * a, f * -b, f * (tx - cu) + size / 2.0, f * b, f * a, f * (ty - cv) + size / 2.0);
  }
}
