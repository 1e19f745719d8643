package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The doctor on a computer with GPUs. */
@OnSoftCuda
class DoctorOnSoftCudaTest {
  private final SoftCuda softCuda;

  DoctorOnSoftCudaTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void gpusAreShownWithWhatTheirSensorsSay() {
    softCuda.reset("devices=2", "cc=89", "name=a card", "memory=2GiB", "used=512MiB");
    CommandLineRun run = CommandLineRun.of("doctor");
    assertEquals(0, run.status(), run.err());
    for (int i = 0; i < 2; i++) {
      String line =
          "cuda:" + i + "         a card, compute capability 8.9, 2.0 GiB, 0.5 of them used";
      assertTrue(run.out().contains(line + ", 1410 MHz, 41 °C, 97 W\n"), run.out());
    }
    assertTrue(
        run.out()
            .contains(
                "NVIDIA driver  "
                    + softCuda.library()
                    + ": 550.54.15, CUDA 12.4, compiles PTX up to 8.4\nNVML           "
                    + softCuda.nvml()
                    + "\n"),
        run.out());
    assertTrue(run.out().endsWith("uses           cuda:0, unless --device names another\n"));
    assertEquals("", softCuda.liveObjects());
  }

  @Test
  void jsonHasTheSensors() {
    softCuda.reset("cc=120", "name=a card", "memory=2GiB", "used=512MiB");
    CommandLineRun run = CommandLineRun.of("doctor", "--json");
    assertEquals(0, run.status(), run.err());
    JsonNode json = JsonMapper.shared().readTree(run.out());
    JsonNode gpu = json.get("gpus").get(0);
    assertEquals("cuda:0", gpu.get("device").asString());
    assertEquals("12.0", gpu.get("capability").asString());
    assertEquals(2L << 30, gpu.get("memory_bytes").asLong());
    assertEquals(512L << 20, gpu.get("used_bytes").asLong());
    assertEquals("cuda:0", json.get("device").get("name").asString());
    assertTrue(gpu.get("problem").isNull());
  }

  @Test
  void aGpuThatCannotBeOpenedIsToldInsteadOfFailing() {
    softCuda.reset("name=a card");
    long before = softCuda.calls();
    assertEquals(0, CommandLineRun.of("doctor").status());
    long calls = softCuda.calls() - before;
    // the last calls close the device, those before open it
    softCuda.reset("name=a card");
    softCuda.fail(calls - 4, 999);
    CommandLineRun run = CommandLineRun.of("doctor");
    assertEquals(0, run.status(), run.err());
    String last = run.out().lines().toList().getLast();
    assertTrue(last.startsWith("uses           cu"), last);
    assertTrue(
        last.endsWith(
            " failed on cuda:0 (a card): CUDA_ERROR_UNKNOWN (999), unknown; use --device cpu"),
        last);
    assertEquals("", softCuda.liveObjects());
  }
}
