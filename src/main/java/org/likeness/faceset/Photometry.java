package org.likeness.faceset;

import java.util.Locale;
import java.util.Set;

/**
 * What is done to colours and quality (spec data.md 7): an HSV shift of up to {@code hsvPower}
 * (0..0.3, 0 for none), a colour transfer, and distortions, shadows among them within {@code
 * shadows}.
 */
public record Photometry(
    double hsvPower, ColourTransfer transfer, Set<Distortion> distortions, ShadowBounds shadows) {
  /** Nothing. */
  public static final Photometry NONE = new Photometry(0, ColourTransfer.NONE, Set.of());

  private static final double LARGEST_POWER = 0.3;

  /** Shadows as usual, where there are any. */
  public Photometry(double hsvPower, ColourTransfer transfer, Set<Distortion> distortions) {
    this(hsvPower, transfer, distortions, ShadowBounds.USUAL);
  }

  /** Refuses a power out of range. */
  public Photometry {
    if (!(hsvPower >= 0 && hsvPower <= LARGEST_POWER)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "an HSV power of %s is not within 0 to 0.3", hsvPower));
    }
    distortions = Set.copyOf(distortions);
  }
}
