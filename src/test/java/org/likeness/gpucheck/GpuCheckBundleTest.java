package org.likeness.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.Run;
import org.likeness.testing.SoftCuda;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole check from its archive, in a folder without the sources and with an environment without
 * Java, on softcuda in place of a card.
 */
@OnSoftCuda
class GpuCheckBundleTest {
  @Tag("slow")
  @Test
  void runsGreenWithNothingButItsArchive(SoftCuda softCuda, @TempDir Path folder) throws Exception {
    Path archive =
        BuildGpuCheck.build(
            Path.of("").toAbsolutePath(),
            folder.resolve("build"),
            System.getProperty("java.class.path"));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Run.checked(List.of("tar", "-C", empty.toString(), "-xzf", archive.toString()));
    List<String> command = new ArrayList<>(List.of("env", "-i", "PATH=/usr/bin:/bin"));
    command.add(empty.resolve("gpu-check").resolve("gpu-check").toString());
    command.addAll(List.of("--dry-run", "--driver", softCuda.library().toString()));
    command.addAll(List.of("--output", empty.resolve("results").toString()));
    Run run = Run.of(command);
    assertEquals(0, run.status(), run.output());
    JsonNode results =
        JsonMapper.shared().readTree(Files.readString(empty.resolve("results/gpu-check.json")));
    assertTrue(results.path("green").asBoolean() && results.path("dry_run").asBoolean());
    for (JsonNode stage : results.path("stages")) {
      String name = stage.path("name").asString();
      String expected = List.of("sanitizer", "goldens-cudnn").contains(name) ? "skipped" : "passed";
      assertEquals(expected, stage.path("status").asString(), stage.toString());
    }
    assertTrue(Files.readString(empty.resolve("results/gpu-check.md")).contains("GPU: softcuda"));
  }
}
