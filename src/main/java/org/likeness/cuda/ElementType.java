package org.likeness.cuda;

/** The types of tensors' elements that NVIDIA's libraries are given. */
public enum ElementType {
  /** 32 bits, IEEE 754. */
  F32(4),
  /** 16 bits with 8 bits of exponent. */
  BF16(2),
  /** 16 bits, IEEE 754. */
  F16(2);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
