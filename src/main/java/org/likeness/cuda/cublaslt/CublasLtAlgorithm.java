package org.likeness.cuda.cublaslt;

/** One of cuBLASLt's ways to compute a product. */
public final class CublasLtAlgorithm implements AutoCloseable {
  private final CublasLtCalls calls;
  private final long handle;
  private final CublasLtProduct product;
  private final AlgorithmSearch.Found found;

  CublasLtAlgorithm(
      CublasLtCalls calls, long handle, CublasLtProduct product, AlgorithmSearch.Found found) {
    this.calls = calls;
    this.handle = handle;
    this.product = product;
    this.found = found;
  }

  /**
   * Device addresses, multiples of 256; 0 for what the product does not have.
   *
   * @param bias (n), f32
   * @param workspace of {@link CublasLtAlgorithm#workspaceBytes}
   */
  public record Operands(long a, long b, long c, long bias, long workspace) {}

  /**
   * Returns the algorithm and its configuration, the same for the same product in every process
   * that uses this version of the library on this GPU, such as "algo21 tile20 stages8 split1 ...".
   */
  public String name() {
    return found.name();
  }

  /** Returns how much temporary memory a run needs. */
  public long workspaceBytes() {
    return found.workspaceBytes();
  }

  /** Makes a run with these addresses ready; it is closed before the library. */
  public CublasLtCall bind(Operands addresses) {
    if (addresses.a == 0 || addresses.b == 0 || addresses.c == 0) {
      throw new IllegalArgumentException(this + ": no address of A, B or C");
    }
    if (addresses.bias == 0 && product.epilogue().bias()) {
      throw new IllegalArgumentException(this + ": no address of the bias");
    }
    if (addresses.workspace == 0 && workspaceBytes() > 0) {
      throw new IllegalArgumentException(this + ": no workspace of " + workspaceBytes() + " bytes");
    }
    return new CublasLtCall(
        calls, handle, new LtProblem(calls, product, addresses.bias), found, addresses, product);
  }

  /** Gives back nothing: only its runs hold descriptors. */
  @Override
  public void close() {}

  /** Returns the name. */
  @Override
  public String toString() {
    return name();
  }
}
