package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine's own tests: arithmetic, divergence, tensor instructions and seeded faults on small
 * PTX, and that every committed kernel loads. They are a C++ program over the engine's objects.
 */
@OnSoftCuda
final class SoftCudaEngineTest {
  private static final Path SOURCES = Path.of("src/test/native/softcuda");

  @Test
  void itsOwnTestsPassAndEveryKernelLoads(SoftCuda softCuda, @TempDir Path folder)
      throws IOException {
    Path program = folder.resolve("engine_test");
    List<String> build = new ArrayList<>(List.of("g++", "-std=c++17", "-O1", "-march=native"));
    build.addAll(List.of("-ffp-contract=off", "-w", "-pthread", "-o", program.toString()));
    for (String part : List.of("engine_test", "engine_tensor_test", "engine_fault_test")) {
      build.add(SOURCES.resolve(part + ".cpp").toString());
    }
    try (var objects = Files.newDirectoryStream(softCuda.library().getParent(), "*.cpp-*.o")) {
      for (Path object : objects) {
        String name = object.getFileName().toString();
        boolean engine = !name.startsWith("driver") && !name.startsWith("fake_");
        if (engine && !name.startsWith("engine_")) {
          build.add(object.toString());
        }
      }
    }
    Run built = Run.tried(build);
    assertEquals(0, built.status(), built.output());
    Run ran = Run.tried(List.of(program.toString(), SOURCES.resolve("ptx").toString(), "kernels"));
    assertEquals(0, ran.status(), ran.output());
  }
}
