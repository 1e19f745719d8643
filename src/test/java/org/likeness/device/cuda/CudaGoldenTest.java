package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;
import org.likeness.train.Verification;

/** Runs of the original, replayed by the committed PTX. */
@OnSoftCuda
class CudaGoldenTest {
  private static final Path FOLDER = Path.of("src", "test", "resources", "golden");
  private static final Set<String> ALWAYS =
      Set.of("og_df-ud_64_adabelief", "og_df-udtc_64_adabelief", "og_liae-udt_64_rmsprop");

  /** Blocks that need more registers than an A100 has are refused. */
  @BeforeAll
  static void countRegisters(SoftCuda softCuda) {
    softCuda.reset("registers=kernels/report.json");
  }

  static List<Path> always() throws IOException {
    return files().filter(f -> ALWAYS.contains(name(f))).toList();
  }

  static List<Path> others() throws IOException {
    return files().filter(f -> !ALWAYS.contains(name(f))).toList();
  }

  private static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList().stream();
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".safetensors", "");
  }

  @ParameterizedTest
  @MethodSource("always")
  void replaysWithinTolerance(Path file) throws Exception {
    replay(file);
  }

  /** Losses, priorities, discriminators and retraining of both originals. */
  @Tag("slow")
  @ParameterizedTest
  @MethodSource("others")
  void replaysTheOthersWithinTolerance(Path file) throws Exception {
    replay(file);
  }

  private static void replay(Path file) throws IOException {
    try (Device device = SoftDevice.open()) {
      Verification.Report report = Verification.run(file, device, DType.F32, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), name(file) + ": " + g);
      }
    }
  }
}
