package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.cuda.CudaOptions.Measure;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;
import org.likeness.train.Verification;

/** Runs of the original, replayed with convolutions by cuDNN and dense layers by cuBLASLt. */
@OnSoftCudnn
class CudnnGoldenTest {
  private static final CudaOptions LIBRARIES =
      new CudaOptions(false, Measure.NEVER, Provider.CUDNN, Path.of("target", "tuning"));

  @ParameterizedTest
  @ValueSource(
      strings = {"og_df-ud_64_adabelief", "og_df-udtc_64_adabelief", "og_liae-udt_64_rmsprop"})
  void replaysWithinTolerance(String name, SoftCuda softCuda, SoftCudnn softCudnn)
      throws IOException {
    Path file = Path.of("src", "test", "resources", "golden", name + ".safetensors");
    try (CudaDevice device = SoftDevice.open(LIBRARIES)) {
      Verification.Report report = Verification.run(file, device, DType.F32, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), name + ": " + g);
      }
      device
          .algorithms()
          .chosen()
          .forEach(
              (shape, way) ->
                  assertTrue(device.algorithms().library(way).isPresent(), shape + ": " + way));
    }
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }
}
