package org.likeness.device.cpu;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the operating system says of the processor. */
final class Processor {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private Processor() {}

  /** Returns the processor's name and its number of threads. */
  static String name() {
    return model() + " x " + Runtime.getRuntime().availableProcessors();
  }

  private static String model() {
    if (Files.isReadable(CPUINFO)) {
      try (Stream<String> lines = Files.lines(CPUINFO)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    String windows = System.getenv("PROCESSOR_IDENTIFIER");
    return windows == null ? System.getProperty("os.arch") : windows;
  }

  /**
   * Tells whether {@link Math#fma} is one instruction; where not, it takes a thousand times longer
   * than a product and a sum.
   */
  static boolean fusesMultiplyAdd() {
    try {
      HotSpotDiagnosticMXBean machine =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return machine != null && machine.getVMOption("UseFMA").getValue().equals("true");
    } catch (IllegalArgumentException e) {
      return false; // another kind of virtual machine
    }
  }

  /** Returns the bytes of memory that no process uses, as far as Java can tell. */
  static long freeBytes() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getFreeMemorySize()
        : Runtime.getRuntime().maxMemory();
  }
}
