package org.likeness.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.cuda.Gpu;
import org.likeness.cuda.Nvml;

/**
 * What {@code likeness doctor} found on this computer.
 *
 * @param gpus those that the driver shows
 * @param libraries what was looked for
 * @param folders what Likeness and the driver keep, by what it is
 * @param device the device that {@code --device auto} means
 */
public record DoctorReport(
    Machine machine,
    String cpu,
    List<GpuFinding> gpus,
    List<LibraryFinding> libraries,
    Map<String, String> folders,
    DeviceChoice device) {
  /** Copies the lists. */
  public DoctorReport {
    gpus = List.copyOf(gpus);
    libraries = List.copyOf(libraries);
  }

  /** The computer and the Java that runs on it. */
  public record Machine(
      String java, String system, int processors, long memoryBytes, long freeBytes) {}

  /**
   * A GPU.
   *
   * @param sensors what NVML says of it, if it does
   * @param problem why Likeness does not use it, if it cannot
   */
  public record GpuFinding(Gpu gpu, Optional<Nvml.Reading> sensors, Optional<String> problem) {}

  /**
   * A library that was looked for.
   *
   * @param place its file, or its name where the loader knows it; empty if it cannot be used
   * @param version as people know it; empty if it cannot be used
   * @param refused why it, or others of its name, cannot be used
   * @param advice what to do, or what it is for; empty if all is well
   */
  public record LibraryFinding(
      String name,
      Optional<String> place,
      Optional<String> version,
      List<String> refused,
      Optional<String> advice) {
    /** Copies the list. */
    public LibraryFinding {
      refused = List.copyOf(refused);
    }
  }

  /**
   * The device that is used unless another is named.
   *
   * @param problem why it cannot be opened, if so
   */
  public record DeviceChoice(String name, String description, Optional<String> problem) {}
}
