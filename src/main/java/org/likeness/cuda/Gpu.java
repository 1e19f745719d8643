package org.likeness.cuda;

import java.util.Locale;

/**
 * What the driver says of a GPU.
 *
 * @param ordinal its number in "cuda:N"
 * @param uuid such as "GPU-8b2f5c6e-0000-0000-0000-000000000000", as NVIDIA's tools print it
 * @param capability 10 times the compute capability's major number plus its minor one: 89 for 8.9
 * @param virtualMemory whether memory can be put behind reserved addresses
 */
public record Gpu(
    int ordinal,
    String name,
    String uuid,
    int capability,
    Multiprocessors multiprocessors,
    Memory memory,
    boolean virtualMemory) {
  /**
   * What computes.
   *
   * @param sharedOptInBytes most shared memory that a block may opt in to
   */
  public record Multiprocessors(int count, int clockKilohertz, int sharedOptInBytes) {}

  /** What it computes on; the clock is that of the memory bus. */
  public record Memory(long totalBytes, int l2Bytes, int clockKilohertz, int busBits) {
    /** Returns the bytes per second that the bus can move at best, 0 where the driver is silent. */
    public double peakBandwidth() {
      return 2.0 * clockKilohertz * 1000 * busBits / 8;
    }
  }

  /** Returns the name that opens it, such as "cuda:0". */
  public String device() {
    return "cuda:" + ordinal;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s (%s, compute capability %d.%d, %.1f GiB)",
        device(),
        name,
        capability / 10,
        capability % 10,
        memory.totalBytes() / (double) (1L << 30));
  }
}
