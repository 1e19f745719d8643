package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * softcudnn's numbers against NVIDIA's headers, where {@code LIKENESS_CUDA_TOOLKIT} holds the
 * wheels of cuDNN and cuBLAS for CUDA 12; they are too large to be fetched for this.
 */
final class SoftCudnnHeaderTest {
  private static final Pattern NUMBER =
      Pattern.compile("(?m)^  (C(?:UDNN|UBLAS|UBLASLT|UDA)_\\w+) = (\\d+),");

  @Test
  void theNumbersAreNvidias(@TempDir Path folder) throws IOException {
    compare("cudnn_api.hpp", "cudnn/include/cudnn_graph.h", "#include <cudnn_ops.h>", folder);
    compare(
        "cublaslt_api.hpp",
        "cublas/include/cublasLt.h",
        """
        _Static_assert(sizeof(cublasLtMatmulAlgo_t) == 64, "");
        _Static_assert(sizeof(cublasLtMatmulHeuristicResult_t) == 96, "");
        _Static_assert(offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize) == 64, "");
        _Static_assert(offsetof(cublasLtMatmulHeuristicResult_t, state) == 72, "");
        """,
        folder);
  }

  private static void compare(String ours, String header, String more, Path folder)
      throws IOException {
    CCompiler.assumeThere();
    String toolkit = System.getenv().getOrDefault("LIKENESS_CUDA_TOOLKIT", "");
    Path wheels = Path.of(toolkit, "12", "nvidia");
    assumeTrue(Files.exists(wheels.resolve(header)), "LIKENESS_CUDA_TOOLKIT has no " + header);
    StringBuilder source = new StringBuilder("#include <stddef.h>\n");
    source.append("#include <").append(Path.of(header).getFileName()).append(">\n").append(more);
    String text = Files.readString(Path.of("src/test/native/softcudnn", ours));
    List<String> numbers =
        NUMBER
            .matcher(text)
            .results()
            .map(m -> "_Static_assert(%1$s == %2$s, \"%1$s\");".formatted(m.group(1), m.group(2)))
            .toList();
    assertTrue(numbers.size() > 40, "found " + numbers.size());
    Path file =
        Files.writeString(
            folder.resolve("numbers.c"), source + "\n" + String.join("\n", numbers) + "\n");
    // cuda_fp16.h names a header of another wheel, which C, unlike C++, needs nothing of
    Files.writeString(Files.createDirectories(folder.resolve("nv")).resolve("target"), "");
    List<String> command = new ArrayList<>(List.of("gcc", "-w", "-fsyntax-only", "-I" + folder));
    try (Stream<Path> found = Files.list(wheels)) {
      found
          .map(wheel -> wheel.resolve("include"))
          .filter(Files::isDirectory)
          .forEach(include -> command.add("-I" + include));
    }
    command.add(file.toString());
    Run run = Run.tried(command);
    assertEquals(0, run.status(), run.output());
  }
}
