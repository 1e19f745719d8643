package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.train.AlignedFaces;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FacesetCommandTest {
  @TempDir Path dir;
  private Path faces;

  @BeforeEach
  void faces() throws IOException {
    faces =
        AlignedFaces.folder(
            dir.resolve("faces"),
            List.of("ok_protocol3.jpg", "ok_xseg_column_vector.jpg", "zero_byte.jpg"));
    Files.copy(faces.resolve("ok_protocol3.jpg"), faces.resolve("copy.jpg"));
  }

  @Test
  void tellsWhatAFolderHolds() throws IOException {
    Path sheet = dir.resolve("sheet.png");
    CommandLineRun run = CommandLineRun.of("faceset", faces, "--json", "--contact-sheet", sheet);
    assertEquals(0, run.status(), run.err());
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertEquals(3, json.get("faces").asInt());
    assertEquals(1, json.get("masks").asInt());
    assertEquals(12, json.get("yaw").size());
    assertTrue(json.get("duplicates").get(0).toString().contains("copy.jpg"), run.out());
    assertTrue(json.get("broken").has("zero_byte.jpg"), run.out());
    assertTrue(Files.size(sheet) > 1000);
  }

  @Test
  void saysItToPeopleToo() {
    CommandLineRun run = CommandLineRun.of("faceset", faces);
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().startsWith("3 faces in " + faces + "\n"), run.out());
    assertTrue(run.out().contains("\n1 broken:\n  zero_byte.jpg "), run.out());
  }

  @Test
  void packsAndUnpacks() throws IOException {
    CommandLineRun pack = CommandLineRun.of("faceset", "pack", faces);
    assertEquals(0, pack.status(), pack.err());
    Path pak = faces.resolve("faceset.pak");
    assertTrue(pack.out().startsWith("3 faces packed into " + pak + "\n1 skipped:\n"), pack.out());
    Path empty = Files.createDirectory(dir.resolve("empty"));
    Files.copy(pak, empty.resolve("faceset.pak"));
    CommandLineRun unpack = CommandLineRun.of("faceset", "unpack", empty);
    assertEquals(0, unpack.status(), unpack.err());
    assertTrue(Files.exists(empty.resolve("copy.jpg")));
    assertEquals(2, CommandLineRun.of("faceset").status());
    assertEquals(1, CommandLineRun.of("faceset", dir.resolve("none")).status());
  }

  @Test
  void measuresHowFastSamplesAreMade() {
    CommandLineRun run =
        CommandLineRun.of(
            "bench",
            "data",
            "--faceset",
            faces,
            "--resolution",
            "64",
            "--seconds",
            "0.2",
            "--json");
    assertEquals(0, run.status(), run.err());
    JsonNode rates = JsonMapper.shared().readTree(run.out()).get("samplesPerSecondPerCore");
    assertTrue(rates.get("warm").asDouble() > rates.get("cold").asDouble(), run.out());
    assertEquals(
        2, CommandLineRun.of("bench", "data", "--faceset", faces, "--face-type", "x").status());
  }
}
