package org.likeness.cuda.cublaslt;

import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_STATUS_SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.InstalledLibrary;
import org.likeness.cuda.LeakAlarm;
import org.likeness.ffi.Availability;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/**
 * cuBLASLt, open on a context. It is for one thread at a time, which has entered the context; what
 * it makes is closed before it, and it before the context.
 */
public final class CublasLt implements AutoCloseable {
  private final InstalledLibrary installed;
  private final CublasLtCalls calls;
  private final long handle;
  private final LeakAlarm alarm;

  private CublasLt(InstalledLibrary installed, CublasLtCalls calls, long handle) {
    this.installed = installed;
    this.calls = calls;
    this.handle = handle;
    alarm = LeakAlarm.on(this, installed.place() + " on " + calls.check());
  }

  /**
   * Finds a cuBLASLt that has all functions that Likeness calls and is not for a newer CUDA than
   * the driver's, or says why there is none. It starts nothing and needs no GPU.
   *
   * @param driverVersion as {@link org.likeness.cuda.CudaDriver#versionNumber} tells it
   */
  public static LibrarySearch.Result<InstalledLibrary> find(int driverVersion) {
    return InstalledLibrary.cublasLt(
        driverVersion,
        (library, installed) ->
            library
                .bind(CublasLtFunctions::of)
                .then(functions -> new Availability.Available<>(installed)));
  }

  /** Opens the cuBLASLt that {@link #find} finds on a context, or says why it does not start. */
  public static LibrarySearch.Result<CublasLt> open(CudaContext context, int driverVersion) {
    context.enter();
    return InstalledLibrary.cublasLt(
        driverVersion, (library, installed) -> start(context, library, installed));
  }

  private static Availability<CublasLt> start(
      CudaContext context, NativeLibrary library, InstalledLibrary installed) {
    return library
        .bind(CublasLtFunctions::of)
        .then(
            functions -> {
              try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(C.HANDLE);
                int status = functions.create(out);
                return status == CUBLAS_STATUS_SUCCESS
                    ? new Availability.Available<>(
                        new CublasLt(
                            installed, CublasLtCalls.on(context, functions), out.get(C.HANDLE, 0)))
                    : new Availability.Broken<>(
                        library.toString(),
                        "it does not start: " + CublasLtCalls.describe(functions, status));
              }
            });
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
    return new AlgorithmSearch(calls, handle)
        .run(product, workspaceCeiling).stream()
            .map(found -> new CublasLtAlgorithm(calls, handle, product, found))
            .toList();
  }

  @Override
  public void close() {
    if (alarm.disarm() && calls.check().enterToRelease()) {
      calls.check().checkRelease(calls.functions().destroy(handle), "cublasLtDestroy");
    }
  }

  /** Returns the library's name and version. */
  @Override
  public String toString() {
    return "cuBLASLt " + installed.version();
  }
}
