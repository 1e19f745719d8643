package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.device.cuda.ModelledGpu;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class VramCommandTest {
  @TempDir Path dir;

  private static CommandLineRun run(Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("vram", "--archi", "liae-udt", "--batch-size", "16"));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray());
  }

  private static JsonNode json(Object... more) {
    List<Object> words = new ArrayList<>(List.of(more));
    words.add("--json");
    CommandLineRun run = run(words.toArray());
    assertEquals(0, run.status(), run.err());
    return JsonMapper.shared().readTree(run.out());
  }

  /** The headline (spec performance.md 0, fact 2), still in f32: 704 px on a card of 8 GiB. */
  @Test
  void sevenHundredPixelsFitEightGibibytes() {
    JsonNode plan = json("--resolution", 704, "--vram", "8GiB");
    long planned = plan.path("plannedBytes").asLong();
    assertTrue(planned + plan.path("driverContextBytes").asLong() <= 8L << 30, plan.toString());
    assertTrue(plan.path("lowerBoundBytes").asLong() <= planned);
    assertTrue(plan.path("microBatch").asInt() < 16);
    assertTrue(plan.path("wholeTrunk").asBoolean()); // WholeTrunkTest: the fastest that fits
    assertEquals(0, plan.path("extraWork").asDouble());
    assertTrue(
        plan.path("planSeconds").asDouble() < 20, // 0.5 on an idle machine
        plan.path("planSeconds").toString());
    long pools = 0;
    for (JsonNode pool : plan.path("pools")) {
      pools += pool.asLong();
    }
    assertEquals(planned, pools);
    long last = Long.MAX_VALUE;
    for (JsonNode value : plan.path("alive")) {
      assertTrue(value.path("bytes").asLong() <= last, "largest first: " + value);
      last = value.path("bytes").asLong();
    }
    for (JsonNode column : plan.path("fits")) {
      for (JsonNode cell : column) {
        long bytes = cell.path("plannedBytes").asLong() + ModelledGpu.CONTEXT_BYTES;
        assertTrue(bytes <= 8L << 30, cell.toString());
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithWaysOutThatDo() {
    CommandLineRun run = run("--resolution", 704, "--vram", "4GiB", "--card", "rtx-4060");
    assertEquals(1, run.status());
    String wanted =
        "likeness: the session needs [\\d.]+ GB in micro-batches of 1, and the driver about 0.60"
            + " GB, where 4.29 GB are allowed; use --resolution (\\d+) \\([\\d.]+ GB\\), or"
            + " --no-models-opt-on-gpu .*, or --ae-dims .*\n";
    assertTrue(run.err().matches(wanted), run.err());
    String resolution = run.err().replaceFirst("(?s)" + wanted, "$1");
    assertEquals(
        0, run("--resolution", resolution, "--vram", "4GiB", "--card", "rtx-4060").status());
  }

  /** What issue and README promise of the standard workloads L and M. */
  @ParameterizedTest
  @CsvSource({"704, 6.5", "416, 3.2"})
  void inBf16WithoutALimitThePlanIsSmallForNextToNoWork(int resolution, double gigabytes) {
    JsonNode plan = json("--resolution", resolution, "--adabelief", "--precision", "bf16");
    assertTrue(plan.path("plannedBytes").asDouble() <= gigabytes * 1e9, plan.toString());
    assertTrue(plan.path("extraWork").asDouble() <= 0.02);
    assertTrue(
        plan.path("predictedMilliseconds").asDouble() > plan.path("milliseconds").asDouble());
  }

  @Test
  void comparesTheLevers() {
    JsonNode levers = json("--resolution", 128, "--what-if").path("whatIf");
    long written = levers.path("as written").asLong();
    long series = levers.path("in series").asLong();
    assertTrue(series < written, levers.toString());
    long whole = levers.path("dense factors").asLong();
    assertTrue(whole < series, levers.toString());
    long trunk = levers.path("micro-batch 4, trunk whole").asLong();
    assertTrue(levers.path("micro-batch 4").asLong() < trunk, levers.toString());
    assertTrue(trunk < whole, levers.toString());
  }

  @Test
  void saysItInWords() {
    String out = run("--resolution", 128, "--what-if").out();
    assertTrue(out.startsWith("liae-udt, 128 px, batch 16 on rtx-4090: "), out);
    for (String part :
        List.of(
            "\n  parameters ",
            "\nplanned ",
            "\nlower bound of this order ",
            "\ndriver's context, about ",
            "\nfragmentation of the activations ",
            "\nalive at the peak, node ",
            "\n  as written ")) {
      assertTrue(out.contains(part), part + " in " + out);
    }
  }

  @Test
  void aSizeNeedsAUnit() {
    CommandLineRun run = run("--vram", "8");
    assertEquals(2, run.status());
    assertTrue(run.err().contains("8 is no size; write 8GiB, 12.5GB or 900MiB"), run.err());
  }

  @Test
  void thePageIsWholeAndAsksNobody() throws Exception {
    Path page = dir.resolve("plan.html");
    assertEquals(0, run("--resolution", 64, "--html", page).status());
    String html = Files.readString(page);
    assertFalse(html.contains("/*DATA*/"), "no data");
    assertTrue(html.contains("(planned)\""));
    assertTrue(html.contains("decoder/upscale0"));
    for (String request : List.of("http:", "https:", "src=", "@import", "url(", "fetch(")) {
      assertFalse(html.contains(request), request);
    }
  }
}
