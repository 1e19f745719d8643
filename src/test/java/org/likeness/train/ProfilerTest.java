package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code train --profile} records, and that nobody notices. */
class ProfilerTest {
  @TempDir Path dir;
  private Path faces;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void faces() {
    faces = AlignedFaces.folder(dir.resolve("faces"), AlignedFaces.GOOD);
  }

  private Trainer.Outcome train(String session, int profile, String... more) throws IOException {
    Map<String, String> options = new TreeMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    for (String dims : List.of("ae_dims", "e_dims", "d_dims", "d_mask_dims")) {
      options.put(dims, dims.startsWith("ae") ? "32" : "16");
    }
    options.put("batch_size", "2");
    options.put("preview_every", "0");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    Trainer.Request request =
        new Trainer.Request(faces, faces, dir.resolve(session), options, "cpu", null);
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return Trainer.train(request.profiling(profile), out, false);
  }

  private JsonNode file(String session, String name) throws IOException {
    Path file = dir.resolve(session).resolve("profile").resolve(name);
    return JsonMapper.shared().readTree(Files.readAllBytes(file));
  }

  private List<byte[]> weights(String session, int iteration) throws IOException {
    Path folder = dir.resolve(session).resolve("checkpoints/" + iteration);
    List<byte[]> contents = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
        contents.add(Files.readAllBytes(file));
      }
    }
    return contents;
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(-1, java.util.Arrays.mismatch(expected.get(i), actual.get(i)), "file " + i);
    }
  }

  /** With the worst samples learned once more and a GAN, which make a step of several programs. */
  @Test
  void profilingChangesNoWeightNorWhatAResumedRunCompares() throws IOException {
    String[] options = {"target_iter", "6", "gan_power", "0.1", "retraining_samples", "true"};
    assertNull(train("plain", 0, options).profile());
    Profile profile = train("profiled", 2, options).profile();
    assertSame(weights("plain", 6), weights("profiled", 6));
    assertEquals(3, profile.first());
    assertEquals(4, profile.last());
    assertEquals(4, profile.steps().size(), "two programs, twice");
    assertTrue(profile.plannedBytes() >= profile.measuredBytes());
    options[1] = "7";
    train("profiled", 0, options);
    assertFalse(text().contains("this changed"), text());
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theTraceNestsAndCountsThePlannedBytes() throws IOException {
    Profile profile = train("swap", 2, "target_iter", "5").profile();
    JsonNode events = file("swap", "trace.json").get("traceEvents");
    Deque<Double> ends = new ArrayDeque<>();
    long peak = 0;
    int iterations = 0;
    for (JsonNode event : events) {
      double start = event.get("ts").asDouble();
      switch (event.get("ph").asString()) {
        case "X" -> iterations += event.get("name").asString().startsWith("iteration ") ? 1 : 0;
        case "C" -> {
          long alive = 0;
          for (JsonNode kind : event.get("args")) {
            alive += kind.asLong();
          }
          peak = Math.max(peak, alive);
        }
        default -> assertEquals("M", event.get("ph").asString());
      }
      assertTrue(start >= 0);
    }
    assertEquals(2, iterations);
    assertEquals(profile.steps().getFirst().plan().memory().lowerBound(), peak);
    List<JsonNode> slices = new ArrayList<>();
    events.forEach(e -> slices.addAll("X".equals(e.get("ph").asString()) ? List.of(e) : List.of()));
    slices.sort(
        java.util.Comparator.comparingDouble((JsonNode e) -> e.get("ts").asDouble())
            .thenComparing(e -> -e.get("dur").asDouble()));
    for (JsonNode slice : slices) {
      double start = slice.get("ts").asDouble();
      double end = start + slice.get("dur").asDouble();
      while (!ends.isEmpty() && ends.peek() <= start + 1e-3) {
        ends.pop();
      }
      assertTrue(ends.isEmpty() || end <= ends.peek() + 1e-3, slice + " leaves what it lies in");
      ends.push(end);
    }
  }

  @Test
  void plannedBytesAreTheMeasuredOnes() throws IOException {
    Profile profile = train("swap", 1, "target_iter", "3").profile();
    assertEquals(profile.plannedBytes(), profile.measuredBytes());
    assertEquals(
        profile.plannedBytes(), file("swap", "profile.json").get("measuredBytes").asLong());
  }

  @Test
  void timesAddUpAndEveryValueIsThere() throws IOException {
    Profile profile = train("swap", 1, "target_iter", "3").profile();
    JsonNode report = file("swap", "profile.json");
    double nodes = 0;
    for (JsonNode node : report.get("nodes")) {
      boolean ours = node.get("phase").asString().equals("statistics");
      nodes += ours ? 0 : node.get("milliseconds").asDouble();
    }
    assertEquals(profile.milliseconds(), nodes, 1e-6 * nodes);
    List<String> lines = Files.readAllLines(dir.resolve("swap/profile/values.csv"));
    assertEquals("iteration,kind,pass,layer,value,shape,type,min,max,mean,std", lines.getFirst());
    assertEquals(report.get("values").size(), lines.size() - 1);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      double min = Double.parseDouble(cells[7]);
      double max = Double.parseDouble(cells[8]);
      double mean = Double.parseDouble(cells[9]);
      double std = Double.parseDouble(cells[10]);
      assertTrue(min <= mean && mean <= max, line);
      assertTrue(std >= 0 && std <= (max - min) / 2 * 1.0001, line);
    }
  }

  /** Weights of nothing make codes of nothing. */
  @Test
  void activationsThatCarryNothingAreNamed() throws IOException {
    Profile profile = train("swap", 1, "target_iter", "3", "lr", "0").profile();
    assertTrue(profile.deadNames().contains("decoder_src/image"), profile.deadNames().toString());
    assertTrue(
        text().contains("look dead, they deviate by less than 0.01, as many of a new model do:\n"),
        text());
  }

  @Test
  void aRunThatEndsWhileWarmingUpSaysSo() throws IOException {
    assertNull(train("swap", 3, "target_iter", "2").profile());
    assertTrue(
        text().contains("no profile: the run ended within the 2 iterations of warm-up before it"));
    assertFalse(Files.exists(dir.resolve("swap/profile")));
  }

  @Test
  void aRunThatEndsSoonerWritesWhatItSaw() throws IOException {
    Profile profile = train("swap", 9, "target_iter", "4").profile();
    assertEquals(3, profile.first());
    assertEquals(4, profile.last());
  }
}
