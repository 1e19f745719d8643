package org.likeness.faceset.synthetic;

/**
 * The painted skin: linear red, green, blue and gloss in [0, 1], each stored as the 8-bit square
 * root, with half-size levels for distant views.
 */
final class Texture {
  private final int[][] levels;
  private final int[] sizes;

  Texture(int size, int[] texels) {
    int n = 1;
    for (int s = size; s > 128; s >>= 1) {
      n++;
    }
    levels = new int[n][];
    sizes = new int[n];
    levels[0] = texels;
    sizes[0] = size;
    for (int l = 1; l < n; l++) {
      sizes[l] = sizes[l - 1] / 2;
      levels[l] = halve(levels[l - 1], sizes[l - 1]);
    }
  }

  static int pack(double r, double g, double b, double gloss) {
    return root(gloss) << 24 | root(r) << 16 | root(g) << 8 | root(b);
  }

  private static int root(double v) {
    return (int) Math.round(255 * Math.sqrt(Curves.clamp01(v)));
  }

  private static int[] halve(int[] t, int size) {
    int half = size / 2;
    int[] out = new int[half * half];
    for (int y = 0; y < half; y++) {
      for (int x = 0; x < half; x++) {
        int i = 2 * y * size + 2 * x;
        int packed = 0;
        for (int shift = 0; shift < 32; shift += 8) {
          int sum =
              (t[i] >>> shift & 255)
                  + (t[i + 1] >>> shift & 255)
                  + (t[i + size] >>> shift & 255)
                  + (t[i + size + 1] >>> shift & 255);
          packed |= ((sum + 2) / 4) << shift;
        }
        out[y * half + x] = packed;
      }
    }
    return out;
  }

  int levels() {
    return levels.length;
  }

  /** Bilinear sample of one level: red, green, blue (linear) and gloss into {@code out}. */
  void sample(int level, float u, float v, float[] out) {
    int size = sizes[level];
    float x = Math.clamp(u * size - 0.5f, 0, size - 1.001f);
    float y = Math.clamp(v * size - 0.5f, 0, size - 1.001f);
    int ix = (int) x;
    int iy = (int) y;
    float fx = x - ix;
    float fy = y - iy;
    int[] t = levels[level];
    int i = iy * size + ix;
    int a = t[i];
    int b = t[i + 1];
    int c = t[i + size];
    int d = t[i + size + 1];
    float wd = fx * fy;
    float wb = fx - wd;
    float wc = fy - wd;
    float wa = 1 - fx - wc;
    for (int k = 0; k < 4; k++) {
      int s = k == 3 ? 24 : 16 - 8 * k;
      float q =
          wa * (a >>> s & 255) + wb * (b >>> s & 255) + wc * (c >>> s & 255) + wd * (d >>> s & 255);
      q *= 1 / 255f;
      out[k] = q * q;
    }
  }
}
