package org.likeness.faceset;

/**
 * Where a face was cut from; every part may be null. {@code rect} is left, top, right, bottom;
 * {@code landmarks} are in the frame's pixels; {@code toFace} maps the frame to the JPG.
 */
public record SourceFrame(String filename, double[] rect, Landmarks landmarks, Affine toFace) {
  /** Nothing is known. */
  public static final SourceFrame UNKNOWN = new SourceFrame(null, null, null, null);
}
