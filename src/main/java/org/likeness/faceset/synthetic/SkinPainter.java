package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.clamp01;
import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

import java.util.stream.IntStream;

/** Paints skin, lips, brows, stubble, hairline and clothing of one identity over its chart. */
final class SkinPainter {
  static final int SIZE = 1024;

  private final Identity id;
  private final Layout at;
  private final Chart chart;
  private final Sculptor lips;
  private final float[] rest; // (vertices, 3)
  private final Hairline hairline;
  private final Brow brow;
  private final BeardArea beard;
  private final Noise noise;
  private final float[] tone;
  private final float[] lipColour;
  private final float[] hairColour;
  private final float[] browColour;
  private final float[] cloth;
  private final float[][] spots; // x, y, radius, strength

  SkinPainter(Identity id, Layout at, Chart chart, Sculptor lips, float[] rest) {
    this.id = id;
    this.at = at;
    this.chart = chart;
    this.lips = lips;
    this.rest = rest;
    hairline = new Hairline(id, at);
    brow = new Brow(id, at);
    beard = new BeardArea(id, at);
    noise = new Noise(id.seed() * 977 + 3);
    tone = Colour.skin(id.skin().tone());
    lipColour = Colour.linear(id.mouth().colour());
    hairColour = Colour.linear(id.hair().colour());
    browColour = Colour.linear(id.brows().colour());
    double hue = noise.at(5, 5, 5);
    cloth = new float[3];
    for (int k = 0; k < 3; k++) {
      cloth[k] =
          (float)
              (0.05 + 0.3 * noise.at(9, 9, 9) * (0.55 + 0.45 * Math.cos(6.3 * (hue - k / 3.0))));
    }
    spots = freckles();
  }

  private float[][] freckles() {
    int n = (int) (230 * id.skin().freckles()) + (int) (3 * noise.at(1, 2, 3));
    float[][] out = new float[n][];
    for (int i = 0; i < n; i++) {
      double a = noise.at(i, 0, 20) + noise.at(i, 1, 20) + noise.at(i, 2, 20) - 1.5;
      double b = noise.at(i, 3, 20) + noise.at(i, 4, 20) - 1;
      out[i] =
          new float[] {
            (float) (a * 75),
            (float) (-9 + b * 30),
            (float) (0.35 + 0.45 * noise.at(i, 5, 20)),
            (float) (0.2 + 0.35 * noise.at(i, 6, 20))
          };
    }
    return out;
  }

  Texture paint() {
    int[] texels = new int[SIZE * SIZE];
    IntStream.range(0, SIZE).parallel().forEach(y -> paintRow(y, texels));
    return new Texture(SIZE, texels);
  }

  private void paintRow(int ty, int[] texels) {
    double v = (ty + 0.5) / SIZE;
    int r = 0;
    while (r + 2 < chart.rows && chart.v[r + 1] < v) {
      r++;
    }
    double fr = (v - chart.v[r]) / (chart.v[r + 1] - chart.v[r]);
    Texel t = new Texel();
    int c = 0;
    for (int tx = 0; tx < SIZE; tx++) {
      double u = (tx + 0.5) / SIZE;
      while (c + 2 < chart.columns && chart.u[c + 1] < u) {
        c++;
      }
      double fc = (u - chart.u[c]) / (chart.u[c + 1] - chart.u[c]);
      t.x = blend(r, c, fr, fc, 0);
      t.y = blend(r, c, fr, fc, 1);
      t.z = blend(r, c, fr, fc, 2);
      t.phi = mix(chart.phi[c], chart.phi[c + 1], fc);
      t.v = v;
      texels[ty * SIZE + tx] = paint(t);
    }
  }

  private double blend(int r, int c, double fr, double fc, int k) {
    double top = mix(rest[3 * chart.upper(r, c) + k], rest[3 * chart.upper(r, c + 1) + k], fc);
    double low =
        mix(rest[3 * chart.upper(r + 1, c) + k], rest[3 * chart.upper(r + 1, c + 1) + k], fc);
    return mix(top, low, fr);
  }

  /** One texel being painted: where it lies on the resting head and what it has become so far. */
  private static final class Texel {
    double x;
    double y;
    double z;
    double phi;
    double v;
    double red;
    double green;
    double blue;
    double gloss;

    void blend(double r, double g, double b, double amount) {
      red += (r - red) * amount;
      green += (g - green) * amount;
      blue += (b - blue) * amount;
    }

    void tint(double r, double g, double b, double amount) {
      red *= mix(1, r, amount);
      green *= mix(1, g, amount);
      blue *= mix(1, b, amount);
    }
  }

  private int paint(Texel t) {
    t.red = tone[0];
    t.green = tone[1];
    t.blue = tone[2];
    t.gloss = 0.33;
    mottle(t);
    boolean front = t.z < 50 && t.y < at.chinY() + 12 && t.y > -112;
    if (front) {
      blush(t);
      eyeArea(t);
      age(t);
      freckle(t);
      noseArea(t);
    }
    stubble(t);
    if (front) {
      brows(t);
      lips(t);
    }
    scalp(t);
    clothing(t);
    return Texture.pack(t.red, t.green, t.blue, t.gloss);
  }

  private void mottle(Texel t) {
    double wide = noise.rough(t.phi * 4.5, t.y / 16, 1);
    double fine = noise.smooth(t.phi * 85, t.y * 1.3, 2);
    double red = noise.rough(t.phi * 10, t.y / 7, 3);
    double l = 1 + 0.035 * wide + 0.03 * fine;
    t.tint(l * (1 + 0.012 * red), l * (1 - 0.03 * red), l * (1 - 0.03 * red), 1);
    t.gloss += 0.05 * fine;
  }

  private void blush(Texel t) {
    double b = id.skin().blush();
    double mx = Math.abs(t.x);
    double cheeks = bell(mx - 43, t.y - 2, 15, 12);
    double nose = bell(t.x, t.y - at.noseTipY(), 10, 8);
    double chin = bell(t.x, t.y - (at.chinY() - 12), 14, 8);
    double k = clamp01((0.3 + 0.7 * b) * (0.8 * cheeks + 0.6 * nose) + 0.25 * chin);
    t.tint(1.0, 0.72, 0.70, k * 0.75);
    double zone = bell(t.x, t.y + 85, 30, 18) + bell(t.x, t.y - at.noseTipY() + 6, 7, 18);
    t.gloss += 0.22 * Math.min(1, zone) + 0.1 * bell(mx - 45, t.y + 14, 10, 7);
  }

  private void eyeArea(Texel t) {
    double mx = Math.abs(t.x);
    double ex = mx - at.eyeX();
    double ey = t.y - Layout.EYE_Y;
    t.tint(
        0.86, 0.76, 0.78, 0.55 * bell(ex + 4, ey - 9.5, 10, 3.4) * (0.5 + 0.7 * id.skin().age()));
    t.tint(0.82, 0.70, 0.70, 0.55 * bell(ex + 13, ey, 6, 7));
    double fold = bell((t.y - (Layout.EYE_Y - 8.2)) / 0.75) * smoothstep(17, 12, Math.abs(ex));
    t.tint(0.5, 0.36, 0.34, 0.85 * fold * (1 - 0.5 * Math.max(0, id.eyes().hooded())));
    double lid =
        smoothstep(-9.5, -7, ey) * smoothstep(3, 1, ey) * smoothstep(17, 12.5, Math.abs(ex));
    t.tint(0.92, 0.80, 0.78, 0.6 * lid);
    double shadow = id.skin().makeup() * (lid + 0.5 * bell(ex - 3, ey + 11, 13, 4));
    t.tint(0.42, 0.30, 0.34, clamp01(0.75 * shadow));
    double rim = bell((ey - 1) / 1.1) * smoothstep(15, 13, Math.abs(ex));
    t.tint(0.6, 0.42, 0.40, 0.6 * rim);
    t.gloss += 0.25 * lid;
  }

  private void age(Texel t) {
    double age = id.skin().age();
    double mx = Math.abs(t.x);
    double foldX =
        mix(15, at.mouthHalf() + 7, smoothstep(at.noseBaseY() - 6, at.mouthY() + 4, t.y));
    double fold =
        bell((mx - foldX) / 1.7)
            * smoothstep(at.noseBaseY() - 9, at.noseBaseY(), t.y)
            * smoothstep(at.mouthY() + 10, at.mouthY(), t.y);
    t.tint(0.66, 0.56, 0.54, fold * (0.22 + 0.6 * age));
    if (age < 0.05) {
      return;
    }
    double wave = t.y + 1.6 * noise.smooth(t.x / 14, 0, 8) + 0.004 * t.x * t.x;
    double lines = 0;
    for (int i = 0; i < 3; i++) {
      lines += bell((wave + 74 + 8.5 * i) / 0.7) * smoothstep(44, 24 - 4 * i, mx);
    }
    double crow = 0;
    for (int i = -1; i <= 1; i++) {
      double along = mx - at.eyeX() - at.eyeHalf() - 1.5;
      crow += bell((t.y + 38 - i * (1.5 + 0.42 * along)) / 0.6) * bell((along - 5) / 3.5);
    }
    double frown = bell((mx - 5.5) / 0.8) * bell((t.y + 54) / 4.5);
    double bags =
        bell((t.y + 24.5 - 0.012 * Math.pow(mx - at.eyeX(), 2)) / 0.9)
            * bell((mx - at.eyeX() + 2) / 8);
    t.tint(0.6, 0.5, 0.48, clamp01(age * (0.6 * lines + 0.7 * crow + 0.5 * frown + 0.6 * bags)));
  }

  private void freckle(Texel t) {
    for (float[] s : spots) {
      double dx = t.x - s[0];
      double dy = t.y - s[1];
      double e = (dx * dx + dy * dy) / (s[2] * s[2]);
      if (e < 4) {
        t.tint(0.62, 0.45, 0.34, s[3] * smoothstep(4, 0.4, e) * 1.3);
      }
    }
  }

  private void noseArea(Texel t) {
    double mx = Math.abs(t.x);
    double ala = 10.2 + 2.9 * id.nose().width();
    double hole = bell(mx - 0.60 * ala, t.y - (at.noseBaseY() - 0.6), 2.5, 1.5);
    double inside = smoothstep(0.42, 0.8, hole) * smoothstep(-10, -16, t.z);
    t.blend(0.035 * tone[0] + 0.004, 0.02 * tone[1], 0.02 * tone[2], 0.93 * inside);
    t.gloss *= 1 - inside;
    double crease = bell(mx - ala - 4.6, t.y - (at.noseBaseY() - 5), 1.5, 5);
    t.tint(0.72, 0.58, 0.55, 0.55 * crease);
    t.tint(0.75, 0.62, 0.60, 0.4 * bell(t.x, t.y - at.noseBaseY() - 1.5, 9, 1.6));
  }

  private void stubble(Texel t) {
    double s =
        id.extras().beard() > 0 ? Math.min(1, 0.75 + id.extras().beard()) : id.skin().stubble();
    if (s == 0) {
      return;
    }
    double area = beard.density(t.x, t.y, t.z, t.phi);
    if (area > 0) {
      double grain = 0.75 + 0.5 * noise.smooth(t.phi * 110, t.y * 1.7, 6);
      double k = clamp01(s * area * grain * 0.85);
      t.blend(
          mix(hairColour[0], tone[0] * 0.3, 0.35),
          mix(hairColour[1], tone[1] * 0.32, 0.35),
          mix(hairColour[2], tone[2] * 0.36, 0.35),
          k);
      t.gloss *= 1 - 0.5 * k;
    }
  }

  private void brows(Texel t) {
    if (t.y < -76 || t.y > -40) {
      return;
    }
    t.tint(0.8, 0.74, 0.72, 0.35 * brow.shade(t.x, t.y));
    double c = brow.cover(t.x, t.y, t.x < 0 ? 0 : 1);
    double fade = 0.85 + 0.15 * noise.smooth(t.x, t.y, 11);
    t.blend(browColour[0], browColour[1], browColour[2], 0.93 * c * fade);
    t.gloss *= 1 - 0.4 * c;
  }

  private void lips(Texel t) {
    double s = Math.abs(t.x) / at.mouthHalf();
    double dy = t.y - at.mouthY();
    if (s > 1.3 || Math.abs(dy) > 22) {
      return;
    }
    double reach = dy < 0 ? lips.upperBorder(s) : lips.lowerBorder(s);
    double q = Math.abs(dy) - reach + 0.16 * noise.smooth(t.x / 1.2, t.y / 3, 12);
    double on = smoothstep(0.75, -0.9, q) * smoothstep(1.02, 0.93, s);
    double lines = 1 + 0.09 * noise.smooth(t.x * 1.05, dy * 0.18, 13);
    double shade = (dy < 0 ? 0.86 : 1.03) * lines * (1 - 0.30 * bell(dy / 1.6));
    double keep = 0.12;
    t.blend(
        mix(lipColour[0] * shade, t.red, keep),
        mix(lipColour[1] * shade, t.green, keep),
        mix(lipColour[2] * shade, t.blue, keep),
        on);
    t.gloss = mix(t.gloss, 0.75, on);
    t.tint(0.45, 0.32, 0.32, 0.85 * bell(dy / 0.55) * smoothstep(1.02, 0.93, s));
    t.tint(0.62, 0.5, 0.48, 0.5 * bell(s - 1.06, dy, 0.07, 2.2));
    t.tint(0.8, 0.72, 0.7, 0.45 * bell(t.x, dy - at.lowerLip() - 3.2, 13, 2));
  }

  private void scalp(Texel t) {
    double rooted = hairline.density(t.x, t.y, t.z);
    double shade = id.hair().style() == Identity.HairStyle.BALD ? 0 : 0.92;
    double speckle =
        clamp01(rooted * 1.25 - 0.25 * (0.5 + 0.5 * noise.smooth(t.phi * 110, t.y * 1.6, 14)));
    t.blend(hairColour[0], hairColour[1], hairColour[2], shade * speckle);
    t.gloss *= 1 - 0.7 * rooted * shade;
  }

  private void clothing(Texel t) {
    double on = smoothstep(0.9712, 0.9722, t.v - 0.005 * Math.max(0, Math.cos(t.phi)));
    double weave = 1 + 0.08 * noise.smooth(t.x * 0.9, t.y * 0.9 + t.z, 15);
    t.blend(cloth[0] * weave, cloth[1] * weave, cloth[2] * weave, on);
    t.gloss = mix(t.gloss, 0, on);
  }
}
