package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.InstalledLibrary;
import org.likeness.cuda.LeakAlarm;
import org.likeness.ffi.Availability;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/**
 * cuDNN 9, open on a context. It is for one thread at a time, which has entered the context; what
 * it makes is closed before it, and it before the context.
 */
public final class Cudnn implements AutoCloseable {
  private final InstalledLibrary installed;
  private final CudnnCalls cudnn;
  private final long handle;
  private final LeakAlarm alarm;

  private Cudnn(InstalledLibrary installed, CudnnCalls cudnn, long handle) {
    this.installed = installed;
    this.cudnn = cudnn;
    this.handle = handle;
    alarm = LeakAlarm.on(this, installed.place() + " on " + cudnn.check());
  }

  /**
   * Finds a cuDNN 9 that has all functions that Likeness calls and is not for a newer CUDA than the
   * driver's, or says why there is none. It starts nothing and needs no GPU.
   *
   * @param driverVersion as {@link org.likeness.cuda.CudaDriver#versionNumber} tells it
   */
  public static LibrarySearch.Result<InstalledLibrary> find(int driverVersion) {
    return InstalledLibrary.cudnn(
        driverVersion,
        (library, installed) ->
            library
                .bind(CudnnFunctions::of)
                .then(functions -> new Availability.Available<>(installed)));
  }

  /** Opens the cuDNN that {@link #find} finds on a context, or says why it does not start. */
  public static LibrarySearch.Result<Cudnn> open(CudaContext context, int driverVersion) {
    context.enter();
    return InstalledLibrary.cudnn(
        driverVersion, (library, installed) -> start(context, library, installed));
  }

  private static Availability<Cudnn> start(
      CudaContext context, NativeLibrary library, InstalledLibrary installed) {
    return library
        .bind(CudnnFunctions::of)
        .then(
            functions -> {
              try (Arena arena = Arena.ofConfined()) {
                MemorySegment out = arena.allocate(C.HANDLE);
                int status = functions.create(out);
                return status == CUDNN_STATUS_SUCCESS
                    ? new Availability.Available<>(
                        new Cudnn(
                            installed, CudnnCalls.on(context, functions), out.get(C.HANDLE, 0)))
                    : new Availability.Broken<>(
                        library.toString(),
                        "it does not start: " + CudnnCalls.describe(functions, status));
              }
            });
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
    PlanSearch search =
        new PlanSearch(cudnn, new PlanSearch.Target(handle, null), convolution, workspaceCeiling);
    List<CudnnPlan> plans = new ArrayList<>();
    search.run().forEach(found -> plans.add(new CudnnPlan(cudnn, handle, convolution, found)));
    return List.copyOf(plans);
  }

  @Override
  public void close() {
    if (alarm.disarm() && cudnn.check().enterToRelease()) {
      cudnn.check().checkRelease(cudnn.functions().destroy(handle), "cudnnDestroy");
    }
  }

  /** Returns the library's name and version. */
  @Override
  public String toString() {
    return "cuDNN " + installed.version();
  }
}
