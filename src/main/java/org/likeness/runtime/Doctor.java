package org.likeness.runtime;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.Gpu;
import org.likeness.cuda.InstalledLibrary;
import org.likeness.cuda.Nvml;
import org.likeness.cuda.Nvtx;
import org.likeness.cuda.cublaslt.CublasLt;
import org.likeness.cuda.cudnn.Cudnn;
import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.Library;
import org.likeness.ffi.Availability;
import org.likeness.ffi.Availability.Available;
import org.likeness.ffi.BundledLibraries;
import org.likeness.ffi.LibrarySearch;
import org.likeness.runtime.DoctorReport.DeviceChoice;
import org.likeness.runtime.DoctorReport.GpuFinding;
import org.likeness.runtime.DoctorReport.LibraryFinding;
import org.likeness.runtime.DoctorReport.Machine;

/** Looks at what this computer has that Likeness can use. */
public final class Doctor {
  private static final String AUTOMATIC = "auto";

  private Doctor() {}

  /** Looks for everything; what is missing is a finding, never a failure. */
  public static DoctorReport examine() {
    Availability<CudaDriver> driver = CudaDriver.open();
    Availability<Nvml> nvml = Nvml.open();
    try {
      List<LibraryFinding> libraries = new ArrayList<>();
      libraries.add(driver(driver, nvml));
      libraries.add(
          finding("NVML", nvml, Nvml::toString, "it reads a GPU's sensors; the driver brings it"));
      libraries.add(
          finding(
              "NVTX",
              Nvtx.open().library(),
              Function.identity(),
              "only profilers need it: pip install nvidia-nvtx"));
      int version = driver instanceof Available<CudaDriver>(CudaDriver d) ? d.versionNumber() : 0;
      libraries.add(
          finding(
              "cuDNN 9",
              Cudnn.find(version),
              "without it our own kernels compute convolutions: pip install "
                  + Library.CUDNN.pythonPackage(version)
                  + ", or NVIDIA's cuDNN installer"));
      libraries.add(
          finding(
              "cuBLASLt",
              CublasLt.find(version),
              "without it our own kernels compute dense layers: pip install "
                  + Library.CUBLASLT.pythonPackage(version)
                  + ", or NVIDIA's CUDA Toolkit"));
      return new DoctorReport(machine(), cpu(), gpus(driver, nvml), libraries, folders(), choice());
    } finally {
      if (nvml instanceof Available<Nvml>(Nvml open)) {
        open.close();
      }
    }
  }

  private static Machine machine() {
    long total = 0;
    long free = 0;
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      total = system.getTotalMemorySize();
      free = system.getFreeMemorySize();
    }
    String system =
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch");
    return new Machine(
        Runtime.version() + " of " + System.getProperty("java.vendor"),
        system,
        Runtime.getRuntime().availableProcessors(),
        total,
        free);
  }

  private static String cpu() {
    try (Device cpu = new CpuDevice()) {
      return cpu.description();
    }
  }

  private static LibraryFinding driver(Availability<CudaDriver> driver, Availability<Nvml> nvml) {
    if (driver instanceof Available<CudaDriver>(CudaDriver d)) {
      String known =
          nvml instanceof Available<Nvml>(Nvml n)
              ? n.driverVersion().map(v -> v + ", ").orElse("")
              : "";
      String version = known + "CUDA " + d.version() + ", compiles PTX up to " + d.ptxVersion();
      return new LibraryFinding(
          "NVIDIA driver",
          Optional.of(d.toString()),
          Optional.of(version),
          List.of(),
          Optional.empty());
    }
    return new LibraryFinding(
        "NVIDIA driver",
        Optional.empty(),
        Optional.empty(),
        List.of(driver.message()),
        Optional.of("an NVIDIA GPU needs its driver, R550 or newer; without one the CPU trains"));
  }

  private static <T> LibraryFinding finding(
      String name, Availability<T> answer, Function<T, String> place, String advice) {
    return answer instanceof Available<T>(T value)
        ? new LibraryFinding(
            name, Optional.of(place.apply(value)), Optional.empty(), List.of(), Optional.empty())
        : new LibraryFinding(
            name,
            Optional.empty(),
            Optional.empty(),
            List.of(answer.message()),
            Optional.of(advice));
  }

  private static LibraryFinding finding(
      String name, LibrarySearch.Result<InstalledLibrary> result, String install) {
    List<String> refused =
        new ArrayList<>(result.refused().stream().map(Availability::message).toList());
    if (result.answer() instanceof Available<InstalledLibrary>(InstalledLibrary library)) {
      return new LibraryFinding(
          name,
          Optional.of(library.place()),
          Optional.of(library.version() + ", for CUDA " + library.cuda()),
          refused,
          Optional.empty());
    }
    if (refused.isEmpty()) {
      refused.add(result.answer().message());
    }
    return new LibraryFinding(
        name, Optional.empty(), Optional.empty(), refused, Optional.of(install));
  }

  private static List<GpuFinding> gpus(Availability<CudaDriver> driver, Availability<Nvml> nvml) {
    if (!(driver instanceof Available<CudaDriver>(CudaDriver open))) {
      return List.of();
    }
    try {
      return open.gpus().stream().map(gpu -> gpu(gpu, nvml)).toList();
    } catch (CudaException e) {
      return List.of(); // whoever opens a device is told why
    }
  }

  private static GpuFinding gpu(Gpu gpu, Availability<Nvml> nvml) {
    Optional<Nvml.Reading> sensors =
        nvml instanceof Available<Nvml>(Nvml open) ? open.read(gpu) : Optional.empty();
    Optional<String> problem =
        gpu.capability() < CudaDevice.LEAST_CAPABILITY
            ? Optional.of(
                "the kernels need compute capability " + CudaDevice.LEAST_CAPABILITY / 10.0)
            : Optional.empty();
    return new GpuFinding(gpu, sensors, problem);
  }

  private static Map<String, String> folders() {
    Map<String, String> folders = new LinkedHashMap<>();
    folders.put("native libraries", BundledLibraries.userCache().toString());
    folders.put("tilings measured on GPUs", Devices.options().cache().toString());
    folders.put("kernels that the driver compiled", driverCache().toString());
    return folders;
  }

  /** Where the driver keeps what it compiled, as NVIDIA documents it. */
  private static Path driverCache() {
    String given = System.getenv("CUDA_CACHE_PATH");
    if (given != null && !given.isBlank()) {
      return Path.of(given);
    }
    String roaming = System.getenv("APPDATA");
    return System.getProperty("os.name").startsWith("Windows") && roaming != null
        ? Path.of(roaming, "NVIDIA", "ComputeCache")
        : Path.of(System.getProperty("user.home"), ".nv", "ComputeCache");
  }

  private static DeviceChoice choice() {
    try (Device device = Devices.open(AUTOMATIC)) {
      return new DeviceChoice(device.name(), device.description(), Optional.empty());
    } catch (CudaException e) {
      return new DeviceChoice(AUTOMATIC, "", Optional.of(e.getMessage() + "; use --device cpu"));
    }
  }
}
