package org.likeness.faceset;

/**
 * How strong shadows and highlights are (spec data.md 7.5): factors of light, uniformly from {@code
 * low} to {@code lowTo} inside a shadow and from {@code high} to {@code highTo} outside it.
 */
public record ShadowBounds(double low, double lowTo, double high, double highTo) {
  /** Those of {@code random_shadow}. */
  public static final ShadowBounds USUAL = new ShadowBounds(0.2, 0.6, 1, 2.5);
}
