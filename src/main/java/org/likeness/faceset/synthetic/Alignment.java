package org.likeness.faceset.synthetic;

import org.likeness.faceset.Affine;
import org.likeness.faceset.FaceType;

/**
 * The crop of an aligned face from its landmarks, by the closed forms of spec data.md 4.2 and 4.3.
 */
final class Alignment {
  /** Points 17..48 and 54 of the mean face, in the unit square from brows to mouth. */
  private static final double[] MEAN = {
    0.000213256, 0.106454, 0.0752622, 0.038915, 0.18113, 0.0187482, 0.29077, 0.0344891,
    0.393397, 0.0773906, 0.586856, 0.0773906, 0.689483, 0.0344891, 0.799124, 0.0187482,
    0.904991, 0.038915, 0.98004, 0.106454, 0.490127, 0.203352, 0.490127, 0.307009,
    0.490127, 0.409805, 0.490127, 0.515625, 0.36688, 0.587326, 0.426036, 0.609345,
    0.490127, 0.628106, 0.554217, 0.609345, 0.613373, 0.587326, 0.121737, 0.216423,
    0.187122, 0.178758, 0.265825, 0.179852, 0.334606, 0.231733, 0.260918, 0.245099,
    0.182743, 0.244077, 0.645647, 0.231733, 0.714428, 0.179852, 0.793132, 0.178758,
    0.858516, 0.216423, 0.79751, 0.244077, 0.719335, 0.245099, 0.254149, 0.780233,
    0.726104, 0.780233
  };

  private Alignment() {}

  /**
   * Maps frame pixels to a {@code size} × {@code size} crop; {@code marks} (68, 2) in the frame.
   */
  static Affine crop(double[][] marks, FaceType type, int size) {
    double k = side(type);
    int n = MEAN.length / 2;
    double mx = 0;
    double my = 0;
    double mu = 0;
    double mv = 0;
    for (int i = 0; i < n; i++) {
      mx += point(marks, i)[0] / n;
      my += point(marks, i)[1] / n;
      mu += MEAN[2 * i] / n;
      mv += MEAN[2 * i + 1] / n;
    }
    double dot = 0;
    double cross = 0;
    double spread = 0;
    for (int i = 0; i < n; i++) {
      double x = point(marks, i)[0] - mx;
      double y = point(marks, i)[1] - my;
      double u = MEAN[2 * i] - mu;
      double v = MEAN[2 * i + 1] - mv;
      dot += x * u + y * v;
      cross += x * v - y * u;
      spread += x * x + y * y;
    }
    double f = size / k;
    double a = f * dot / spread;
    double b = f * cross / spread;
    double top = type == FaceType.WHOLE_FACE ? 0.43 : 0.5;
    return new Affine(
        a,
        -b,
        f * (mu - 0.5) - (a * mx - b * my) + size / 2.0,
        b,
        a,
        f * (mv - top) - (b * mx + a * my) + size / 2.0);
  }

  private static double[] point(double[][] marks, int i) {
    return marks[i < 32 ? 17 + i : 54];
  }

  /** Side of the crop in unit squares. */
  private static double side(FaceType type) {
    double padding =
        switch (type) {
          case HALF -> 0;
          case MID_FULL -> 0.0675;
          case FULL -> 0.2109375;
          case WHOLE_FACE -> 0.40;
          default ->
              throw new IllegalArgumentException(
                  "synthetic faces cannot be cut as "
                      + type.word()
                      + ": choose half_face, midfull_face, full_face or whole_face");
        };
    return 1 + 2 * Math.sqrt(2) * padding;
  }
}
