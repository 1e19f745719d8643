package org.likeness.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.cuda.CudaDriver;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.CudaOptions;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** The benchmark runs every kernel; softcuda's times themselves mean nothing. */
@OnSoftCuda
class KernelBenchmarkTest {
  @Test
  void everyCaseIsMeasuredAgainstTheCard(@TempDir Path cache, SoftCuda softCuda) {
    CudaDriver driver = CudaDriver.open().orThrow();
    CudaOptions options = new CudaOptions(false, CudaOptions.Measure.NEVER, cache);
    KernelBenchmark result;
    try (CudaDevice gpu = new CudaDevice(driver, driver.gpus().getFirst(), options)) {
      result = KernelBenchmark.run(gpu, null, 4);
    }
    Set<String> expected = new HashSet<>();
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      KernelCases.of(4, type).forEach(c -> expected.add(c.name() + " " + type));
    }
    Set<String> measured = new HashSet<>();
    for (KernelBenchmark.Kernel k : result.kernels()) {
      measured.add(k.name() + " " + k.type());
      assertTrue(k.seconds() > 0 && k.share() > 0, k::toString);
      boolean computes = k.name().matches("conv.*|.*dense|ssim.*|blur.*");
      assertEquals(computes, k.flops() > 0, k::toString);
    }
    assertEquals(expected, measured);
    assertTrue(result.rates().bytesPerSecond() > 0, result.rates()::toString);
    assertTrue(result.rates().f32PerSecond() > 0, result.rates()::toString);
    assertTrue(result.rates().tensorPerSecond() > 0, result.rates()::toString);
    assertEquals("", softCuda.liveObjects());
  }
}
