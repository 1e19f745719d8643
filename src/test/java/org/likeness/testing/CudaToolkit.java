package org.likeness.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.likeness.ffi.Availability;
import org.likeness.ffi.BundledLibraries;

/**
 * NVIDIA's headers, NVRTC and ptxas of pinned versions, which need no GPU: for tests that compile
 * against {@code cuda.h} or assemble kernels. They stand in the folder that {@code
 * LIKENESS_CUDA_TOOLKIT} names, in {@code target/cuda-toolkit}, or come from PyPI once per user.
 *
 * @param root the folder with the halves {@code 12} and {@code 13}, each as the wheels unpack
 */
public record CudaToolkit(Path root) {
  private static final String NAME = "the CUDA toolkit's headers";

  /** Of CUDA 12.4: the driver that kernels are built for is R550. */
  private static final List<String> WHEELS_12 =
      List.of(
          "nvidia-cuda-nvrtc-cu12==12.4.127",
          "nvidia-cuda-runtime-cu12==12.4.127",
          "nvidia-cuda-nvcc-cu12==12.4.131");

  /** Of CUDA 13.0, whose ptxas knows sm_120. */
  private static final List<String> WHEELS_13 =
      List.of("nvidia-cuda-nvcc==13.0.88", "nvidia-nvvm==13.0.88", "nvidia-cuda-crt==13.0.88");

  /** Returns the folder of {@code cuda.h} and the other headers of 12.4. */
  public Path include() {
    return root.resolve("12/nvidia/cuda_runtime/include");
  }

  /** Returns NVRTC 12.4's library. */
  public Path nvrtc() {
    return root.resolve("12/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
  }

  /** Returns ptxas 12.4. */
  public Path ptxas12() {
    return root.resolve("12/nvidia/cuda_nvcc/bin/ptxas");
  }

  /** Returns ptxas 13.0. */
  public Path ptxas13() {
    return root.resolve("13/nvidia/cu13/bin/ptxas");
  }

  /** Returns the toolkit, downloading it where it is nowhere yet. */
  public static Availability<CudaToolkit> find() {
    String given = System.getenv("LIKENESS_CUDA_TOOLKIT");
    if (given != null && !given.isBlank()) {
      return in(Path.of(given));
    }
    Path near = Path.of("target", "cuda-toolkit").toAbsolutePath();
    return Files.isDirectory(near) ? in(near) : cached();
  }

  private static Availability<CudaToolkit> in(Path root) {
    CudaToolkit toolkit = new CudaToolkit(root);
    return Files.isRegularFile(toolkit.include().resolve("cuda.h"))
        ? new Availability.Available<>(toolkit)
        : new Availability.Absent<>(NAME, List.of(toolkit.include().toString()));
  }

  private static Availability<CudaToolkit> cached() {
    Path cache = BundledLibraries.userCache().resolveSibling("cuda-toolkit");
    Path root = cache.resolve("12.4-13.0");
    try {
      Files.createDirectories(cache);
      Path lock = cache.resolve("lock");
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (!Files.isDirectory(root)) {
          Optional<String> failure = download(cache, root);
          if (failure.isPresent()) {
            return new Availability.Broken<>(NAME, failure.get());
          }
        }
        assert held.isValid();
      }
    } catch (IOException e) {
      return new Availability.Broken<>(NAME, "they could not be put into " + cache + ": " + e);
    }
    return in(root);
  }

  /** Fetches and unpacks all wheels beside {@code root}, which appears complete or not at all. */
  private static Optional<String> download(Path cache, Path root) throws IOException {
    Path wheels = Files.createTempDirectory(cache, "wheels");
    Path unpacked = Files.createTempDirectory(cache, "unpacked");
    try {
      List<String> command = new ArrayList<>();
      command.addAll(List.of("python3", "-m", "pip", "download", "--quiet", "--no-deps"));
      command.addAll(List.of("--disable-pip-version-check", "--only-binary=:all:", "--dest"));
      command.add(wheels.toString());
      command.addAll(WHEELS_12);
      command.addAll(WHEELS_13);
      Commands.Result result = Commands.run(command);
      if (result.status() != 0) {
        return Optional.of("pip could not fetch them: " + result.output().strip());
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(wheels, "*.whl")) {
        for (Path wheel : files) {
          boolean twelve = wheel.getFileName().toString().contains("_cu12-");
          unzip(wheel, unpacked.resolve(twelve ? "12" : "13"));
        }
      }
      Files.move(unpacked, root, StandardCopyOption.ATOMIC_MOVE);
      return Optional.empty();
    } finally {
      delete(wheels);
      delete(unpacked);
    }
  }

  private static void unzip(Path wheel, Path folder) throws IOException {
    try (InputStream in = Files.newInputStream(wheel);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName()).normalize();
        if (entry.isDirectory() || !file.startsWith(folder)) {
          continue;
        }
        Files.createDirectories(file.getParent());
        Files.copy(zip, file, StandardCopyOption.REPLACE_EXISTING);
        if (file.getParent().endsWith("bin") && !file.toFile().setExecutable(true)) {
          throw new IOException(file + " cannot be made executable");
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
