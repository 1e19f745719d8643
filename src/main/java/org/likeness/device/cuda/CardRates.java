package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.util.List;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaEvent;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;

/**
 * What a GPU reaches when it does one thing alone, measured: the scale for its kernels.
 *
 * @param bytesPerSecond read plus written by the driver's copy on the device
 * @param f32PerSecond floating-point operations of f32 multiply-adds
 * @param tensorPerSecond floating-point operations of f16 tensor-core products by mma.sync
 */
public record CardRates(double bytesPerSecond, double f32PerSecond, double tensorPerSecond) {
  private static final int THREADS = 256;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 16;
  private static final int RUNS = 5;
  private static final int FMA_FLOPS = 32;

  /**
   * Of a warp and round: 4 products of 16 x 8 x 8, twice as deep from compute capability 8.0 on.
   */
  private static final int MMA_FLOPS = 4 * 2 * 16 * 8 * 8;

  /**
   * Measures a GPU.
   *
   * @param copied bytes to copy, more than its caches hold
   * @param rounds of the arithmetic probes, enough for some milliseconds
   */
  public static CardRates measure(CudaDevice device, long copied, int rounds) {
    CudaContext context = device.context();
    context.enter();
    int blocks = device.target().multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
    long threads = (long) blocks * THREADS;
    try (Arena arena = Arena.ofShared();
        Owned owned = new Owned();
        CudaStream stream = context.stream();
        DeviceMemory from = context.allocate(copied);
        DeviceMemory to = context.allocate(Math.max(copied, threads * Float.BYTES))) {
      stream.fill(from.address(), (byte) 1, copied);
      double copy =
          seconds(context, stream, () -> stream.copy(to.address(), from.address(), copied));
      Launch fma = launch("probe_fma_f32", blocks, to, rounds);
      Launch mma = launch("probe_mma_f16", blocks, to, rounds);
      device.commands().load(List.of(fma, mma));
      List<BoundCommand> bound = device.commands().bind(List.of(fma, mma), arena, owned);
      double f32 = seconds(context, stream, () -> bound.getFirst().enqueue(stream));
      double tensor = seconds(context, stream, () -> bound.getLast().enqueue(stream));
      double depth = device.target().capability() >= 80 ? 2 : 1;
      return new CardRates(
          2.0 * copied / copy,
          (double) FMA_FLOPS * threads * rounds / f32,
          depth * MMA_FLOPS * (threads / 32.0) * rounds / tensor);
    }
  }

  private static Launch launch(String entry, int blocks, DeviceMemory to, int rounds) {
    return new Launch(
        new Entry("probe", entry),
        new Grid(blocks, 1, 1, THREADS),
        0,
        List.of(new Pointer(to.address()), new I32(rounds)));
  }

  /** The best of some runs: what else the machine does only lengthens them. */
  private static double seconds(CudaContext context, CudaStream stream, Runnable work) {
    double best = Double.MAX_VALUE;
    try (CudaEvent start = context.timer();
        CudaEvent end = context.timer()) {
      for (int run = 0; run <= RUNS; run++) {
        start.record(stream);
        work.run();
        end.record(stream);
        stream.synchronize();
        if (run > 0) { // the first warms up
          best = Math.min(best, Math.max(1e-9, end.millisecondsSince(start) / 1e3));
        }
      }
    }
    return best;
  }
}
