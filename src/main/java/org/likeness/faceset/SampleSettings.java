package org.likeness.faceset;

/**
 * How faces become samples: {@code resolution} x {@code resolution} crops of {@code faceType},
 * warped and flipped (with probability 0.4) where asked, with an em mask (eyes and mouth) where
 * {@code em}, colours changed by {@code photometry}; with {@code uniformYaw}, every direction that
 * faces look in is shown equally often; with {@code packed}, rounded to bytes.
 */
public record SampleSettings(
    int resolution,
    FaceType faceType,
    boolean randomWarp,
    boolean randomFlip,
    Dialect dialect,
    boolean em,
    Photometry photometry,
    boolean uniformYaw,
    boolean packed) {
  private static final int SMALLEST = 16;
  private static final int LARGEST = 2048;

  /** Refuses what cannot be sampled, by name. */
  public SampleSettings {
    if (resolution < SMALLEST || resolution > LARGEST || resolution % SMALLEST != 0) {
      throw new IllegalArgumentException(
          "resolution %d is not a multiple of %d from %d to %d"
              .formatted(resolution, SMALLEST, SMALLEST, LARGEST));
    }
    if (!faceType.hasCrop() && faceType != FaceType.CUSTOM) {
      throw new IllegalArgumentException(
          "face type " + faceType.word() + " cannot be trained: its crop is not known");
    }
  }

  /** Colours as they are, every face once per epoch, in floats. */
  public SampleSettings(
      int resolution,
      FaceType faceType,
      boolean randomWarp,
      boolean randomFlip,
      Dialect dialect,
      boolean em) {
    this(resolution, faceType, randomWarp, randomFlip, dialect, em, Photometry.NONE, false, false);
  }

  /** The same with colours changed. */
  public SampleSettings with(Photometry changed) {
    return new SampleSettings(
        resolution, faceType, randomWarp, randomFlip, dialect, em, changed, uniformYaw, packed);
  }

  /** The same with every direction equally often, or every face. */
  public SampleSettings withUniformYaw(boolean uniform) {
    return new SampleSettings(
        resolution, faceType, randomWarp, randomFlip, dialect, em, photometry, uniform, packed);
  }

  /** The same with a plane of eyes and mouth, or without. */
  public SampleSettings withEm(boolean wanted) {
    return new SampleSettings(
        resolution,
        faceType,
        randomWarp,
        randomFlip,
        dialect,
        wanted,
        photometry,
        uniformYaw,
        packed);
  }

  /** The same in bytes, or in floats. */
  public SampleSettings withPacked(boolean bytes) {
    return new SampleSettings(
        resolution, faceType, randomWarp, randomFlip, dialect, em, photometry, uniformYaw, bytes);
  }

  /** Whether eyes and mouth are planes of their own instead of codes in one. */
  boolean splitsParts() {
    return em && packed && dialect == Dialect.MVE;
  }
}
