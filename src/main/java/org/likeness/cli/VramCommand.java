package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.Cut;
import org.likeness.graph.Levers;
import org.likeness.graph.Liveness.Interval;
import org.likeness.graph.MemoryPlan;
import org.likeness.saehd.SaehdOptions;
import org.likeness.train.SessionReport;
import org.likeness.train.VramAdvice;
import org.likeness.train.VramPage;
import org.likeness.train.VramPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code likeness vram}: what a session will take on a GPU, planned on any machine. */
@Command(
    name = "vram",
    description =
        "Plans the memory that training takes on a GPU, to the byte and without one: the pools, the"
            + " peak and what is alive at it, and which resolutions and batches fit a card.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "likeness vram [--session DIR] [--card CARD] [--vram SIZE] [OPTIONS]",
    footer = {
      "",
      "Examples:",
      "  likeness vram --archi liae-udt --resolution 416 --batch-size 16",
      "  likeness vram --archi liae-udt --resolution 704 --batch-size 16 --vram 8GiB",
      "  likeness vram --resolution 256 --what-if --html plan.html",
      "",
      "--json prints {card, plannedBytes, lowerBoundBytes, fragmentation, pools,",
      "driverContextBytes, hostBytes, microBatch, wholeTrunk, extraWork, milliseconds,",
      "predictedMilliseconds, planSeconds, peak, alive [, fits] [, whatIf]}.",
      "wholeTrunk: the decoder alone is cut into micro-batches. milliseconds is the",
      "least that the card's arithmetic and bandwidth allow; predictedMilliseconds",
      "also sees that small layers fill a card less."
    })
final class VramCommand implements Callable<Integer> {
  private static final int SHOWN = 12;

  private final PrintStream out;
  private final PrintStream err;

  @Spec private CommandSpec spec;

  @Option(names = "--session", paramLabel = "DIR", description = "Begin with a session's options.")
  private Path session;

  @Option(
      names = "--card",
      paramLabel = "CARD",
      defaultValue = "rtx-4090",
      description =
          "The card to plan for, default rtx-4090: rtx-4060, rtx-2080-ti, rtx-3060, rtx-4070,"
              + " rtx-3090, rtx-5090, h100 or h200 are the others.")
  private String card;

  @Option(
      names = "--vram",
      paramLabel = "SIZE",
      converter = SizeInBytes.class,
      description =
          "Memory that there is, 8GiB for example, the driver's context included: chooses the"
              + " micro-batch that fits, and lists what else would.")
  private Long vram;

  @Option(names = "--what-if", description = "Compare the plans with and without each lever.")
  private boolean whatIf;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with the plan, and the levers' others, as a picture.")
  private Path html;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  VramCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException {
    SaehdOptions options =
        (session == null
                ? SaehdOptions.defaults()
                : SessionReport.of(session, err::println).options())
            .withText(OptionFlags.given(spec.commandLine().getParseResult()))
            .inForce(0);
    ModelledGpu gpu = ModelledGpu.named(card);
    VramPlan plan = plan(options, gpu);
    Map<String, VramPlan> others = whatIf || html != null ? others(options, plan) : Map.of();
    if (json) {
      Json.print(out, json(options, plan, others));
    } else {
      print(options, plan, others);
    }
    if (html != null) {
      Files.writeString(html, VramPage.of(about(options, plan), others));
      (json ? err : out).println("page: " + html);
    }
    return 0;
  }

  private VramPlan plan(SaehdOptions options, ModelledGpu gpu) {
    if (vram == null) {
      return VramPlan.economical(options, gpu);
    }
    long bytes = vram - ModelledGpu.CONTEXT_BYTES;
    return VramPlan.fit(options, gpu, bytes)
        .orElseThrow(() -> new IllegalArgumentException(refusal(options, gpu, bytes)));
  }

  private static String refusal(SaehdOptions options, ModelledGpu gpu, long bytes) {
    return VramAdvice.refusal(options, gpu.target(), bytes, ModelledGpu.CONTEXT_BYTES);
  }

  /** The plans lever by lever, each with those before it; the one printed comes last. */
  private static Map<String, VramPlan> others(SaehdOptions options, VramPlan plan) {
    Map<String, Levers> levers = new LinkedHashMap<>();
    levers.put("as written", Levers.NONE);
    levers.put("in series", new Levers(true, true, false, Cut.NONE));
    for (List<Cut> scope : Budget.scopes(options.batchSize())) {
      for (Cut cut : scope) {
        String name = "micro-batch " + options.batchSize() / cut.parts() + trunk(cut);
        levers.put(cut.equals(Cut.NONE) ? "dense factors" : name, Levers.DEFAULT.with(cut));
      }
    }
    Map<String, VramPlan> plans = new LinkedHashMap<>();
    levers.forEach(
        (name, each) -> {
          if (!each.equals(plan.levers())) {
            plans.put(name, VramPlan.of(options, plan.gpu(), each));
          }
        });
    for (int percent : new int[] {75, 60}) {
      VramPlan.recomputed(options, plan.gpu(), percent)
          .ifPresent(less -> plans.put("dense factors, recomputed to " + percent + " %", less));
    }
    levers.forEach(
        (name, each) -> {
          if (each.equals(plan.levers())) {
            plans.put(name + " " + VramPage.PLANNED, plan);
          }
        });
    if (!levers.containsValue(plan.levers())) {
      plans.put("recomputed " + VramPage.PLANNED, plan);
    }
    return plans;
  }

  private static String trunk(Cut cut) {
    return cut.wholeTrunk() ? ", trunk whole" : "";
  }

  private static String about(SaehdOptions options, VramPlan plan) {
    return String.format(
        Locale.ROOT,
        "%s, %d px, batch %d on %s: %.2f GB planned",
        options.archi(),
        options.resolution(),
        options.batchSize(),
        plan.gpu().name(),
        plan.plannedBytes() / 1e9);
  }

  private void print(SaehdOptions options, VramPlan plan, Map<String, VramPlan> others) {
    MemoryPlan memory = plan.step().memory();
    out.println(
        about(options, plan)
            + " in micro-batches of "
            + plan.microBatch()
            + trunk(plan.levers().cut()));
    plan.pools().forEach((pool, bytes) -> line("  " + pool, bytes));
    line("planned", plan.plannedBytes());
    line("lower bound of this order", plan.lowerBoundBytes());
    line("driver's context, about", ModelledGpu.CONTEXT_BYTES);
    if (plan.step().hostBytes() > 0) {
      line("in the computer's memory, for the optimiser", plan.step().hostBytes());
    }
    out.printf(
        Locale.ROOT, "fragmentation of the activations %.2f %%%n", 100 * memory.fragmentation());
    out.printf(
        Locale.ROOT,
        "predicted %.1f ms an iteration, %.1f at the card's limits, %.1f %% extra arithmetic;"
            + " planned in %.2f s%n",
        plan.predictedMilliseconds(),
        plan.milliseconds(),
        100 * plan.extraWork(),
        plan.planSeconds());
    out.println("alive at the peak, " + peak(plan) + ":");
    memory.aliveAtPeak().stream()
        .limit(SHOWN)
        .forEach(p -> line("  " + p.interval().name(), p.interval().bytes()));
    if (whatIf) {
      out.println("what each lever leaves, with those before it:");
      others.forEach((name, other) -> line("  " + name, other.plannedBytes()));
    }
    if (vram != null) {
      printTable(options, plan.gpu());
    }
  }

  private void line(String what, long bytes) {
    out.printf(Locale.ROOT, "%-52s %10.1f MB%n", what, bytes / 1e6);
  }

  private static String peak(VramPlan plan) {
    int node = plan.step().memory().peakNode();
    return node < 0 || node >= plan.step().graph().nodes().size()
        ? "between steps"
        : "node " + node + " " + plan.step().graph().nodes().get(node).op().name();
  }

  private void printTable(SaehdOptions options, ModelledGpu gpu) {
    var table = VramAdvice.table(options, gpu, vram - ModelledGpu.CONTEXT_BYTES);
    out.println("what fits: GB planned, and the micro-batch");
    List<Integer> sides =
        table.values().stream()
            .flatMap(List::stream)
            .map(VramAdvice.Cell::resolution)
            .distinct()
            .sorted()
            .toList();
    StringBuilder head = new StringBuilder("  px   ");
    table.keySet().forEach(b -> head.append(String.format(Locale.ROOT, "  batch %-6d", b)));
    out.println(head.toString().stripTrailing());
    for (int side : sides) {
      StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "  %-5d", side));
      for (List<VramAdvice.Cell> column : table.values()) {
        row.append("  ").append(String.format(Locale.ROOT, "%-12s", cell(column, side)));
      }
      out.println(row.toString().stripTrailing());
    }
  }

  private static String cell(List<VramAdvice.Cell> column, int side) {
    return column.stream()
        .filter(c -> c.resolution() == side)
        .map(c -> String.format(Locale.ROOT, "%.2f by %d", c.plannedBytes() / 1e9, c.microBatch()))
        .findFirst()
        .orElse("-");
  }

  private Map<String, Object> json(
      SaehdOptions options, VramPlan plan, Map<String, VramPlan> others) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("card", plan.gpu().name());
    figures.put("plannedBytes", plan.plannedBytes());
    figures.put("lowerBoundBytes", plan.lowerBoundBytes());
    figures.put("fragmentation", plan.step().memory().fragmentation());
    figures.put("pools", plan.pools());
    figures.put("driverContextBytes", ModelledGpu.CONTEXT_BYTES);
    figures.put("hostBytes", plan.step().hostBytes());
    figures.put("microBatch", plan.microBatch());
    figures.put("wholeTrunk", plan.levers().cut().wholeTrunk());
    figures.put("extraWork", plan.extraWork());
    figures.put("milliseconds", plan.milliseconds());
    figures.put("predictedMilliseconds", plan.predictedMilliseconds());
    figures.put("planSeconds", plan.planSeconds());
    figures.put("peak", peak(plan));
    List<Map<String, Object>> alive = new ArrayList<>();
    plan.step().memory().aliveAtPeak().forEach(p -> alive.add(json(p.interval())));
    figures.put("alive", alive);
    if (vram != null) {
      figures.put("fits", VramAdvice.table(options, plan.gpu(), vram - ModelledGpu.CONTEXT_BYTES));
    }
    if (whatIf) {
      Map<String, Long> bytes = new LinkedHashMap<>();
      others.forEach((name, other) -> bytes.put(name, other.plannedBytes()));
      figures.put("whatIf", bytes);
    }
    return figures;
  }

  private static Map<String, Object> json(Interval interval) {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("name", interval.name());
    value.put("bytes", interval.bytes());
    value.put("first", interval.first());
    value.put("last", interval.last());
    return value;
  }
}
