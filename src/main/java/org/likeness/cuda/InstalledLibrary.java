package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.Availability;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/**
 * A library of NVIDIA's that is installed here.
 *
 * @param place its file, or its name where the loader knows it
 * @param version such as "9.10.2"
 * @param cuda the version of CUDA that it was built for, such as "12.9"
 */
public record InstalledLibrary(String place, String version, String cuda) {
  // size_t cudnnGetVersion(void), and its like
  private static final MethodHandle NUMBER = C.function(C.INT64);

  /** The two functions that tell versions. */
  private record Functions(MemorySegment version, MemorySegment cuda) {}

  /** Looks for cuDNN 9; one for a newer CUDA than the driver's, if there is one, is refused. */
  public static LibrarySearch.Result<InstalledLibrary> cudnn(int driverVersion) {
    return cudnn(CudaLibraries.here().cudnn(), driverVersion);
  }

  static LibrarySearch.Result<InstalledLibrary> cudnn(LibrarySearch search, int driverVersion) {
    return search.search(
        library -> read(library, "cudnnGetVersion", "cudnnGetCudartVersion", driverVersion));
  }

  /** Looks for cuBLASLt in the same way. */
  public static LibrarySearch.Result<InstalledLibrary> cublasLt(int driverVersion) {
    return CudaLibraries.here()
        .cublasLt()
        .search(
            library ->
                read(library, "cublasLtGetVersion", "cublasLtGetCudartVersion", driverVersion));
  }

  private static Availability<InstalledLibrary> read(
      NativeLibrary library, String version, String cuda, int driverVersion) {
    return library
        .bind(exports -> new Functions(exports.address(version), exports.address(cuda)))
        .then(
            functions -> {
              long number = number(functions.version);
              int runtime = (int) number(functions.cuda);
              if (driverVersion > 0 && runtime / 1000 > driverVersion / 1000) {
                return new Availability.Broken<>(
                    library.toString(),
                    "it is for CUDA "
                        + CudaDriver.dotted(runtime)
                        + " and the driver for CUDA "
                        + CudaDriver.dotted(driverVersion)
                        + "; install a newer driver, or the library for CUDA "
                        + driverVersion / 1000);
              }
              String dotted = number / 10_000 + "." + number / 100 % 100 + "." + number % 100;
              return new Availability.Available<>(
                  new InstalledLibrary(library.toString(), dotted, CudaDriver.dotted(runtime)));
            });
  }

  private static long number(MemorySegment function) {
    try {
      return (long) NUMBER.invokeExact(function);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
