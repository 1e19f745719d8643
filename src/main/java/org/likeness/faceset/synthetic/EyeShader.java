package org.likeness.faceset.synthetic;

/** The eyeball: white with a little red, iris with fibres behind a clear dome, wet highlights. */
final class EyeShader {
  private static final double IRIS = 0.505; // sine of the angle from the axis to the edge
  private static final double PUPIL = 0.18;

  private final Lighting light;
  private final float[] iris;
  private final double gazeX;
  private final double gazeY;
  private final double gazeZ;
  private final float[] axis; // gaze in view space

  EyeShader(Identity.Eyes eyes, Lighting light, Stage stage, Expression e) {
    this.light = light;
    iris = Colour.linear(eyes.iris());
    double a = Math.toRadians(26 * e.gazeX());
    double b = Math.toRadians(18 * e.gazeY());
    gazeX = Math.sin(a) * Math.cos(b);
    gazeY = Math.sin(b);
    gazeZ = -Math.cos(a) * Math.cos(b);
    axis =
        stage.turnDirections(
            new float[] {(float) gazeX, (float) gazeY, (float) gazeZ}, new float[3]);
  }

  void shade(Fragment f, float[] rgb) {
    double z = -Math.sqrt(Math.max(0, 1 - f.u * f.u - f.v * f.v));
    double cos = f.u * gazeX + f.v * gazeY + z * gazeZ;
    double sin = Math.sqrt(Math.max(0, 1 - cos * cos));
    boolean dome = cos > 0 && sin < IRIS;
    albedo(f, cos > 0 ? sin : 1, rgb);
    float nx = f.nx;
    float ny = f.ny;
    float nz = f.nz;
    if (dome) {
      // the iris is a dish behind the dome: lit from the far side, highlights as on a tighter
      // sphere
      float k = 0.55f;
      nx = f.nx * (1 + k) - axis[0] * k;
      ny = f.ny * (1 + k) - axis[1] * k;
      nz = f.nz * (1 + k) - axis[2] * k;
      float l = 1 / (float) Math.sqrt(nx * nx + ny * ny + nz * nz);
      nx *= l;
      ny *= l;
      nz *= l;
    }
    float lit = light.lit(f);
    float ndl = Math.max(0, 0.3f + 0.7f * light.key(f));
    if (dome) {
      float side =
          light.kx * (2 * axis[0] - f.nx)
              + light.ky * (2 * axis[1] - f.ny)
              + light.kz * (2 * axis[2] - f.nz);
      ndl = 0.35f * ndl + 0.75f * Math.max(0, 0.3f + 0.7f * side);
    }
    for (int k = 0; k < 3; k++) {
      rgb[k] *=
          f.open
              * (0.80f * light.key[k] * ndl * (0.3f + 0.7f * lit)
                  + light.around(f.ny, k)
                  + light.fill[k]);
    }
    highlights(f, nx, ny, nz, lit, rgb);
  }

  private void albedo(Fragment f, double sin, float[] rgb) {
    double white = 0.60;
    double far = Curves.smoothstep(0.45, 0.95, Math.abs(f.u));
    rgb[0] = (float) (white * (1 - 0.10 * far));
    rgb[1] = (float) (white * (0.955 - 0.30 * far));
    rgb[2] = (float) (white * (0.93 - 0.32 * far));
    double in = Curves.smoothstep(IRIS + 0.025, IRIS - 0.03, sin);
    if (in == 0) {
      return;
    }
    double angle = Math.atan2(f.v - gazeY, f.u - gazeX);
    double r = sin / IRIS;
    double fibres =
        0.5
            + 0.28 * Math.sin(angle * 27 + 2.2 * Math.sin(angle * 5))
            + 0.22 * Math.sin(angle * 43 + 6 * r);
    double collar = Curves.bell((r - 0.52) / 0.14);
    double ring = Curves.smoothstep(0.78, 0.99, r);
    double bright = (0.55 + 0.75 * fibres * (0.4 + 0.6 * r) + 0.35 * collar) * (1 - 0.80 * ring);
    double pupil = Curves.smoothstep(PUPIL + 0.03, PUPIL - 0.03, sin);
    for (int k = 0; k < 3; k++) {
      double warm = k == 0 ? 0.10 : k == 1 ? 0.055 : 0.02;
      double c = (iris[k] * bright + warm * collar * 0.5) * (1 - pupil) + 0.004 * pupil;
      rgb[k] += (float) ((c - rgb[k]) * in);
    }
  }

  private void highlights(Fragment f, float nx, float ny, float nz, float lit, float[] rgb) {
    float h = light.half(f, nx, ny, nz);
    float glint = (float) Math.pow(h, 420) * 2.2f + (float) Math.pow(h, 60) * 0.10f;
    // a window above the camera, whatever the key light does
    float wy = 0.5f * (f.vy - 0.62f);
    float wx = 0.5f * (f.vx + Math.copySign(0.25f, light.kx));
    float wz = 0.5f * (f.vz - 0.74f);
    float wl = (float) Math.sqrt(wx * wx + wy * wy + wz * wz);
    float w = Math.max(0, (nx * wx + ny * wy + nz * wz) / wl);
    float window = (float) Curves.smoothstep(0.9925, 0.9965, w) * 0.32f;
    float graze = 1 - Math.max(0, f.nx * f.vx + f.ny * f.vy + f.nz * f.vz);
    for (int k = 0; k < 3; k++) {
      rgb[k] +=
          light.key[k] * glint * (0.25f + 0.75f * lit)
              + f.open * (window + 0.18f * graze * graze * graze) * light.around(-1, k) * 2;
    }
  }
}
