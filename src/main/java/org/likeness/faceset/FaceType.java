package org.likeness.faceset;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much of the head a crop shows (spec data.md 4.1). */
public enum FaceType {
  /** Brows to mouth. */
  HALF(0, "half_face", "h", 0),
  /** A little more than half. */
  MID_FULL(1, "midfull_face", "mf", 0.0675),
  /** Brows to chin. */
  FULL(2, "full_face", "f", 0.2109375),
  /** FULL, not rotated. */
  FULL_NO_ALIGN(3, "full_face_no_align", "", 0.2109375),
  /** Forehead to chin. */
  WHOLE_FACE(4, "whole_face", "wf", 0.40),
  /** MVE's own crops: no geometry is known. */
  CUSTOM(5, "mve_custom", "custom", Double.NaN),
  /** The whole head, centred by its yaw. */
  HEAD(10, "head", "head", 0.70),
  /** HEAD, not rotated. */
  HEAD_NO_ALIGN(20, "head_no_align", "", 0.70),
  /** Landmarks on an uncropped picture. */
  MARK_ONLY(100, "mark_only", "", Double.NaN);

  private final int id;
  private final String word;
  private final String option;
  private final double padding;

  FaceType(int id, String word, String option, double padding) {
    this.id = id;
    this.word = word;
    this.option = option;
    this.padding = padding;
  }

  /** The number by which packed facesets store it; "less than HEAD" compares these. */
  public int id() {
    return id;
  }

  /** The name by which aligned JPGs store it. */
  public String word() {
    return word;
  }

  /** True if a crop of this type can be computed from landmarks. */
  public boolean hasCrop() {
    return !Double.isNaN(padding);
  }

  /** Side of the crop in unit squares of the mean face, {@code 1 + 2 sqrt(2) padding}. */
  double side() {
    return 1 + 2 * Math.sqrt(2) * padding;
  }

  /** True if the crop is not rotated. */
  boolean upright() {
    return this == FULL_NO_ALIGN || this == HEAD_NO_ALIGN;
  }

  /** By the name in an aligned JPG, in any case. */
  public static Optional<FaceType> ofWord(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(type -> type.word.equals(lower)).findFirst();
  }

  /** By SAEHD's option: h, mf, f, wf, head or custom. */
  public static Optional<FaceType> ofOption(String option) {
    return Arrays.stream(values())
        .filter(type -> !type.option.isEmpty() && type.option.equals(option))
        .findFirst();
  }

  /** By number. */
  public static Optional<FaceType> ofId(long id) {
    return Arrays.stream(values()).filter(type -> type.id == id).findFirst();
  }
}
