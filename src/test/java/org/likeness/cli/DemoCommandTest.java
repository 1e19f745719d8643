package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoCommandTest {
  @TempDir Path dir;

  @Test
  void goesFromNothingToScoresAndResumes() throws Exception {
    Path folder = dir.resolve("demo");
    Files.createDirectories(dir.resolve("demo/src.tmp")); // killed while it rendered
    Files.write(dir.resolve("demo/src.tmp/00000_0.jpg"), new byte[3]);
    CommandLineRun first =
        CommandLineRun.of("demo", "--dir", folder, "--faces", 4, "--iterations", 1, "--json");
    assertEquals(0, first.status(), first.err());
    JsonNode figures = JsonMapper.shared().readTree(first.out());
    assertEquals(1, figures.path("iteration").asInt());
    for (String score : new String[] {"", "/baselines/dst", "/baselines/mean_src"}) {
      double psnr = figures.at(score + "/psnr").asDouble();
      double ssim = figures.at(score + "/ssim").asDouble();
      assertTrue(psnr > 5 && psnr < 40 && ssim > 0 && ssim < 1, first.out());
    }
    assertTrue(figures.at("/baselines/nearest_src/psnr").asDouble() > 10, first.out());
    assertTrue(Files.exists(Path.of(figures.path("swaps").asString())));
    assertTrue(Files.exists(Path.of(figures.path("preview").asString())));

    CommandLineRun second =
        CommandLineRun.of("demo", "--dir", folder, "--iterations", 2, "--minutes", 1);
    assertEquals(0, second.status(), second.err());
    Path session = folder.resolve("session");
    assertTrue(second.out().startsWith("going on with the demo in " + folder + "\n"), second.out());
    assertTrue(
        second.out().contains("going on with " + session + " from iteration 1\n"), second.out());
    assertTrue(second.out().contains("  the swap   "), second.out());
    assertTrue(
        second.out().contains("It is complete: --iterations 4 goes on, another --dir starts anew."),
        second.out());
    assertTrue(second.out().contains("  likeness train --src a/aligned"), second.out());
  }
}
