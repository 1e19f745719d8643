package org.likeness.cuda;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.likeness.ffi.FolderPattern;
import org.likeness.ffi.LibrarySearch;

/**
 * Where NVIDIA's libraries are looked for: in the file that a system property names; else in the
 * folders of CUDA_HOME and its like, on the loader's path, and where toolkits, distributions, pip
 * and Maven put them.
 *
 * @param root of the file system: "/", or the drive that Windows is on
 * @param home the user's folder
 */
record CudaLibraries(boolean windows, Map<String, String> environment, Path root, Path home) {
  private static final List<String> PYTHONS =
      List.of(
          "usr/local/lib/python3*/dist-packages",
          "usr/local/lib/python3*/site-packages",
          "usr/lib/python3*/dist-packages",
          "usr/lib/python3*/site-packages");

  /** Returns those of this computer. */
  static CudaLibraries here() {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path root = Path.of(windows ? System.getenv().getOrDefault("SystemDrive", "C:") + "\\" : "/");
    return new CudaLibraries(
        windows, System.getenv(), root, Path.of(System.getProperty("user.home")));
  }

  /** Returns where the driver is looked for; it puts itself on the loader's path. */
  LibrarySearch driver() {
    return system(CudaDriver.NAME, "likeness.cuda.driver", windows ? "nvcuda.dll" : "libcuda.so.1");
  }

  /** Returns where NVML, which comes with the driver, is looked for. */
  LibrarySearch nvml() {
    return system("NVML", "likeness.nvml", windows ? "nvml.dll" : "libnvidia-ml.so.1");
  }

  /** Returns where NVTX is looked for. */
  LibrarySearch nvtx() {
    return installed(
        "NVTX",
        "likeness.nvtx",
        windows
            ? List.of("nvtx3interop.dll", "nvToolsExt64_1.dll")
            : List.of("libnvtx3interop.so.1", "libnvToolsExt.so.1"));
  }

  /** Returns where cuDNN 9 is looked for. */
  LibrarySearch cudnn() {
    return installed(
        "cuDNN 9", "likeness.cudnn", List.of(windows ? "cudnn64_9.dll" : "libcudnn.so.9"));
  }

  /** Returns where cuBLASLt, of CUDA 13 or 12, is looked for. */
  LibrarySearch cublasLt() {
    return installed(
        "cuBLASLt",
        "likeness.cublaslt",
        windows
            ? List.of("cublasLt64_13.dll", "cublasLt64_12.dll")
            : List.of("libcublasLt.so.13", "libcublasLt.so.12"));
  }

  private LibrarySearch system(String what, String property, String file) {
    List<Path> lent =
        windows
            ? FolderPattern.matching(root, "Program Files/NVIDIA Corporation/NVSMI")
            : FolderPattern.matching(root, "usr/lib/wsl/lib");
    return new LibrarySearch(what, List.of(file), given(property), List.of(), lent);
  }

  private LibrarySearch installed(String what, String property, List<String> files) {
    List<Path> homes = new ArrayList<>();
    for (String variable : List.of("CUDNN_HOME", "CUDNN_PATH", "CUDA_HOME", "CUDA_PATH")) {
      String given = environment.getOrDefault(variable, "");
      if (!given.isBlank()) {
        homes.addAll(libraries(Path.of(given)));
      }
    }
    List<Path> places = Stream.concat(toolkits(), Stream.concat(pip(), maven())).toList();
    return new LibrarySearch(
        what, files, given(property), homes.stream().distinct().toList(), places);
  }

  private static Optional<Path> given(String property) {
    return Optional.ofNullable(System.getProperty(property)).map(Path::of);
  }

  private List<Path> libraries(Path home) {
    return Stream.of("lib64", "lib", "bin/x64", "bin", "bin/*")
        .filter(folder -> windows == folder.startsWith("bin"))
        .flatMap(folder -> FolderPattern.matching(home, folder).stream())
        .toList();
  }

  private Stream<Path> toolkits() {
    Stream<String> patterns =
        windows
            ? Stream.of(
                "Program Files/NVIDIA GPU Computing Toolkit/CUDA/v*",
                "Program Files/NVIDIA/CUDNN/v9*")
            : Stream.of("usr/local/cuda", "usr/local/cuda-*", "opt/cuda", "usr/lib/cuda");
    Stream<Path> own = patterns.flatMap(p -> matching(p).flatMap(t -> libraries(t).stream()));
    Stream<Path> distribution =
        windows
            ? Stream.empty()
            : Stream.of("usr/lib/x86_64-linux-gnu", "usr/lib64").flatMap(this::matching);
    return Stream.concat(own, distribution);
  }

  private Stream<Path> matching(String pattern) {
    return FolderPattern.matching(root, pattern).stream();
  }

  /** Folders of NVIDIA's packages for Python, those of the environment in use first. */
  private Stream<Path> pip() {
    String libraries = windows ? "nvidia/*/bin" : "nvidia/*/lib";
    Stream<Path> active =
        Stream.of("VIRTUAL_ENV", "CONDA_PREFIX")
            .map(variable -> environment.getOrDefault(variable, ""))
            .filter(folder -> !folder.isBlank())
            .map(Path::of)
            .flatMap(
                folder ->
                    FolderPattern.matching(
                        folder, windows ? "Lib/site-packages" : "lib/python3*/site-packages")
                        .stream());
    Stream<Path> user =
        FolderPattern.matching(
            home,
            windows
                ? "AppData/Local/Programs/Python/Python3*/Lib/site-packages"
                : ".local/lib/python3*/site-packages")
            .stream();
    Stream<Path> system = windows ? Stream.empty() : PYTHONS.stream().flatMap(this::matching);
    return Stream.of(active, user, system)
        .flatMap(s -> s)
        .flatMap(packages -> FolderPattern.matching(packages, libraries).stream());
  }

  /** Where JavaCPP unpacks the redistribution that Maven fetches. */
  private Stream<Path> maven() {
    String platform = windows ? "windows-x86_64" : "linux-x86_64";
    return FolderPattern.matching(home, ".javacpp/cache/cuda-*/org/bytedeco/cuda/" + platform)
        .stream();
  }
}
