package org.likeness.saehd;

import java.util.Arrays;
import java.util.Optional;

/**
 * What the training losses consist of (spec model.md 4).
 *
 * @param masked whether the image loss sees only the face
 * @param clipMasks whether masks are limited to [0,1] first, as the MVE dialect does
 * @param blurOut whether what lies outside the face is blurred in the targets
 * @param priority extra weight on eyes and mouth
 * @param background weight of the image loss over the whole unmasked face, 0 for none
 * @param faceStyle face_style_power, 0 for none
 * @param backgroundStyle bg_style_power, 0 for none
 */
public record LossSettings(
    boolean masked,
    boolean clipMasks,
    boolean blurOut,
    Similarity similarity,
    Priority priority,
    double background,
    double faceStyle,
    double backgroundStyle) {
  /** How image similarity is measured (spec model.md 4.4). */
  public enum Similarity {
    SSIM("SSIM"),
    MS_SSIM("MS-SSIM"),
    MS_SSIM_L1("MS-SSIM+L1");

    private final String option;

    Similarity(String option) {
      this.option = option;
    }

    /** Returns the one that loss_function calls so. */
    public static Optional<Similarity> named(String option) {
      return Arrays.stream(values()).filter(s -> s.option.equals(option)).findFirst();
    }
  }

  /** Which parts get an extra absolute error (spec model.md 4.5). */
  public enum Priority {
    NONE,
    /** The OG dialect's mask of both, as delivered. */
    AS_DELIVERED,
    /** The MVE dialect's codes: eyes. */
    EYES,
    /** The MVE dialect's codes: mouth. */
    MOUTH,
    /** The MVE dialect's codes: both. */
    EYES_AND_MOUTH;

    /** Returns what three options ask for; MVE reads the OG dialect's one as both of its own. */
    public static Priority of(boolean mve, boolean both, boolean eyes, boolean mouth) {
      if (!mve) {
        return both ? AS_DELIVERED : NONE;
      }
      if (both || eyes && mouth) {
        return EYES_AND_MOUTH;
      }
      return eyes ? EYES : mouth ? MOUTH : NONE;
    }
  }

  /** The defaults of the OG dialect. */
  public static final LossSettings DEFAULT =
      new LossSettings(true, false, false, Similarity.SSIM, Priority.NONE, 0, 0, 0);

  /** Returns the defaults with these two changed. */
  public LossSettings with(boolean mask, boolean clip) {
    return new LossSettings(
        mask, clip, blurOut, similarity, priority, background, faceStyle, backgroundStyle);
  }

  /** Tells whether the step needs the faces that src's decoder makes of dst. */
  public boolean styled() {
    return faceStyle > 0 || backgroundStyle > 0;
  }
}
