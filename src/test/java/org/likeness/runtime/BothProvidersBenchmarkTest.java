package org.likeness.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.cuda.CudaDriver;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.CudaOptions;
import org.likeness.device.cuda.Provider;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** Both providers of one product stand beside each other. */
@OnSoftCudnn
class BothProvidersBenchmarkTest {
  @Test
  void theLibrarysRowFollowsOurs(@TempDir Path cache, SoftCuda softCuda, SoftCudnn softCudnn) {
    CudaDriver driver = CudaDriver.open().orThrow();
    CudaOptions ours = new CudaOptions(false, CudaOptions.Measure.NEVER, cache);
    KernelBenchmark result;
    try (CudaDevice gpu = new CudaDevice(driver, driver.gpus().getFirst(), ours);
        CudaDevice libraries =
            new CudaDevice(driver, driver.gpus().getFirst(), ours.with(Provider.CUDNN))) {
      result = KernelBenchmark.run(gpu, libraries, 1);
    }
    List<KernelBenchmark.Kernel> products =
        result.kernels().stream()
            .filter(k -> k.type() == DType.F32 && k.name().matches("conv.*|dense"))
            .toList();
    assertTrue(products.size() >= 8 && products.size() % 2 == 0, products::toString);
    for (int i = 0; i < products.size(); i += 2) {
      assertEquals(products.get(i).name(), products.get(i + 1).name());
      assertTrue(products.get(i).way().startsWith("f32_"), products.get(i)::toString);
      String library = products.get(i).name().equals("dense") ? "cuBLASLt" : "cuDNN";
      assertTrue(products.get(i + 1).way().startsWith(library), products.get(i + 1)::toString);
    }
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }
}
