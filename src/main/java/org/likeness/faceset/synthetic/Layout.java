package org.likeness.faceset.synthetic;

/**
 * Where the features of one identity lie on the frontal view, in millimetres. The averages are the
 * mean 3D landmarks of spec landmarks.json (eyes at y = -38, mouth 28, chin 77, origin between nose
 * and eyes).
 */
record Layout(
    double wide,
    double eyeX,
    double eyeHalf,
    double noseTipY,
    double noseBaseY,
    double mouthY,
    double mouthHalf,
    double upperLip,
    double lowerLip,
    double chinY) {

  static final double EYE_Y = -38;
  static final double EYE_DEPTH = 11.5;
  static final double EYE_RADIUS = 12;

  static Layout of(Identity id) {
    double stretch = 1 + 0.075 * id.skull().length();
    double wide = 1 + 0.07 * id.skull().width();
    double eyeX = 32.3 * (1 + 0.02 * id.skull().width()) + 2.2 * id.eyes().spacing();
    double eyeHalf = 13.3 + 1.1 * id.eyes().size();
    double noseBaseY = below(5.5, stretch) + 3.5 * id.nose().length();
    return new Layout(
        wide,
        eyeX,
        eyeHalf,
        noseBaseY - 13 - 2.5 * id.nose().upturn(),
        noseBaseY,
        below(28.5, stretch) + 1.5 * id.nose().length(),
        Math.max(25 + 3.6 * id.mouth().width(), eyeX - eyeHalf + 3.3), // as the chart's columns run
        7 + 2.6 * id.mouth().upper(),
        9.5 + 3 * id.mouth().lower(),
        below(77, stretch) + 4 * id.jaw().chinLength());
  }

  private static double below(double y, double stretch) {
    return EYE_Y + (y - EYE_Y) * stretch;
  }

  Vec eye(int side) {
    return new Vec(side * eyeX, EYE_Y, EYE_DEPTH);
  }
}
