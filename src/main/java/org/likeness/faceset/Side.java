package org.likeness.faceset;

/** Which of the two people a batch shows; each side draws its own random numbers. */
public enum Side {
  /** Whose face is wanted. */
  SRC(0),
  /** Whose pose and expression are kept. */
  DST(1);

  private final int salt;

  Side(int salt) {
    this.salt = salt;
  }

  /** Enters every seed. */
  int salt() {
    return salt;
  }
}
