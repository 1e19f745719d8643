package org.likeness.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Names the machine that measures, from what the system tells. */
final class Machine {
  private Machine() {}

  /** Returns the processor's name. */
  static String processor() {
    String name = lineOf(Path.of("/proc/cpuinfo"), "model name");
    if (name == null) {
      name = System.getenv("PROCESSOR_IDENTIFIER");
    }
    return name == null ? System.getProperty("os.arch") : name;
  }

  /** Returns the operating system's name and version. */
  static String system() {
    return System.getProperty("os.name") + " " + System.getProperty("os.version");
  }

  /**
   * Returns this process's memory in bytes, VmRSS or VmHWM, or null where the system is not Linux.
   */
  static Long resident(String key) {
    String value = lineOf(Path.of("/proc/self/status"), key);
    return value == null ? null : Long.parseLong(value.replaceAll("\\D", "")) * 1024;
  }

  private static String lineOf(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
