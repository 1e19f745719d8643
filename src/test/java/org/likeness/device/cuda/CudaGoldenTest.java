package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCuda;
import org.likeness.train.Verification;

/** Runs of the original, replayed by the committed PTX. */
@OnSoftCuda
class CudaGoldenTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"og_df-ud_64_adabelief", "og_df-udtc_64_adabelief", "og_liae-udt_64_rmsprop"})
  void replaysWithinTolerance(String name) throws Exception {
    Path file = Path.of("src", "test", "resources", "golden", name + ".safetensors");
    try (Device device = SoftDevice.open()) {
      Verification.Report report = Verification.run(file, device, DType.F32, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), name + ": " + g);
      }
      assertEquals(List.of(), report.absent());
    }
  }
}
