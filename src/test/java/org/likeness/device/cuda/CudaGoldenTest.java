package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;
import org.likeness.train.Verification;

/** Runs of the original, one for each loss and discriminator, replayed by the committed PTX. */
@OnCuda
class CudaGoldenTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

  /** Blocks that need more registers than an A100 has are refused. */
  @BeforeAll
  static void countRegisters(TestGpu gpu) {
    gpu.reset("registers=kernels/report.json");
  }

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".safetensors", "");
  }

  /** Files that the repository has no room for: mvn verify -Pslow -Dgoldens=FOLDER. */
  @Tag("slow")
  @Test
  void replaysAWholeFolder() throws IOException {
    String folder = System.getProperty("goldens");
    assumeTrue(folder != null, "-Dgoldens names no folder of golden files");
    try (Stream<Path> all = Files.list(Path.of(folder))) {
      List<Path> files =
          all.filter(f -> f.toString().endsWith(".safetensors"))
              .filter(f -> !name(f).contains("curve")) // 200 steps: likeness verify replays them
              .sorted()
              .toList();
      assertFalse(files.isEmpty(), folder);
      for (Path file : files) {
        replaysWithinTolerance(file);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BF16,og_df-ud_64_gan",
    "BF16,og_liae-udt_64_rmsprop",
    "F16,mve_df-ud_64_all",
    "F16,og_df-udtc_64_adabelief"
  })
  void replaysInMixedPrecision(DType type, String name) throws IOException {
    try (Device device = SoftDevice.open()) {
      Path file = FOLDER.resolve(name + ".safetensors");
      Verification.Report report = Verification.run(file, device, type, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), name + ": " + g);
      }
    }
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
