package org.likeness.graph;

/** The element type of a tensor. */
public enum DType {
  F32(4),
  F64(8),
  BF16(2),
  F16(2),
  I64(8),
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
