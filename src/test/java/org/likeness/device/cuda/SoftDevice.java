package org.likeness.device.cuda;

import java.nio.file.Path;
import org.likeness.cuda.CudaDriver;
import org.likeness.device.cuda.CudaOptions.Measure;

/**
 * The CUDA device on softcuda, to which the test's annotation has pointed the bindings, or on the
 * card that it asks for.
 */
final class SoftDevice {
  /** No tiling is measured: softcuda's times mean nothing. */
  static final CudaOptions F32 = new CudaOptions(false, Measure.NEVER, Path.of("target", "tuning"));

  private SoftDevice() {}

  static CudaDevice open() {
    return open(F32);
  }

  static CudaDevice open(CudaOptions options) {
    CudaDriver driver = CudaDriver.open().orThrow();
    return new CudaDevice(driver, driver.gpus().getFirst(), options);
  }
}
