package org.likeness.device.cuda;

import java.nio.file.Path;
import org.likeness.cuda.CudaDriver;
import org.likeness.device.cpu.CpuDevice;

/** The first GPU of the driver at hand, which measures nothing, and the processor as its oracle. */
record DevicePair(CudaDevice cuda, CpuDevice oracle) implements AutoCloseable {
  static DevicePair open(Path cache) {
    CudaDriver driver = CudaDriver.open().orThrow();
    CudaOptions options = new CudaOptions(false, CudaOptions.Measure.NEVER, cache);
    return new DevicePair(
        new CudaDevice(driver, driver.gpus().getFirst(), options), new CpuDevice());
  }

  @Override
  public void close() {
    cuda.close();
    oracle.close();
  }
}
