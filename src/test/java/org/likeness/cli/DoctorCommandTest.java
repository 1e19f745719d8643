package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The doctor on a computer without anything of NVIDIA's: files are named that are not there. */
class DoctorCommandTest {
  private static final List<String> PROPERTIES =
      List.of(
          "likeness.cuda.driver",
          "likeness.nvml",
          "likeness.nvtx",
          "likeness.cudnn",
          "likeness.cublaslt");

  @TempDir Path folder;
  private final Map<String, String> before = new HashMap<>();

  @BeforeEach
  void nameWhatIsNotThere() {
    for (String name : PROPERTIES) {
      before.put(name, System.setProperty(name, folder.resolve(name).toString()));
    }
  }

  @AfterEach
  void forget() {
    before.forEach(
        (name, value) -> {
          if (value == null) {
            System.clearProperty(name);
          } else {
            System.setProperty(name, value);
          }
        });
  }

  @Test
  void withoutAGpuItSaysWhatIsMissingAndThatTheCpuTrains() {
    CommandLineRun run = CommandLineRun.of("doctor");
    assertEquals(0, run.status(), run.err());
    assertTrue(
        run.out()
            .contains(
                """
                NVIDIA driver  the NVIDIA driver was not found; looked for %s
                               an NVIDIA GPU needs its driver, R550 or newer; without one the CPU trains
                NVML           NVML was not found; looked for %s
                               it reads a GPU's sensors; the driver brings it
                NVTX           NVTX was not found; looked for %s
                               only profilers need it: pip install nvidia-nvtx
                cuDNN 9        cuDNN 9 was not found; looked for %s
                               without it our own kernels compute convolutions: pip install nvidia-cudnn-cu12, or NVIDIA's cuDNN installer
                cuBLASLt       cuBLASLt was not found; looked for %s
                               without it our own kernels compute dense layers: pip install nvidia-cublas-cu12, or NVIDIA's CUDA Toolkit
                """
                    .formatted(PROPERTIES.stream().map(folder::resolve).toArray())),
        run.out());
    assertTrue(run.out().startsWith("Java           " + Runtime.version()), run.out());
    assertTrue(
        run.out().endsWith("uses           cpu, unless --device names another\n"), run.out());
  }

  @Test
  void jsonHasTheKeysThatHelpNames() {
    CommandLineRun run = CommandLineRun.of("doctor", "--json");
    assertEquals(0, run.status(), run.err());
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertEquals(
        List.of("machine", "cpu", "gpus", "libraries", "folders", "device"),
        List.copyOf(json.propertyNames()));
    assertEquals(0, json.get("gpus").size());
    assertEquals("cpu", json.get("device").get("name").asString());
    assertTrue(json.get("machine").get("memory_bytes").asLong() > 0);
    assertEquals(
        List.of("NVIDIA driver", "NVML", "NVTX", "cuDNN 9", "cuBLASLt"),
        StreamSupport.stream(json.get("libraries").spliterator(), false)
            .map(library -> library.get("name").asString())
            .toList());
    JsonNode driver = json.get("libraries").get(0);
    assertTrue(driver.get("place").isNull());
    assertFalse(driver.get("advice").isNull());
    assertEquals(
        "the NVIDIA driver was not found; looked for " + folder.resolve("likeness.cuda.driver"),
        driver.get("refused").get(0).asString());
  }
}
