package org.likeness.cuda;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.likeness.ffi.LibrarySearch;

/** Where NVIDIA's libraries are looked for. */
final class CudaLibraries {
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  private CudaLibraries() {}

  /** The driver comes with itself: system folders, and the one that Windows lends to Linux. */
  static LibrarySearch driver() {
    return new LibrarySearch(
        CudaDriver.NAME,
        List.of(WINDOWS ? "nvcuda.dll" : "libcuda.so.1"),
        given("likeness.cuda.driver"),
        List.of(),
        WINDOWS ? List.of() : List.of(Path.of("/usr/lib/wsl/lib")));
  }

  private static Optional<Path> given(String property) {
    return Optional.ofNullable(System.getProperty(property)).map(Path::of);
  }
}
