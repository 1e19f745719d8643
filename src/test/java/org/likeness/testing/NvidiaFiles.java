package org.likeness.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Files of cuDNN and cuBLAS, too large to be fetched by a test: looked for in the folder that
 * {@code LIKENESS_CUDA_TOOLKIT} names, in its folder {@code 12} or {@code 13} for the version of
 * CUDA.
 */
public final class NvidiaFiles {
  private static final int DEEPEST = 8;

  private NvidiaFiles() {}

  /** Returns a file of this name, or skips the test. */
  public static Path file(int cuda, String name) {
    Optional<Path> found = find(cuda, name);
    assumeTrue(
        found.isPresent(),
        name
            + " for CUDA "
            + cuda
            + " is not here; unpack NVIDIA's wheel into folder "
            + cuda
            + " of what LIKENESS_CUDA_TOOLKIT names");
    return found.orElseThrow();
  }

  private static Optional<Path> find(int cuda, String name) {
    String given = System.getenv("LIKENESS_CUDA_TOOLKIT");
    Path folder = Path.of(given == null ? "" : given).resolve(Integer.toString(cuda));
    if (given == null || given.isBlank() || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files =
        Files.find(folder, DEEPEST, (file, a) -> file.endsWith(name) && a.isRegularFile())) {
      return files.sorted().findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
