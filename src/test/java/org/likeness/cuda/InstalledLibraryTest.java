package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.Availability;
import org.likeness.ffi.LibrarySearch;
import org.likeness.testing.CCompiler;

@EnabledOnOs(OS.LINUX)
class InstalledLibraryTest {
  private static final String FILE = "libcudnn-fake.so.9";

  @TempDir Path root;

  private Path cudnn(String folder, int version, int cuda) throws Exception {
    String source =
        """
        #include <stddef.h>
        size_t cudnnGetVersion(void) { return VERSION; }
        size_t cudnnGetCudartVersion(void) { return CUDA; }
        """
            .replace("VERSION", Integer.toString(version))
            .replace("return CUDA;", "return " + cuda + ";");
    return CCompiler.library(Files.createDirectory(root.resolve(folder)), FILE, source);
  }

  private LibrarySearch.Result<InstalledLibrary> search(int driver) {
    return InstalledLibrary.cudnn(
        new LibrarySearch(
            "cuDNN 9",
            List.of(FILE),
            Optional.empty(),
            List.of(),
            List.of(root.resolve("newer"), root.resolve("older"))),
        driver,
        (library, installed) -> new Availability.Available<>(installed));
  }

  @Test
  void oneForANewerCudaThanTheDriversIsPassedOver() throws Exception {
    Path newer = cudnn("newer", 91300, 13000);
    Path older = cudnn("older", 91002, 12090);
    LibrarySearch.Result<InstalledLibrary> result = search(12040);
    assertEquals(
        new InstalledLibrary(older.toString(), "9.10.2", "12.9"), result.answer().orThrow());
    assertEquals(
        List.of(
            newer
                + " cannot be used: it is for CUDA 13.0 and the driver for CUDA 12.4; install a"
                + " newer driver, or the library for CUDA 12"),
        result.refused().stream().map(Availability::message).toList());
    assertEquals("9.13.0", search(13000).answer().orThrow().version());
    assertEquals("13.0", search(0).answer().orThrow().cuda());
  }

  @Test
  void aLibraryWithoutAVersionIsTooOld() throws Exception {
    Files.createDirectory(root.resolve("older"));
    Path file =
        CCompiler.library(
            Files.createDirectory(root.resolve("newer")), FILE, "int other(void) { return 0; }");
    assertEquals(
        file + " is too old, it lacks cudnnGetVersion, cudnnGetCudartVersion; install a newer one",
        search(0).answer().message());
  }
}
