package org.likeness.runtime;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.Gpu;
import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.CudaOptions;
import org.likeness.device.cuda.Provider;
import org.likeness.ffi.Availability;
import org.likeness.ffi.BundledLibraries;

/** The devices of this machine. */
public final class Devices {
  /** System property: when the ways to compute are measured, one of never, once and again. */
  public static final String TUNING = "likeness.cuda.tuning";

  /** System property: whose kernels compute convolutions, one of auto, ours and cudnn. */
  public static final String PROVIDER = "likeness.cuda.provider";

  private static final String ANY_GPU = "cuda";
  private static final String NUMBERED = "cuda:";

  private Devices() {}

  /**
   * Opens a device.
   *
   * @param name "auto" for the first GPU that can be used, else the processor; "cpu", "cuda" or
   *     "cuda:1"
   * @throws IllegalArgumentException when there is no device of this name; the message says what
   *     there is
   */
  public static Device open(String name) {
    return open(name, options());
  }

  /**
   * Returns the usual options: f32 throughout, each shape by the fastest of our kernels and the
   * libraries', measured once and kept in a user's cache; or as the system properties {@link
   * #TUNING} and {@link #PROVIDER} say.
   */
  public static CudaOptions options() {
    String tuning = System.getProperty(TUNING, CudaOptions.Measure.ONCE.name());
    String provider = System.getProperty(PROVIDER, Provider.AUTO.name());
    return new CudaOptions(
        false,
        CudaOptions.Measure.valueOf(tuning.toUpperCase(Locale.ROOT)),
        Provider.named(provider),
        BundledLibraries.userCache().resolveSibling("tuning"));
  }

  /** Opens a device, a GPU with these options. */
  public static Device open(String name, CudaOptions options) {
    if (name.equals("cpu")) {
      return new CpuDevice();
    }
    if (name.equals("auto")) {
      return automatic(options);
    }
    if (!name.equals(ANY_GPU) && !name.matches(NUMBERED + "\\d{1,4}")) {
      throw new IllegalArgumentException(
          "there is no device \"" + name + "\"; use --device auto, cpu, cuda or cuda:1");
    }
    Availability<CudaDriver> driver = CudaDriver.open();
    if (!(driver instanceof Availability.Available<CudaDriver>(CudaDriver opened))) {
      throw new IllegalArgumentException(
          "--device " + name + ": " + driver.message() + "; or use --device cpu");
    }
    return new CudaDevice(opened, gpu(name, opened.gpus()), options);
  }

  private static Device automatic(CudaOptions options) {
    if (CudaDriver.open() instanceof Availability.Available<CudaDriver>(CudaDriver driver)) {
      for (Gpu gpu : driver.gpus()) {
        if (gpu.capability() >= CudaDevice.LEAST_CAPABILITY) {
          return new CudaDevice(driver, gpu, options);
        }
      }
    }
    return new CpuDevice();
  }

  private static Gpu gpu(String name, List<Gpu> gpus) {
    int number = name.equals(ANY_GPU) ? 0 : Integer.parseInt(name.substring(NUMBERED.length()));
    for (Gpu gpu : gpus) {
      if (gpu.ordinal() == number) {
        return gpu;
      }
    }
    throw new IllegalArgumentException(
        "there is no "
            + name
            + "; this machine has "
            + gpus.stream().map(Gpu::toString).collect(Collectors.joining(" and ")));
  }
}
