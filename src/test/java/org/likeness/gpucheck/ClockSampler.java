package org.likeness.gpucheck;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.Gpu;
import org.likeness.cuda.Nvml;
import org.likeness.ffi.Availability;

/** Reads the first GPU's sensors twice a second: a speed counts only with the clock it was at. */
final class ClockSampler implements AutoCloseable {
  private static final long PERIOD_MS = 500;

  private final Thread thread;
  private final Map<String, Extremes> seen = new LinkedHashMap<>();

  /** Least and greatest of what was read. */
  private record Extremes(double least, double most) {
    Extremes with(double value) {
      return new Extremes(Math.min(least, value), Math.max(most, value));
    }
  }

  private ClockSampler(Nvml nvml, Gpu gpu) {
    thread = Thread.startVirtualThread(() -> watch(nvml, gpu));
  }

  /** Starts reading; empty where there is no GPU or it has no sensors. */
  static Optional<ClockSampler> start() {
    if (CudaDriver.open() instanceof Availability.Available<CudaDriver>(CudaDriver driver)
        && !driver.gpus().isEmpty()
        && Nvml.open() instanceof Availability.Available<Nvml>(Nvml nvml)) {
      return Optional.of(new ClockSampler(nvml, driver.gpus().getFirst()));
    }
    return Optional.empty();
  }

  private void watch(Nvml nvml, Gpu gpu) {
    try (nvml) {
      while (!Thread.currentThread().isInterrupted()) {
        nvml.read(gpu).ifPresent(this::add);
        Thread.sleep(PERIOD_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void add(Nvml.Reading reading) {
    reading.multiprocessorMegahertz().ifPresent(v -> add("megahertz", v));
    reading.memoryMegahertz().ifPresent(v -> add("memory_megahertz", v));
    reading.celsius().ifPresent(v -> add("celsius", v));
    reading.watts().ifPresent(v -> add("watts", v));
  }

  private void add(String name, double value) {
    seen.merge(name, new Extremes(value, value), (old, one) -> old.with(value));
  }

  /** Returns least and greatest of each sensor so far. */
  synchronized Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    seen.forEach((name, e) -> figures.put(name, Map.of("least", e.least(), "most", e.most())));
    return figures;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
