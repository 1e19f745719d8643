package org.likeness.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderPatternTest {
  @TempDir Path root;

  private Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  @Test
  void theHighestNumberComesFirst() throws IOException {
    Path nine = folder("cuda-12.9/lib64");
    Path ten = folder("cuda-12.10/lib64");
    Path old = folder("cuda-9.2/lib64");
    folder("cuda-13.0/other");
    assertEquals(List.of(ten, nine, old), FolderPattern.matching(root, "cuda-*/lib64"));
  }

  @Test
  void starsMayStandInSeveralPlaces() throws IOException {
    Path cudnn = folder("python3.12/site-packages/nvidia/cudnn/lib");
    Path cublas = folder("python3.12/site-packages/nvidia/cublas/lib");
    Path older = folder("python3.9/site-packages/nvidia/cudnn/lib");
    assertEquals(
        List.of(cudnn, cublas, older),
        FolderPattern.matching(root, "python3*/site-packages/nvidia/*/lib"));
  }

  @Test
  void whatIsNoFolderIsNotFound() throws IOException {
    Files.writeString(root.resolve("cuda-1"), "a file");
    assertEquals(List.of(), FolderPattern.matching(root, "cuda-*"));
    assertEquals(List.of(), FolderPattern.matching(root, "cuda-1/lib*"));
    assertEquals(List.of(), FolderPattern.matching(root.resolve("none"), "*/lib"));
  }
}
