package org.likeness.benchmarks;

import java.util.Arrays;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaEvent;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.Gpu;
import org.likeness.device.cuda.CudaDevice;

/** Times other libraries' work on a GPU, between two events of one stream. */
final class GpuTimer implements AutoCloseable {
  private static final int WARM_UPS = 3;
  private static final int RUNS = 9;

  private final CudaDriver driver;
  private final CudaContext context;
  private final CudaStream stream;

  private GpuTimer(CudaDriver driver, CudaContext context) {
    this.driver = driver;
    this.context = context;
    stream = context.stream();
  }

  /** Makes one on the GPU of an open device. */
  static GpuTimer on(CudaDevice device) {
    CudaDriver driver = CudaDriver.open().orThrow();
    for (Gpu gpu : driver.gpus()) {
      if (gpu.device().equals(device.name())) {
        return new GpuTimer(driver, driver.context(gpu));
      }
    }
    throw new IllegalStateException(device.name() + " is gone");
  }

  CudaContext context() {
    return context;
  }

  /** Returns the stream that the work must be asked of. */
  CudaStream stream() {
    return stream;
  }

  int driverVersion() {
    return driver.versionNumber();
  }

  /** Returns the median seconds of some work. */
  double seconds(Runnable work) {
    double[] times = new double[RUNS];
    context.enter();
    try (CudaEvent start = context.timer();
        CudaEvent end = context.timer()) {
      for (int run = -WARM_UPS; run < RUNS; run++) {
        start.record(stream);
        work.run();
        end.record(stream);
        stream.synchronize();
        if (run >= 0) {
          times[run] = Math.max(1e-9, end.millisecondsSince(start) / 1e3);
        }
      }
    }
    Arrays.sort(times);
    return times[RUNS / 2];
  }

  @Override
  public void close() {
    stream.close();
    context.close();
  }
}
