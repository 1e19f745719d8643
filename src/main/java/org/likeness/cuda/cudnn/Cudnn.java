package org.likeness.cuda.cudnn;

import java.util.List;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.InstalledLibrary;
import org.likeness.ffi.LibrarySearch;

/**
 * cuDNN 9, open on a context. It is for one thread at a time, which has entered the context; what
 * it makes is closed before it, and it before the context.
 */
public final class Cudnn implements AutoCloseable {
  private final InstalledLibrary installed;

  private Cudnn(InstalledLibrary installed) {
    this.installed = installed;
  }

  /**
   * Opens cuDNN on a context, or says why it cannot be used: it is nowhere, native access is
   * forbidden, it lacks functions, it is for a newer CUDA than the driver's, or it refuses to
   * start.
   *
   * @param driverVersion as {@link org.likeness.cuda.CudaDriver#versionNumber} tells it
   */
  public static LibrarySearch.Result<Cudnn> open(CudaContext context, int driverVersion) {
    throw new UnsupportedOperationException("to come");
  }

  /** Returns which library it is. */
  public InstalledLibrary installed() {
    return installed;
  }

  /**
   * Returns cuDNN's ways to compute a convolution that give the same bits each time, those that it
   * thinks fastest first; empty where it has none. The caller closes them.
   *
   * @param workspaceCeiling bytes of temporary memory that a way may need at most
   */
  public List<CudnnPlan> plans(CudnnConvolution convolution, long workspaceCeiling) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "cuDNN " + installed.version();
  }
}
