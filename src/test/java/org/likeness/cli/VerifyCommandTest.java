package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.Safetensors;

class VerifyCommandTest {
  @TempDir Path dir;

  private Path unsupported() throws IOException {
    Path file = dir.resolve("noisy.safetensors");
    String options = "{\"gan_power\": 0.1, \"gan_noise\": 0.1, \"use_fp16\": true}";
    Safetensors.write(file, Map.of("options", options), List.of());
    return file;
  }

  @Test
  void whatNoRunCanRepeatIsRefusedByName() throws IOException {
    Path file = unsupported();
    CommandLineRun run = CommandLineRun.of("verify", file);
    assertEquals(1, run.status());
    assertEquals(
        "likeness: %s cannot be replayed: use_fp16 is not known here; gan_noise drew random labels, which no file records\n"
            .formatted(file),
        run.err());
  }

  @Test
  void jsonSaysItTooAndCountsItAsFailed() throws IOException {
    CommandLineRun run = CommandLineRun.of("verify", "--json", unsupported());
    assertEquals(1, run.status());
    assertTrue(run.out().startsWith("{\"ok\":false,\"files\":[{\"file\":"), run.out());
    assertTrue(run.out().contains("\"unsupported\":"), run.out());
    assertEquals("", run.err());
  }

  @Test
  void filesThatAreNotGoldenAreNamed() throws IOException {
    Path none = dir.resolve("none.safetensors");
    CommandLineRun missing = CommandLineRun.of("verify", none);
    assertEquals(1, missing.status());
    assertEquals("likeness: there is no " + none + "\n", missing.err());
    Path text = Files.writeString(dir.resolve("text.safetensors"), "no tensors in here");
    CommandLineRun wrong = CommandLineRun.of("verify", text);
    assertEquals(1, wrong.status());
    assertTrue(
        wrong.err().startsWith("likeness: " + text + " is not a valid safetensors file: "),
        wrong.err());
  }

  @Test
  void anUnknownDeviceIsRefused() {
    CommandLineRun run = CommandLineRun.of("verify", "--device", "abacus", "x");
    assertEquals(1, run.status());
    assertEquals(
        "likeness: there is no device \"abacus\"; use --device auto, cpu, cuda or cuda:1\n",
        run.err());
  }
}
