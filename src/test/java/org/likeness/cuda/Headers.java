package org.likeness.cuda;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Where NVIDIA's headers are. */
final class Headers {
  static final String MISSING = "no cuda.h: set CUDA_INCLUDE to the folders that have one";

  private Headers() {}

  /** Returns the folders with a cuda.h, of any versions. */
  static List<Path> folders() {
    String given = System.getenv().getOrDefault("CUDA_INCLUDE", "");
    return Stream.concat(
            Arrays.stream(given.split(File.pathSeparator)).filter(f -> !f.isBlank()),
            Stream.of("/usr/local/cuda/include", "/usr/include"))
        .map(Path::of)
        .filter(folder -> Files.isRegularFile(folder.resolve("cuda.h")))
        .toList();
  }
}
