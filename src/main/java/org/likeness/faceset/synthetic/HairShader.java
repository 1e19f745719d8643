package org.likeness.faceset.synthetic;

/** Hair after Kajiya and Kay (1989): light by the angle to the strand; two shifted highlights. */
final class HairShader {
  private final Lighting light;
  private final float[] base;
  private final float[] bright;
  private final Noise noise;

  HairShader(Identity id, Lighting light) {
    this.light = light;
    base = Colour.linear(id.hair().colour());
    bright = Colour.linear(id.hair().highlight());
    noise = new Noise(id.seed() * 71 + 5);
  }

  /** {@code u} runs across the strands (one per unit), {@code v} from root 0 to tip 1. */
  void shade(Fragment f, float[] rgb) {
    float strand = (float) noise.smooth(f.u * 1.0, f.v * 2.0, 1);
    float fine = (float) noise.smooth(f.u * 2.7, f.v * 1.2, 2);
    float l = 1 / (float) Math.sqrt(f.tx * f.tx + f.ty * f.ty + f.tz * f.tz + 1e-12f);
    float tx = f.tx * l;
    float ty = f.ty * l;
    float tz = f.tz * l;
    float tl = tx * light.kx + ty * light.ky + tz * light.kz;
    float tv = tx * f.vx + ty * f.vy + tz * f.vz;
    float sinL = (float) Math.sqrt(Math.max(0, 1 - tl * tl));
    float sinV = (float) Math.sqrt(Math.max(0, 1 - tv * tv));
    float ndl = light.key(f);
    float lit = light.lit(f);
    float facing = Math.max(0, 0.45f + 0.55f * ndl) * (0.15f + 0.85f * lit);
    float shift = 0.12f * strand;
    float s = sinL * sinV - (tl + shift) * (tv + shift);
    float s1 = power(Math.max(0, s), 5);
    float s2 = power(Math.max(0, s - 0.06f), 3);
    float mix = Math.clamp(0.30f + 0.38f * strand + 0.22f * fine + 0.15f * f.v, 0, 1);
    float depth = (0.16f + 0.84f * f.open) * (0.78f + 0.22f * fine);
    for (int k = 0; k < 3; k++) {
      float c = base[k] + (bright[k] - base[k]) * mix;
      float diffuse =
          c * (0.85f * light.key[k] * sinL * facing + light.around(f.ny, k) + light.fill[k]);
      float gleam = facing * light.key[k] * (0.055f * s1 + (0.04f + 0.55f * c) * s2 * 0.55f);
      rgb[k] = depth * (diffuse + gleam);
    }
  }

  private static float power(float v, int doublings) {
    for (int i = 0; i < doublings; i++) {
      v *= v;
    }
    return v;
  }
}
