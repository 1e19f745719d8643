package org.likeness.faceset;

/**
 * How faces become samples: {@code resolution} x {@code resolution} crops of {@code faceType},
 * warped and flipped (with probability 0.4) where asked, with an em mask (eyes and mouth) where
 * {@code em}.
 */
public record SampleSettings(
    int resolution,
    FaceType faceType,
    boolean randomWarp,
    boolean randomFlip,
    Dialect dialect,
    boolean em) {
  private static final int SMALLEST = 16;
  private static final int LARGEST = 2048;

  /** Refuses what cannot be sampled, by name. */
  public SampleSettings {
    if (resolution < SMALLEST || resolution > LARGEST || resolution % SMALLEST != 0) {
      throw new IllegalArgumentException(
          "resolution %d is not a multiple of %d from %d to %d"
              .formatted(resolution, SMALLEST, SMALLEST, LARGEST));
    }
    if (!faceType.hasCrop()) {
      throw new IllegalArgumentException(
          "face type " + faceType.word() + " cannot be trained: its crop is not known");
    }
    if (em && dialect == Dialect.MVE) {
      throw new IllegalArgumentException(
          "the eyes and mouth masks of the MVE dialect are not supported yet; use dialect og or"
              + " switch eyes and mouth priority off");
    }
  }
}
