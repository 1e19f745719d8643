package org.likeness.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the check keeps time, results and marks; the parts themselves run from the bundle. */
class GpuCheckTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static Stage stage(String name, Stage.Work work) {
    return new Stage(name, name + " title", MINUTE, work);
  }

  @Test
  void aStageGetsTheLesserOfItsLimitAndWhatIsLeft() throws InterruptedException {
    Stage tells = stage("a", limit -> Outcome.passed(limit.toString(), Map.of()));
    assertEquals("PT1M", tells.run(Duration.ofHours(1)).summary());
    assertEquals("PT20S", tells.run(Duration.ofSeconds(20)).summary());
    Outcome late = tells.run(Duration.ofSeconds(1));
    assertEquals(Outcome.skipped("no time was left of --minutes"), late);
  }

  @Test
  void whatAStageThrowsIsItsFailure() throws InterruptedException {
    Stage throwing =
        stage(
            "a",
            limit -> {
              throw new IOException("no such program");
            });
    Outcome outcome = throwing.run(MINUTE);
    assertEquals(Outcome.Status.FAILED, outcome.status());
    assertEquals("java.io.IOException: no such program", outcome.summary());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aChildOutOfTimeIsEndedAndWhatItSaidIsKept() throws Exception {
    long start = System.nanoTime();
    List<String> command = List.of("sh", "-c", "echo early; echo why >&2; sleep 60; echo late");
    Child child = Child.run(command, Map.of(), Duration.ofSeconds(1));
    assertTrue(child.killed());
    assertEquals(List.of("early"), child.lines());
    assertEquals("why", child.lastWords());
    assertTrue(Duration.ofNanos(System.nanoTime() - start).compareTo(MINUTE) < 0);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aChildTellsItsStatus() throws Exception {
    Child child = Child.run(List.of("sh", "-c", "echo $NAME; exit 3"), Map.of("NAME", "x"), MINUTE);
    assertEquals(new Child(3, List.of("x"), List.of()), child);
  }

  @Test
  void resultsAreOnTheDiskAfterEveryStage(@TempDir Path folder) throws IOException {
    CheckResults results = new CheckResults(folder, false);
    add(results, "machine", Outcome.passed("a card", Map.of("cpu", "x")));
    JsonNode one = json(folder);
    assertEquals(1, one.path("stages").size());
    assertTrue(one.path("green").asBoolean());
    add(results, "kernel-tests", Outcome.timedOut("3 of 8", Map.of()));
    JsonNode two = json(folder);
    assertEquals("timed_out", two.path("stages").get(1).path("status").asString());
    assertFalse(two.path("green").asBoolean());
    String markdown = Files.readString(folder.resolve("gpu-check.md"));
    assertTrue(markdown.contains("| kernel-tests title | timed out | 2 | 3 of 8 |"), markdown);
    assertTrue(markdown.contains("Something failed."), markdown);
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void passMarksNameWhatFallsShortAndWhatIsNotKnown(@TempDir Path folder) throws IOException {
    CheckResults results = new CheckResults(folder, false);
    add(
        results,
        "step-m",
        Outcome.passed(
            "",
            Map.of(
                "sides",
                List.of(
                    side(StepStage.LIKENESS_F32, 80, 1000),
                    side(StepStage.LIKENESS_TF32, 40, 1000),
                    side(StepStage.EAGER_BF16, 50, 2000),
                    side(StepStage.EAGER_TF32, 160, 3000)))));
    add(results, "kernels", Outcome.passed("", kernels()));
    List<Map<String, Object>> marks = new PassMarks(results).all();
    assertMark(marks, "B2", "step M, ours / eager bf16 channels last", 0.8, false);
    assertMark(marks, "B3", "step M, ours / eager TF32 as written", 0.25, true);
    assertMark(marks, "B4", "step M, share of the measured peak", 0.5, false);
    assertMark(marks, "B9", "planned / taken memory", 0.995, true);
    assertMark(marks, "B12", "slowest convolution, share of its roofline", 0.6, true);
    assertMark(marks, "B12", "slowest loss or data movement, share of copy", 0.7, false);
    assertMark(marks, "B1", "step M, ours / PyTorch compiled bf16", null, false);
    String text = PassMarks.markdown(marks);
    assertTrue(text.contains("| ≤ 0.75 | 0.800 | **falls short** |"), text);
    assertTrue(
        text.contains("compiled bf16 | ≤ 0.95 |  | one of the two was not measured |"), text);
  }

  @Test
  void aDryRunReachesNoMark(@TempDir Path folder) throws IOException {
    CheckResults results = new CheckResults(folder, true);
    add(results, "kernels", Outcome.passed("", kernels()));
    for (Map<String, Object> mark : new PassMarks(results).all()) {
      assertEquals("a dry run", mark.get("unknown"), mark.toString());
    }
  }

  private static void add(CheckResults results, String name, Outcome outcome) throws IOException {
    Stage stage = stage(name, limit -> outcome);
    results.add(new CheckResults.Entry(stage, outcome, 2));
  }

  private static JsonNode json(Path folder) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(folder.resolve("gpu-check.json")));
  }

  private static Map<String, Object> side(String name, double ms, long bytes) {
    return Map.of(
        "workload",
        "M",
        "side",
        name,
        "median_ms",
        ms,
        "flops",
        20e12,
        "device_bytes",
        bytes,
        "planned_bytes",
        995L);
  }

  private static Map<String, Object> kernels() {
    return Map.of(
        "tensorFlopsPerSecond",
        1e15,
        "kernels",
        List.of(
            Map.of("name", "conv_3x3", "type", "f32", "way", "ours", "share", 0.3),
            Map.of("name", "conv_3x3", "type", "f32", "way", "cuDNN 9", "share", 0.6),
            Map.of("name", "conv_3x3", "type", "bf16", "way", "ours", "share", 0.8),
            Map.of("name", "pixel_norm", "share", 0.7),
            Map.of("name", "dense", "share", 0.1)));
  }

  private static void assertMark(
      List<Map<String, Object>> marks, String mark, String what, Double reached, boolean met) {
    Map<String, Object> found =
        marks.stream()
            .filter(m -> m.get("mark").equals(mark) && m.get("what").equals(what))
            .findFirst()
            .orElseThrow();
    assertEquals(reached, found.get("reached"), found.toString());
    assertEquals(reached == null ? null : (Object) met, found.get("met"), found.toString());
  }
}
