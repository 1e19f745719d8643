package org.likeness.cuda;

/** Numbers of blocks or of threads on three axes. */
public record Dim3(int x, int y, int z) {
  /** Returns a line of them. */
  public static Dim3 of(int x) {
    return new Dim3(x, 1, 1);
  }

  @Override
  public String toString() {
    return x + "x" + y + "x" + z;
  }
}
