package org.likeness.cuda.cublaslt;

import java.util.List;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.InstalledLibrary;
import org.likeness.ffi.LibrarySearch;

/**
 * cuBLASLt, open on a context. It is for one thread at a time, which has entered the context; what
 * it makes is closed before it, and it before the context.
 */
public final class CublasLt implements AutoCloseable {
  private final InstalledLibrary installed;

  private CublasLt(InstalledLibrary installed) {
    this.installed = installed;
  }

  /** Opens cuBLASLt on a context, or says why it cannot be used. */
  public static LibrarySearch.Result<CublasLt> open(CudaContext context, int driverVersion) {
    throw new UnsupportedOperationException("to come");
  }

  /** Returns which library it is. */
  public InstalledLibrary installed() {
    return installed;
  }

  /**
   * Returns cuBLASLt's ways to compute a product that give the same bits each time, those that it
   * thinks fastest first; empty where it has none. The caller closes them.
   *
   * @param workspaceCeiling bytes of temporary memory that a way may need at most
   */
  public List<CublasLtAlgorithm> algorithms(CublasLtProduct product, long workspaceCeiling) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "cuBLASLt " + installed.version();
  }
}
