package org.likeness.faceset;

/** A float picture, values 0..1: {@code values} // (height, width, channels). */
record Raster(int width, int height, int channels, float[] values) {
  private static final float[] BYTE_TO_UNIT = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      BYTE_TO_UNIT[i] = i / 255f;
    }
  }

  Raster {
    if (values.length != width * height * channels) {
      throw new IllegalArgumentException(
          "a raster of %d x %d x %d cannot hold %d values"
              .formatted(height, width, channels, values.length));
    }
  }

  static Raster empty(int width, int height, int channels) {
    return new Raster(width, height, channels, new float[width * height * channels]);
  }

  static Raster of(OpenCv.Pixels pixels) {
    byte[] bytes = pixels.bytes();
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = BYTE_TO_UNIT[bytes[i] & 0xff];
    }
    return new Raster(pixels.width(), pixels.height(), pixels.channels(), values);
  }

  /** Limits every value to 0..1, in place. */
  Raster clip() {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.clamp(values[i], 0f, 1f);
    }
    return this;
  }
}
