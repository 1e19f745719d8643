package org.likeness.cuda.cublaslt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.cuda.ConstantsOf;
import org.likeness.ffi.Availability;
import org.likeness.ffi.NativeLibrary;
import org.likeness.testing.CCompiler;
import org.likeness.testing.NvidiaFiles;

/** What the bindings say of cuBLASLt, against NVIDIA's headers and libraries and other bindings. */
class CublasLtConstantsTest {
  private static void compare(List<Map<String, Long>> theirs) throws IllegalAccessException {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : CublasLtConstants.class.getDeclaredFields()) {
      ours.put(field.getName(), field.getLong(null));
    }
    Map<String, Long> wanted = new TreeMap<>(ours);
    wanted.replaceAll(
        (name, value) ->
            theirs.stream().map(m -> m.get(name)).filter(v -> v != null).findFirst().orElse(null));
    assertEquals(wanted, ours);
  }

  @Test
  void constantsAreThoseOfJavaCppsPresets() throws IllegalAccessException {
    compare(
        List.of(
            ConstantsOf.presets("org.bytedeco.cuda.global.cublas"),
            ConstantsOf.presets("org.bytedeco.cuda.global.cudart")));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void constantsAreThoseOfTheHeaders(int cuda) throws Exception {
    compare(
        List.of(
            ConstantsOf.header(NvidiaFiles.file(cuda, "cublasLt.h")),
            ConstantsOf.header(NvidiaFiles.file(cuda, "cublas_api.h")),
            ConstantsOf.header(NvidiaFiles.file(12, "library_types.h"))));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void structuresHaveTheHeadersSizesAndOffsets(int cuda, @TempDir Path folder) throws Exception {
    CCompiler.assumeThere();
    String header = Files.readString(NvidiaFiles.file(cuda, "cublasLt.h"));
    String source =
        """
        #include <stddef.h>
        #include <stdint.h>
        #include <stdio.h>
        typedef int cublasStatus_t;
        ALGORITHM
        RESULT
        int main(void) {
          printf("%zu %zu %zu %zu", sizeof(cublasLtMatmulAlgo_t),
              sizeof(cublasLtMatmulHeuristicResult_t),
              offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize),
              offsetof(cublasLtMatmulHeuristicResult_t, state));
          return 0;
        }
        """
            .replace("ALGORITHM", structure(header, "cublasLtMatmulAlgo_t"))
            .replace("RESULT", structure(header, "cublasLtMatmulHeuristicResult_t"));
    assertEquals(
        AlgorithmSearch.ALGORITHM_BYTES
            + " "
            + AlgorithmSearch.RESULT_BYTES
            + " "
            + AlgorithmSearch.WORKSPACE_AT
            + " "
            + AlgorithmSearch.STATE_AT,
        CCompiler.printed(folder, source, folder));
  }

  private static String structure(String header, String name) {
    int end = header.indexOf("} " + name + ";");
    int start = header.lastIndexOf("typedef struct", end);
    assertTrue(0 <= start && start < end, "the header has no " + name);
    return header.substring(start, end) + "} " + name + ";";
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void everyFunctionIsExported(int cuda) {
    NativeLibrary library =
        NativeLibrary.open(NvidiaFiles.file(cuda, "libcublasLt.so." + cuda)).orThrow();
    Availability<CublasLtFunctions> bound = library.bind(CublasLtFunctions::of);
    assertEquals("", bound instanceof Availability.Available ? "" : bound.message());
  }
}
