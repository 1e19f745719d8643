package org.likeness.benchmarks;

import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.Gpu;
import org.likeness.device.Device;

/**
 * What was taken of a GPU's memory since a device was opened, as its driver says: pools and loaded
 * kernels, but not the context itself; wrong if another program takes memory meanwhile.
 *
 * @param context null on the processor
 */
record DeviceUse(CudaContext context, long freeBefore) implements AutoCloseable {
  static DeviceUse of(Device device) {
    if (!device.name().startsWith("cuda")) {
      return new DeviceUse(null, 0);
    }
    CudaDriver driver = CudaDriver.open().orThrow();
    Gpu gpu =
        driver.gpus().stream()
            .filter(each -> each.device().equals(device.name()))
            .findFirst()
            .orElseThrow();
    CudaContext context = driver.context(gpu);
    return new DeviceUse(context, context.memoryInfo().free());
  }

  /** Returns the bytes, or null on the processor. */
  Long bytes() {
    return context == null ? null : freeBefore - context.memoryInfo().free();
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
  }
}
