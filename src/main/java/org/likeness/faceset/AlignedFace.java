package org.likeness.faceset;

import java.util.List;

/**
 * What DeepFaceLab stores in an aligned JPG (spec data.md 1.5). {@code landmarks} are in the JPG's
 * pixels; {@code xsegMask} is an encoded PNG or JPG, or null; {@code eyebrowsExpandMod} is 1 unless
 * someone set it.
 */
public record AlignedFace(
    FaceType type,
    Landmarks landmarks,
    double eyebrowsExpandMod,
    byte[] xsegMask,
    List<SegPolygon> polygons,
    SourceFrame source) {
  /** A face with nothing but its type and landmarks. */
  public static AlignedFace of(FaceType type, Landmarks landmarks) {
    return new AlignedFace(type, landmarks, 1, null, List.of(), SourceFrame.UNKNOWN);
  }
}
