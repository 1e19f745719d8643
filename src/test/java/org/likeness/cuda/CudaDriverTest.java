package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
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

/** Every way in which there is no driver to use, with the sentence that says so. */
@EnabledOnOs(OS.LINUX)
class CudaDriverTest {
  /** What every driver has, old or new; the version and cuInit's status are put in. */
  private static final String DRIVER =
      """
      int cuDriverGetVersion(int *version) { *version = VERSION; return STATUS_OF_VERSION; }
      int cuInit(unsigned flags) { return STATUS; }
      int cuGetErrorName(int status, const char **text) {
        *text = status == 100 ? "CUDA_ERROR_NO_DEVICE" : status == 34 ? "CUDA_ERROR_STUB_LIBRARY"
            : "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH";
        return status == 100 || status == 34 || status == 803 ? 0 : 1;
      }
      int cuGetErrorString(int status, const char **text) {
        *text = "told by the driver";
        return status == 100 || status == 34 || status == 803 ? 0 : 1;
      }
      int cuDeviceGetCount(void) { return 1; }
      int cuDeviceGet(void) { return 1; }
      int cuDeviceGetName(void) { return 1; }
      int cuDeviceGetUuid_v2(void) { return 1; }
      int cuDeviceTotalMem_v2(void) { return 1; }
      int cuDeviceGetAttribute(void) { return 1; }
      """;

  @TempDir Path folder;

  private static String answer(Path file) {
    LibrarySearch search =
        new LibrarySearch(
            CudaDriver.NAME, List.of("libcuda.so.1"), Optional.of(file), List.of(), List.of());
    return CudaDriver.open(search).message();
  }

  private String answerOf(int version, int statusOfVersion, int status) throws Exception {
    String source =
        DRIVER
            .replace("STATUS_OF_VERSION", Integer.toString(statusOfVersion))
            .replace("STATUS", Integer.toString(status))
            .replace("VERSION", Integer.toString(version));
    return answer(CCompiler.library(folder, "libfake.so", source));
  }

  @Test
  void noDriver() {
    LibrarySearch search =
        new LibrarySearch(
            CudaDriver.NAME,
            List.of("libcuda-none.so.1"),
            Optional.empty(),
            List.of(),
            List.of(folder));
    assertEquals(
        "the NVIDIA driver was not found; looked for libcuda-none.so.1 on the loader's path, "
            + folder,
        CudaDriver.open(search).message());
  }

  @Test
  void aFileThatWasNamedAndIsNotThere() {
    Path file = folder.resolve("libcuda.so.1");
    assertEquals("the NVIDIA driver was not found; looked for " + file, answer(file));
  }

  @Test
  void aFileThatIsNoLibrary() throws Exception {
    Path file = Files.writeString(folder.resolve("libcuda.so.1"), "not a library ".repeat(100));
    assertEquals(file + " cannot be used: " + file + ": invalid ELF header", answer(file));
  }

  @Test
  void aDriverOlderThanTheKernelsNamesTheOneThatIsNeeded() throws Exception {
    assertEquals(
        "the NVIDIA driver for CUDA 12.2 is too old, it lacks CUDA 12.4, which drivers from R550 on"
            + " have; install a newer one",
        answerOf(12020, 0, 0));
  }

  @Test
  void aDriverThatLacksFunctionsNamesThem() throws Exception {
    String said = answerOf(12040, 0, 0);
    assertTrue(said.contains("libfake.so is too old, it lacks cuDevicePrimaryCtxRetain, "), said);
    assertTrue(said.endsWith(", cuGraphDestroy; install a newer one"), said);
  }

  @Test
  void aLibraryWithoutAnyOfTheFunctions() throws Exception {
    Path file = CCompiler.library(folder, "libother.so", "int other(void) { return 0; }");
    assertTrue(answer(file).startsWith(file + " is too old, it lacks cuInit, "), answer(file));
  }

  @Test
  void noGpu() throws Exception {
    assertEquals(
        "the NVIDIA driver cannot be used: it sees no GPU: CUDA_ERROR_NO_DEVICE (100), told by the"
            + " driver; check that one is built in and that CUDA_VISIBLE_DEVICES does not hide it",
        answerOf(12040, 0, 100));
  }

  @Test
  void halfAnUpdate() throws Exception {
    assertEquals(
        "the NVIDIA driver cannot be used: its library and its kernel module are of two versions:"
            + " CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803), told by the driver; restart the computer,"
            + " or install the driver anew",
        answerOf(12080, 0, 803));
  }

  @Test
  void theToolkitsStub() throws Exception {
    assertEquals(
        "the NVIDIA driver cannot be used: it is the CUDA toolkit's stub, made for linking:"
            + " CUDA_ERROR_STUB_LIBRARY (34), told by the driver; take the folder \"stubs\" out of"
            + " the loader's path",
        answerOf(12040, 34, 0));
  }

  @Test
  void aStatusThatTheDriverItselfDoesNotKnow() throws Exception {
    assertEquals(
        "the NVIDIA driver cannot be used: it does not start: status (12345); restart the computer,"
            + " or install the driver anew",
        answerOf(12040, 0, 12345));
  }

  @Test
  void nativeAccessForbidden() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                Opening.class.getName())
            .redirectErrorStream(true)
            .start();
    assertEquals(
        "libcuda.so.1 cannot be used because native access is forbidden; start java with"
            + " --enable-native-access=ALL-UNNAMED",
        new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
  }

  /** Opens the driver and prints the answer. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] args) {
      Availability<CudaDriver> answer = CudaDriver.open();
      System.out.println(answer.message());
    }
  }
}
