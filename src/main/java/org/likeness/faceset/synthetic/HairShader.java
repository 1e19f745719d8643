package org.likeness.faceset.synthetic;

/** Hair after Kajiya and Kay (1989): light by the angle to the strand; two shifted highlights. */
final class HairShader {
  private static final int U = 256;
  private static final int V = 16;

  private final Lighting light;
  private final float[] base;
  private final float[] bright;
  private final float[] strands; // (V, U), wraps

  HairShader(Identity id, Lighting light) {
    this.light = light;
    base = Colour.linear(id.hair().colour());
    bright = Colour.linear(id.hair().highlight());
    Noise noise = new Noise(id.seed() * 71 + 5);
    strands = new float[U * V];
    for (int i = 0; i < strands.length; i++) {
      strands[i] = (float) (2 * noise.at(i % U, i / U, 1) - 1);
    }
  }

  /** {@code u} runs across the strands (one per unit), {@code v} from root 0 to tip 1. */
  void shade(Fragment f, float[] rgb) {
    float strand = strand(f.u, f.v * 2);
    float fine = strand(f.u * 2.7f + 31, f.v * 1.2f + 9);
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

  /** Smooth noise in [-1, 1], one feature per unit. */
  private float strand(float u, float v) {
    int iu = (int) Math.floor(u);
    int iv = (int) Math.floor(v);
    float fu = u - iu;
    float fv = v - iv;
    int a = iu & U - 1;
    int b = iu + 1 & U - 1;
    int top = (iv & V - 1) * U;
    int low = (iv + 1 & V - 1) * U;
    float t = strands[top + a] + (strands[top + b] - strands[top + a]) * fu;
    float l = strands[low + a] + (strands[low + b] - strands[low + a]) * fu;
    return t + (l - t) * fv;
  }

  private static float power(float v, int doublings) {
    for (int i = 0; i < doublings; i++) {
      v *= v;
    }
    return v;
  }
}
