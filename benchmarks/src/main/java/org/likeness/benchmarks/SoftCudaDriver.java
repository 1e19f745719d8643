package org.likeness.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.likeness.ffi.Availability;

/**
 * The tests' CUDA driver, told to read a launch's parameters and do nothing with them: so what is
 * measured is what stands before a driver. JCuda finds it too, as libcuda.so.1 is loaded already.
 */
final class SoftCudaDriver {
  /** Where the bindings look for the driver. */
  static final String PROPERTY = "likeness.cuda.driver";

  private static final Path BUILDER = Path.of("..", "tools", "run-tool").toAbsolutePath();

  private SoftCudaDriver() {}

  /** Builds it where it is not up to date, and returns its library. */
  static Availability<Path> build() throws InterruptedException {
    if (!System.getProperty("os.name").equals("Linux")) {
      return new Availability.Broken<>("softcuda", "it is built on Linux only");
    }
    try {
      Process process =
          new ProcessBuilder(BUILDER.toString(), "org.likeness.testing.SoftCuda")
              .redirectErrorStream(true)
              .start();
      List<String> said = process.inputReader().readAllLines();
      Path library = Path.of(said.isEmpty() ? "" : said.getLast());
      return process.waitFor() == 0 && Files.isRegularFile(library)
          ? new Availability.Available<>(library)
          : new Availability.Broken<>("softcuda", String.join(" ", said));
    } catch (IOException e) {
      return new Availability.Broken<>("softcuda", e.getMessage());
    }
  }

  /** Loads the library that the property names and sets it up; before anything opens a driver. */
  static void reset(String settings) {
    MethodHandle reset =
        function("softcuda_reset", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment refusal = (MemorySegment) reset.invokeExact(arena.allocateFrom(settings));
      if (refusal.address() != 0) {
        throw new IllegalArgumentException(refusal.reinterpret(Long.MAX_VALUE).getString(0));
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Returns {@code int64_t (CUfunction, CUstream, void **, int64_t times)}, which launches again
   * and again from C and tells the nanoseconds.
   */
  static MethodHandle timeLaunches() {
    return function(
        "softcuda_time_launches",
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG));
  }

  private static MethodHandle function(String name, FunctionDescriptor prototype) {
    MemorySegment address =
        SymbolLookup.libraryLookup(Path.of(System.getProperty(PROPERTY)), Arena.global())
            .findOrThrow(name);
    return Linker.nativeLinker().downcallHandle(address, prototype);
  }
}
