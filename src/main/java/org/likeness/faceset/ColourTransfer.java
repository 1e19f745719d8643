package org.likeness.faceset;

import java.util.Arrays;
import java.util.Optional;

/** How a picture of src takes on the colours of dst: the option {@code ct_mode}. */
public enum ColourTransfer {
  /** Not at all. */
  NONE("none", false),
  /** Reinhard et al. 2001: mean and deviation in LAB. */
  RCT("rct", true),
  /** Means and covariances by symmetric square roots. */
  LCT("lct", true),
  /** Pitie and Kokaram 2007: the linear Monge-Kantorovitch map. */
  MKL("mkl", true),
  /** Pitie, Kokaram and Dahyot 2007: iterative distribution transfer. */
  IDT("idt", true),
  /** Sliced optimal transport. */
  SOT("sot", true),
  /** MVE: local contrast and LAB jitter, without a reference, on both sides. */
  FS_AUG("fs-aug", false),
  /** MVE: FS_AUG, stronger, with brightness, contrast and colour. */
  CC_AUG("cc-aug", false);

  private final String option;
  private final boolean needsReference;

  ColourTransfer(String option, boolean needsReference) {
    this.option = option;
    this.needsReference = needsReference;
  }

  /** The value of {@code ct_mode}. */
  public String option() {
    return option;
  }

  /** Whether it takes colours from pictures of the other side; then only src is changed. */
  public boolean needsReference() {
    return needsReference;
  }

  /** By the value of {@code ct_mode}. */
  public static Optional<ColourTransfer> ofOption(String option) {
    return Arrays.stream(values()).filter(mode -> mode.option.equals(option)).findFirst();
  }
}
