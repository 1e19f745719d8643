package org.likeness.faceset.synthetic;

/** Lights one fragment by its material; colours are linear red, green, blue. */
final class Shader {
  private static final double TEXELS_PER_MM = 4.6; // of the painted face

  private final HeadModel model;
  private final Lighting light;
  private final int level;
  private final EyeShader eye;
  private final HairShader hair;
  private final float[] texel = new float[4];

  Shader(HeadModel model, Lighting light, Stage stage, Expression expression, int samples) {
    this.model = model;
    this.light = light;
    double texelsPerPixel = TEXELS_PER_MM * samples / stage.samplesPerMillimetre();
    long nearest = Math.round(Math.log(texelsPerPixel) / Math.log(2) - 0.6); // a little sharp
    level = (int) Math.clamp(nearest, 0L, model.skin.levels() - 1L);
    eye = new EyeShader(model.id.eyes(), light, stage, expression);
    hair = new HairShader(model.id, light);
  }

  /** Whether a place on the skin is face: chin to hairline and in front of the ears. */
  boolean isFaceSkin(float u, float v) {
    return model.region.contains(u, v);
  }

  void shade(Material material, Fragment f, float[] rgb) {
    switch (material) {
      case SKIN -> {
        model.skin.sample(level, f.u, f.v, texel);
        skin(f, texel[0], texel[1], texel[2], texel[3], rgb);
      }
      case EAR -> {
        float[] t = model.earTone;
        f.open = 0.3f + 0.7f * f.open;
        skin(f, t[0], t[1], t[2], 0.3f, rgb);
      }
      case LID -> {
        float[] t = model.earTone;
        skin(f, 0.8f * t[0], 0.6f * t[1], 0.58f * t[2], 0.9f, rgb);
      }
      case FLESH -> flesh(f, rgb);
      case TEETH -> teeth(f, rgb);
      case EYE -> eye.shade(f, rgb);
      case LASH -> {
        for (int k = 0; k < 3; k++) {
          rgb[k] = 0.012f * (0.4f + light.around(f.ny, k));
        }
      }
      case HAIR, LOOSE_HAIR, BEARD -> hair.shade(f, rgb);
      case GLASSES -> glasses(f, rgb);
    }
  }

  /**
   * Skin: light wraps further round in red than in blue (it travels under the surface), occlusion
   * and shadow edges redden for the same reason, and two highlights stand for oil and pores.
   */
  private void skin(Fragment f, float r, float g, float b, float gloss, float[] rgb) {
    float ndl = light.key(f);
    float lit = ndl > -0.3f ? light.lit(f) : 0;
    float soft = (float) Math.sqrt(lit);
    float open = 0.12f + 0.88f * f.open;
    float cloth = gloss == 0 ? 0 : 1;
    float fill = light.fill(f) * open;
    for (int k = 0; k < 3; k++) {
      float albedo = k == 0 ? r : k == 1 ? g : b;
      float wrap = cloth * (k == 0 ? 0.34f : k == 1 ? 0.16f : 0.09f);
      float d = Math.max(0, (ndl + wrap) / (1 + wrap));
      float shadow = k == 0 ? 0.45f * lit + 0.55f * soft : k == 1 ? 0.8f * lit + 0.2f * soft : lit;
      float o =
          k == 0 ? open : k == 1 ? open * (0.86f + 0.14f * open) : open * (0.80f + 0.20f * open);
      rgb[k] =
          albedo * (light.key[k] * d * shadow + light.around(f.ny, k) * o + light.fill[k] * fill);
    }
    if (gloss > 0) {
      highlight(f, gloss, lit * smooth(ndl), rgb);
    }
  }

  private void highlight(Fragment f, float gloss, float lit, float[] rgb) {
    float h = light.half(f, f.nx, f.ny, f.nz);
    float h2 = h * h;
    float h4 = h2 * h2;
    float h8 = h4 * h4;
    float h16 = h8 * h8;
    float h64 = h16 * h16 * h16 * h16;
    float nv = Math.max(0, f.nx * f.vx + f.ny * f.vy + f.nz * f.vz);
    float graze = (1 - nv) * (1 - nv);
    graze *= graze;
    float spec = lit * gloss * (0.10f * h8 * h4 + 0.30f * gloss * h64) * (1 + 3 * graze);
    float rim = 0.22f * graze * f.open * gloss;
    for (int k = 0; k < 3; k++) {
      rgb[k] += spec * light.key[k] + rim * light.around(f.ny, k);
    }
  }

  private static float smooth(float ndl) {
    return ndl <= 0 ? 0 : ndl >= 0.25f ? 1 : ndl * 4;
  }

  private void flesh(Fragment f, float[] rgb) {
    float d = Math.max(0, light.key(f)) * light.lit(f);
    float o = f.open * f.open;
    for (int k = 0; k < 3; k++) {
      float albedo = k == 0 ? 0.42f : 0.13f;
      rgb[k] =
          albedo * o * (0.55f * light.key[k] * d + light.around(f.ny, k) + 0.5f * light.fill[k]);
    }
    highlight(f, 0.6f * o, d, rgb);
  }

  private void teeth(Fragment f, float[] rgb) {
    float arc = Math.abs(f.u);
    float d = Math.max(0, 0.25f + 0.75f * light.key(f)) * (0.35f + 0.65f * light.lit(f));
    float gap = 0.55f + 0.45f * (float) Math.min(1, 2.5 * MouthParts.crown(arc));
    float inside = 1 - 0.85f * (float) Curves.smoothstep(8, 30, arc);
    float gum = (float) Curves.smoothstep(0.34, 0.22, f.v + 0.06 * Math.cos(arc * 0.8));
    float shade = inside * gap * (0.62f + 0.38f * f.v);
    for (int k = 0; k < 3; k++) {
      float tooth = k == 0 ? 0.74f : k == 1 ? 0.69f : 0.58f;
      float pink = k == 0 ? 0.38f : 0.13f;
      float albedo = (tooth + (pink - tooth) * gum) * shade;
      rgb[k] = albedo * (0.6f * light.key[k] * d + 0.9f * light.around(f.ny, k) + light.fill[k]);
    }
    highlight(f, 0.7f * inside, 0.7f * d, rgb);
  }

  private void glasses(Fragment f, float[] rgb) {
    float d = Math.max(0, light.key(f)) * light.lit(f);
    for (int k = 0; k < 3; k++) {
      rgb[k] = 0.02f * (light.key[k] * d + light.around(f.ny, k));
    }
    highlight(f, 0.9f, d, rgb);
  }
}
