package org.likeness.faceset;

/** Whose ranges augmentation draws from. */
public enum Dialect {
  /** DeepFaceLab: rotation up to 10 degrees. */
  OG(10),
  /** DeepFaceLab-MVE: rotation up to 2 degrees. */
  MVE(2);

  private final double degrees;

  Dialect(double degrees) {
    this.degrees = degrees;
  }

  /** Largest rotation to either side. */
  double degrees() {
    return degrees;
  }
}
