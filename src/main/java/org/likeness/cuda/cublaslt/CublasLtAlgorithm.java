package org.likeness.cuda.cublaslt;

/** One of cuBLASLt's ways to compute a product. */
public final class CublasLtAlgorithm implements AutoCloseable {
  private final String name;
  private final long workspaceBytes;

  CublasLtAlgorithm(String name, long workspaceBytes) {
    this.name = name;
    this.workspaceBytes = workspaceBytes;
  }

  /**
   * Device addresses, multiples of 16; 0 for what the product does not have.
   *
   * @param bias (n)
   * @param workspace of {@link CublasLtAlgorithm#workspaceBytes}
   */
  public record Operands(long a, long b, long c, long bias, long workspace) {}

  /**
   * Returns the algorithm and its configuration, the same for the same product in every process
   * that uses this version of the library.
   */
  public String name() {
    return name;
  }

  /** Returns how much temporary memory a run needs. */
  public long workspaceBytes() {
    return workspaceBytes;
  }

  /** Makes a run with these addresses ready. */
  public CublasLtCall bind(Operands addresses) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return name;
  }
}
