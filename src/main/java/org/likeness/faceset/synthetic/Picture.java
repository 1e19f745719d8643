package org.likeness.faceset.synthetic;

import java.util.List;

/**
 * Turns visible triangles into pixels: shades every sample, then averages the samples of a pixel.
 */
final class Picture {
  private final int size;
  private final int samples;
  private final VisibilityBuffer buffer;
  private final List<Part> parts;
  private final Shader shader;
  private final byte[] bgr;
  private final byte[] mask;

  Picture(int size, int samples, VisibilityBuffer buffer, List<Part> parts, Shader shader) {
    this.size = size;
    this.samples = samples;
    this.buffer = buffer;
    this.parts = parts;
    this.shader = shader;
    bgr = new byte[size * size * 3];
    mask = new byte[size * size];
  }

  byte[] bgr() {
    return bgr;
  }

  byte[] mask() {
    return mask;
  }

  /** {@code toFrame} maps output pixels to frame pixels, where the background is painted. */
  void develop(Background.Painting behind, double[] toFrame, int frame) {
    Fragment f = new Fragment();
    float[] rgb = new float[3];
    float[] far = new float[3];
    float[] sum = new float[3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        sum[0] = sum[1] = sum[2] = 0;
        int face = 0;
        boolean painted = false;
        for (int s = 0; s < samples * samples; s++) {
          int sx = x * samples + s % samples;
          int sy = y * samples + s / samples;
          int seen = buffer.seen[sy * buffer.width + sx];
          float[] colour = rgb;
          if (seen == VisibilityBuffer.NOTHING) {
            if (!painted) {
              double px = toFrame[0] * x + toFrame[1] * y + toFrame[2];
              double py = toFrame[3] * x + toFrame[4] * y + toFrame[5];
              behind.at(px / frame, py / frame, far);
              painted = true;
            }
            colour = far;
          } else {
            Part part = parts.get(VisibilityBuffer.part(seen));
            f.interpolate(part, VisibilityBuffer.triangle(seen), sx, sy);
            shader.shade(part.mesh().material(), f, rgb);
            face += isFace(part.mesh().material(), f) ? 1 : 0;
          }
          for (int k = 0; k < 3; k++) {
            sum[k] += Colour.display(colour[k]);
          }
        }
        put(y * size + x, sum, face);
      }
    }
  }

  private boolean isFace(Material material, Fragment f) {
    return material.face && (material != Material.SKIN || shader.isFaceSkin(f.u, f.v));
  }

  private void put(int pixel, float[] sum, int face) {
    int n = samples * samples;
    for (int k = 0; k < 3; k++) {
      bgr[3 * pixel + k] = (byte) Math.round(sum[2 - k] / n);
    }
    mask[pixel] = (byte) (255 * face / n);
  }
}
