package org.likeness.faceset.synthetic;

/**
 * The light of one scene in linear colours: key with its shadows, fill from the other side, sky.
 */
final class Lighting {
  final float kx; // unit vector to the key light, view space
  final float ky;
  final float kz;
  final float[] key;
  final float[] fill;
  private final float fx;
  private final float fz;
  private final float[] sky;
  private final float[] ground;
  private final DepthMap shadows;

  Lighting(Light light, float[] surroundings, DepthMap shadows) {
    this.shadows = shadows;
    Vec k = light.direction();
    kx = (float) k.x();
    ky = (float) k.y();
    kz = (float) k.z();
    double side = light.azimuth() > 0 ? -1 : 1;
    fx = (float) (0.75 * side);
    fz = -0.66f;
    double w = light.warmth();
    double s = 0.95 * light.strength();
    key = rgb(s * (1 + 0.10 * w), s, s * (1 - 0.20 * w));
    double f = 0.23 * light.ambient();
    fill = rgb(f * (1 - 0.08 * w), f, f * (1 + 0.12 * w));
    double a = 0.40 * light.ambient();
    float mean = (surroundings[0] + surroundings[1] + surroundings[2]) / 3 + 0.05f;
    sky = new float[3];
    ground = new float[3];
    for (int i = 0; i < 3; i++) {
      double tinted = 0.7 + 0.3 * (surroundings[i] + 0.05) / mean;
      sky[i] = (float) (a * tinted);
      ground[i] = (float) (a * tinted * (0.62 - 0.06 * i));
    }
  }

  private static float[] rgb(double r, double g, double b) {
    return new float[] {(float) r, (float) g, (float) b};
  }

  float key(Fragment f) {
    return kx * f.nx + ky * f.ny + kz * f.nz;
  }

  float fill(Fragment f) {
    return Math.max(0, 0.3f + 0.7f * (fx * f.nx + fz * f.nz));
  }

  /** Share of the key light that reaches the fragment past everything else. */
  float lit(Fragment f) {
    return shadows.lit(f.x + 1.4f * f.nx, f.y + 1.4f * f.ny, f.z + 1.4f * f.nz, 1.2f);
  }

  /** Light from above and below for a normal, per colour channel. */
  float around(float ny, int channel) {
    float t = 0.5f - 0.5f * ny;
    return ground[channel] + (sky[channel] - ground[channel]) * t;
  }

  /** Cosine between the normal and the half vector of key light and viewer. */
  float half(Fragment f, float nx, float ny, float nz) {
    float hx = kx + f.vx;
    float hy = ky + f.vy;
    float hz = kz + f.vz;
    float l = (float) Math.sqrt(hx * hx + hy * hy + hz * hz + 1e-12f);
    return Math.max(0, (hx * nx + hy * ny + hz * nz) / l);
  }
}
