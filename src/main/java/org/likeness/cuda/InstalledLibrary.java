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

  /** What is made of a library that fits the driver. */
  @FunctionalInterface
  public interface Use<T> {
    /** Returns it, or why this library cannot be used, so that the next one is tried. */
    Availability<T> of(NativeLibrary library, InstalledLibrary installed);
  }

  /**
   * Looks for a cuDNN 9 to use; one for a newer CUDA than the driver's, if there is one, is
   * refused.
   */
  public static <T> LibrarySearch.Result<T> cudnn(int driverVersion, Use<T> use) {
    return cudnn(CudaLibraries.here().cudnn(), driverVersion, use);
  }

  static <T> LibrarySearch.Result<T> cudnn(LibrarySearch search, int driverVersion, Use<T> use) {
    return search.search(
        library ->
            read(library, "cudnnGetVersion", "cudnnGetCudartVersion", driverVersion)
                .then(InstalledLibrary::refuseBefore9)
                .then(installed -> use.of(library, installed)));
  }

  /** A file of an older cuDNN, which someone named: what it lacks would not tell that. */
  private static Availability<InstalledLibrary> refuseBefore9(InstalledLibrary cudnn) {
    return Integer.parseInt(cudnn.version.substring(0, cudnn.version.indexOf('.'))) < 9
        ? new Availability.Broken<>(
            cudnn.place, "it is cuDNN " + cudnn.version + "; install cuDNN 9")
        : new Availability.Available<>(cudnn);
  }

  /** Looks for a cuBLASLt to use in the same way. */
  public static <T> LibrarySearch.Result<T> cublasLt(int driverVersion, Use<T> use) {
    return CudaLibraries.here()
        .cublasLt()
        .search(
            library ->
                read(library, "cublasLtGetVersion", "cublasLtGetCudartVersion", driverVersion)
                    .then(installed -> use.of(library, installed)));
  }

  /** Looks for cuDNN 9; one for a newer CUDA than the driver's, if there is one, is refused. */
  public static LibrarySearch.Result<InstalledLibrary> cudnn(int driverVersion) {
    return cudnn(driverVersion, (library, installed) -> new Availability.Available<>(installed));
  }

  /** Looks for cuBLASLt in the same way. */
  public static LibrarySearch.Result<InstalledLibrary> cublasLt(int driverVersion) {
    return cublasLt(driverVersion, (library, installed) -> new Availability.Available<>(installed));
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
              long major = number < 10_000 ? number / 1000 : number / 10_000; // 8907, 92800
              long minor = number < 10_000 ? number / 100 % 10 : number / 100 % 100;
              String dotted = major + "." + minor + "." + number % 100;
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
