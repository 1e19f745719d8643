package org.likeness.faceset.synthetic;

import java.util.SplittableRandom;

/**
 * What is behind a head: a colour gradient with out-of-focus discs and panels, a pure function of
 * the seed. {@code clutter} in [0, 1] says how many.
 */
public record Background(long seed, double clutter) {

  /** Refuses clutter outside [0, 1]. */
  public Background {
    if (!(clutter >= 0 && clutter <= 1)) {
      throw new IllegalArgumentException("background: clutter " + clutter + " is outside [0, 1]");
    }
  }

  private record Blob(double x, double y, double rx, double ry, double soft, float[] rgb) {
    /** Share of the blob's colour at a point; panels have a high power, discs a low one. */
    double cover(double px, double py) {
      double u = (px - x) / rx;
      double v = (py - y) / ry;
      return Curves.smoothstep(1 + soft, 1 - soft, Math.sqrt(u * u + v * v));
    }
  }

  /** The painted background: linear RGB at any frame position in units of the frame's side. */
  static final class Painting {
    private final float[] from;
    private final float[] to;
    private final double dx;
    private final double dy;
    private final Blob[] blobs;

    Painting(Background b) {
      SplittableRandom random = new SplittableRandom(b.seed * 0x9E3779B97F4A7C15L + 99);
      double hue = random.nextDouble();
      double level = random.nextDouble(0.12, 0.5);
      from = colour(hue, random.nextDouble(0.1, 0.5), level);
      to =
          colour(
              hue + random.nextDouble(-0.15, 0.15),
              random.nextDouble(0.1, 0.5),
              level * random.nextDouble(0.3, 1.1));
      double angle = random.nextDouble(2 * Math.PI);
      dx = Math.cos(angle) * 0.8;
      dy = Math.sin(angle) * 0.8;
      blobs = new Blob[(int) Math.round(b.clutter * random.nextDouble(4, 10))];
      for (int i = 0; i < blobs.length; i++) {
        double r = random.nextDouble(0.05, 0.2);
        blobs[i] =
            new Blob(
                random.nextDouble(-0.1, 1.1),
                random.nextDouble(-0.1, 1.1),
                r,
                r * random.nextDouble(0.8, 2.4),
                random.nextDouble(0.15, 0.5),
                colour(
                    hue + random.nextDouble(-0.3, 0.3),
                    random.nextDouble(0.15, 0.7),
                    random.nextDouble(0.08, 0.6)));
      }
    }

    void at(double x, double y, float[] rgb) {
      double t = Curves.smoothstep(-0.6, 0.6, (x - 0.5) * dx + (y - 0.5) * dy);
      for (int k = 0; k < 3; k++) {
        rgb[k] = (float) Curves.mix(from[k], to[k], t);
      }
      for (Blob b : blobs) {
        double c = 0.75 * b.cover(x, y);
        if (c > 0) {
          for (int k = 0; k < 3; k++) {
            rgb[k] = (float) Curves.mix(rgb[k], b.rgb[k], c);
          }
        }
      }
    }

    /** Mean of the two gradient colours: what the background adds to the ambient light. */
    float[] mean() {
      return new float[] {
        0.5f * (from[0] + to[0]), 0.5f * (from[1] + to[1]), 0.5f * (from[2] + to[2])
      };
    }

    private static float[] colour(double hue, double saturation, double level) {
      float[] rgb = new float[3];
      for (int k = 0; k < 3; k++) {
        double wave = 0.5 + 0.5 * Math.cos(2 * Math.PI * (hue - k / 3.0));
        rgb[k] = (float) (level * (1 - saturation + saturation * wave * 1.6));
      }
      return rgb;
    }
  }
}
