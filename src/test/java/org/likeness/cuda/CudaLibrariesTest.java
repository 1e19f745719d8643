package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.LibrarySearch;

class CudaLibrariesTest {
  @TempDir Path root;
  private Path home;

  @BeforeEach
  void makeHome() throws IOException {
    home = folder("home/someone");
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  @Test
  void onLinuxToolkitsComeBeforeDistributionsPipAndMaven() throws IOException {
    Path system = folder("usr/lib/x86_64-linux-gnu");
    Path newest = folder("usr/local/cuda-13.0/lib64");
    Path older = folder("usr/local/cuda-12.4/lib64");
    Path user = folder("home/someone/.local/lib/python3.12/site-packages/nvidia/cudnn/lib");
    Path python = folder("usr/lib/python3/dist-packages/nvidia/cudnn/lib");
    Path venv = folder("venv/lib/python3.11/site-packages/nvidia/cublas/lib");
    Path maven =
        folder(
            "home/someone/.javacpp/cache/cuda-12.6-linux-x86_64-redist.jar/org/bytedeco/cuda/"
                + "linux-x86_64");
    Path cudnn = folder("opt/cudnn/lib");
    Path toolkit = folder("opt/toolkit/lib64");
    Map<String, String> environment =
        Map.of(
            "CUDA_HOME", root.resolve("opt/toolkit").toString(),
            "CUDNN_HOME", root.resolve("opt/cudnn").toString(),
            "VIRTUAL_ENV", root.resolve("venv").toString());
    LibrarySearch search = new CudaLibraries(false, environment, root, home).cudnn();
    assertEquals(Optional.empty(), search.given());
    assertEquals(List.of("libcudnn.so.9"), search.files());
    assertEquals(List.of(cudnn, toolkit), search.homes());
    assertEquals(List.of(newest, older, system, venv, user, python, maven), search.installed());
  }

  @Test
  void onWindowsLibrariesLieInBin() throws IOException {
    Path toolkit = folder("Program Files/NVIDIA GPU Computing Toolkit/CUDA/v13.0/bin/x64");
    Path bin = toolkit.getParent();
    Path cudnn = folder("Program Files/NVIDIA/CUDNN/v9.10/bin/12.9");
    Path pip =
        folder(
            "home/someone/AppData/Local/Programs/Python/Python312/Lib/site-packages/nvidia/cudnn/"
                + "bin");
    LibrarySearch search = new CudaLibraries(true, Map.of(), root, home).cublasLt();
    assertEquals(List.of("cublasLt64_13.dll", "cublasLt64_12.dll"), search.files());
    assertEquals(List.of(), search.homes());
    List<Path> installed = search.installed().stream().distinct().toList();
    assertEquals(List.of(toolkit, bin, cudnn.getParent(), cudnn, pip), installed);
  }

  @Test
  void theDriverIsOnTheLoadersPathOrLentByWindows() throws IOException {
    Path lent = folder("usr/lib/wsl/lib");
    folder("usr/local/cuda/lib64");
    CudaLibraries linux = new CudaLibraries(false, Map.of("CUDA_HOME", "x"), root, home);
    assertEquals(List.of("libcuda.so.1"), linux.driver().files());
    assertEquals(List.of(), linux.driver().homes());
    assertEquals(List.of(lent), linux.driver().installed());
    assertEquals(List.of("libnvidia-ml.so.1"), linux.nvml().files());
    CudaLibraries windows = new CudaLibraries(true, Map.of(), root, home);
    assertEquals(List.of("nvcuda.dll"), windows.driver().files());
    assertEquals(List.of("nvml.dll"), windows.nvml().files());
  }
}
