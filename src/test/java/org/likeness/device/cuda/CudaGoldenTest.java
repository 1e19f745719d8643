package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;
import org.likeness.train.Verification;

/** Runs of the original, one for each loss and discriminator, replayed by the committed PTX. */
@OnSoftCuda
class CudaGoldenTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  /** Blocks that need more registers than an A100 has are refused. */
  @BeforeAll
  static void countRegisters(SoftCuda softCuda) {
    softCuda.reset("registers=kernels/report.json");
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".safetensors", "");
  }

  @ParameterizedTest
  @MethodSource("files")
  void replaysWithinTolerance(Path file) throws IOException {
    try (Device device = SoftDevice.open()) {
      Verification.Report report = Verification.run(file, device, DType.F32, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), name(file) + ": " + g);
      }
    }
  }
}
