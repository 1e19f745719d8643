package org.likeness.faceset.synthetic;

import java.util.Arrays;
import java.util.List;
import org.likeness.faceset.Affine;

/**
 * Turns visible triangles into pixels: shades every sample, then averages the samples of a pixel.
 */
final class Picture {
  private static final float ONE_SURFACE = 4; // mm of depth within a pixel

  private final int size;
  private final int samples;
  private final VisibilityBuffer buffer;
  private final List<Part> parts;
  private final Shader shader;
  private final byte[] bgr;
  private final byte[] mask;
  private final Fragment fragment = new Fragment();
  private final float[] rgb = new float[3];
  private final float[] sum = new float[3];
  private int face;

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
  void develop(Background.Painting behind, Affine toFrame, int frame) {
    float[] far = new float[3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        Arrays.fill(sum, 0);
        face = 0;
        int empty = expose(x, y);
        if (empty > 0) {
          behind.at(toFrame.x(x, y) / frame, toFrame.y(x, y) / frame, far);
          add(far, empty);
        }
        put(y * size + x);
      }
    }
  }

  /** Adds up the samples of one pixel; the number of those that see nothing. */
  private int expose(int x, int y) {
    int first = y * samples * buffer.width + x * samples;
    int alike = alike(first);
    int shades = alike == VisibilityBuffer.NOTHING ? 4 : parts.get(alike).mesh().material().shades;
    if (shades == 1) {
      int middle = samples / 2;
      shade(
          buffer.seen[first + middle * buffer.width + middle],
          x * samples + middle,
          y * samples + middle,
          samples * samples);
      return 0;
    }
    if (shades == 2) {
      int far = samples - 1;
      int half = samples * samples / 2;
      shade(buffer.seen[first], x * samples, y * samples, half);
      shade(
          buffer.seen[first + far * buffer.width + far],
          x * samples + far,
          y * samples + far,
          samples * samples - half);
      return 0;
    }
    int empty = 0;
    for (int s = 0; s < samples * samples; s++) {
      int i = s % samples;
      int j = s / samples;
      int seen = buffer.seen[first + j * buffer.width + i];
      if (seen == VisibilityBuffer.NOTHING) {
        empty++;
      } else {
        shade(seen, x * samples + i, y * samples + j, 1);
      }
    }
    return empty;
  }

  /** The part that all samples of a pixel see at about one depth, or NOTHING. */
  private int alike(int first) {
    int seen = buffer.seen[first];
    if (seen == VisibilityBuffer.NOTHING) {
      return seen;
    }
    int part = VisibilityBuffer.part(seen);
    for (int j = 0; j < samples; j++) {
      for (int i = 0; i < samples; i++) {
        int k = first + j * buffer.width + i;
        int other = buffer.seen[k];
        if (other == VisibilityBuffer.NOTHING
            || VisibilityBuffer.part(other) != part
            || Math.abs(buffer.depth[k] - buffer.depth[first]) > ONE_SURFACE) {
          return VisibilityBuffer.NOTHING;
        }
      }
    }
    return part;
  }

  private void shade(int seen, float sx, float sy, int weight) {
    Part part = parts.get(VisibilityBuffer.part(seen));
    Material material = part.mesh().material();
    fragment.interpolate(part, VisibilityBuffer.triangle(seen), sx, sy);
    shader.shade(material, fragment, rgb);
    add(rgb, weight);
    if (material.face && (material != Material.SKIN || shader.isFaceSkin(fragment.u, fragment.v))) {
      face += weight;
    }
  }

  private void add(float[] linear, int weight) {
    for (int k = 0; k < 3; k++) {
      sum[k] += weight * Colour.display(linear[k]);
    }
  }

  private void put(int pixel) {
    int n = samples * samples;
    for (int k = 0; k < 3; k++) {
      bgr[3 * pixel + k] = (byte) Math.round(sum[2 - k] / n);
    }
    mask[pixel] = (byte) (255 * face / n);
  }
}
