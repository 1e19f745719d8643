package org.likeness.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.Levers;
import org.likeness.saehd.InvalidOptionException;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

/** What fits a card: ways out for options that do not, and a table of resolution and batch. */
public final class VramAdvice {
  private static final int STEP = 32;
  private static final int LEAST_RESOLUTION = 64;
  private static final int SOME_RESOLUTION = 128;
  private static final int MOST_RESOLUTION = 1024;

  private VramAdvice() {}

  /** A change of options after which the session fits, and what it then takes. */
  public record WayOut(String change, long plannedBytes) {}

  /**
   * Returns the way out by the batch, by the resolution, and by the optimizer or the dims, those of
   * them that there are.
   */
  public static List<WayOut> waysOut(SaehdOptions options, ModelledGpu gpu, long bytes) {
    List<WayOut> ways = new ArrayList<>();
    batch(options, gpu, bytes).ifPresent(ways::add);
    resolution(options, gpu, bytes).ifPresent(ways::add);
    Optional<WayOut> rule =
        options.get(OptionTable.ADABELIEF)
            ? fitting(options.with(OptionTable.ADABELIEF, false), gpu, bytes, "--no-adabelief")
            : Optional.empty();
    rule.or(() -> dims(options, gpu, bytes)).ifPresent(ways::add);
    return ways;
  }

  private static Optional<WayOut> batch(SaehdOptions options, ModelledGpu gpu, long bytes) {
    for (int batch = options.batchSize() / 2; batch >= 1; batch /= 2) {
      SaehdOptions smaller = options.with(OptionTable.BATCH_SIZE, batch);
      Optional<WayOut> way = fitting(smaller, gpu, bytes, "--batch-size " + batch);
      if (way.isPresent()) {
        return way;
      }
    }
    return Optional.empty();
  }

  /** Halves what is left of the multiples of 32 below the options' own, to plan few of them. */
  private static Optional<WayOut> resolution(SaehdOptions options, ModelledGpu gpu, long bytes) {
    Optional<WayOut> best = Optional.empty();
    int fits = LEAST_RESOLUTION / STEP - 1;
    int tooLarge = Math.ceilDiv(options.resolution(), STEP);
    while (tooLarge - fits > 1) {
      int middle = (fits + tooLarge) / 2;
      SaehdOptions smaller = options.with(OptionTable.RESOLUTION, middle * STEP);
      Optional<WayOut> way = fitting(smaller, gpu, bytes, "--resolution " + middle * STEP);
      if (way.isPresent()) {
        best = way;
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return best;
  }

  private static Optional<WayOut> dims(SaehdOptions options, ModelledGpu gpu, long bytes) {
    for (int percent = 75; percent >= 25; percent -= 25) {
      int ae = even(options.aeDims(), percent);
      int e = even(options.eDims(), percent);
      int d = even(options.dDims(), percent);
      try {
        SaehdOptions smaller =
            options
                .with(OptionTable.AE_DIMS, ae)
                .with(OptionTable.E_DIMS, e)
                .with(OptionTable.D_DIMS, d);
        String change = "--ae-dims " + ae + " --e-dims " + e + " --d-dims " + d;
        Optional<WayOut> way = fitting(smaller, gpu, bytes, change);
        if (way.isPresent()) {
          return way;
        }
      } catch (InvalidOptionException tooSmall) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private static int even(int dims, int percent) {
    return dims * percent / 200 * 2;
  }

  private static Optional<WayOut> fitting(
      SaehdOptions options, ModelledGpu gpu, long bytes, String change) {
    return VramPlan.fit(options, gpu, bytes).map(p -> new WayOut(change, p.plannedBytes()));
  }

  /** Returns the sentence that refuses options that do not fit. */
  public static String refusal(SaehdOptions options, ModelledGpu gpu, long bytes) {
    VramPlan least = VramPlan.least(options, gpu);
    List<String> ways =
        waysOut(options, gpu, bytes).stream()
            .map(way -> way.change() + " (" + gigabytes(way.plannedBytes()) + ")")
            .toList();
    return "the session needs "
        + gigabytes(least.plannedBytes())
        + " in micro-batches of "
        + least.microBatch()
        + ", and the driver about "
        + gigabytes(ModelledGpu.CONTEXT_BYTES)
        + ", where "
        + gigabytes(bytes + ModelledGpu.CONTEXT_BYTES)
        + " are allowed; use "
        + (ways.isEmpty() ? "a larger card" : String.join(", or ", ways));
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }

  /**
   * One place of the table.
   *
   * @param microBatch the largest micro-batch that fits
   */
  public record Cell(int resolution, int batch, long plannedBytes, int microBatch) {}

  /**
   * Returns, for batches of 4, 8, 16 and the options' own, every multiple of 64 pixels that fits
   * these bytes, by batch.
   */
  public static Map<Integer, List<Cell>> table(SaehdOptions options, ModelledGpu gpu, long bytes) {
    Map<Integer, List<Cell>> table = new LinkedHashMap<>();
    List<Integer> batches = new ArrayList<>(List.of(4, 8, 16));
    if (!batches.contains(options.batchSize())) {
      batches.add(options.batchSize());
    }
    for (int batch : batches.stream().sorted().toList()) {
      table.put(batch, column(options.with(OptionTable.BATCH_SIZE, batch), gpu, bytes));
    }
    return table;
  }

  /** What fits one resolution fits smaller ones, so the search for a cut goes on where it was. */
  private static List<Cell> column(SaehdOptions options, ModelledGpu gpu, long bytes) {
    List<Cell> cells = new ArrayList<>();
    List<Integer> cuts = Budget.cuts(options.batchSize());
    int cut = 0;
    for (int side = SOME_RESOLUTION; side <= MOST_RESOLUTION && cut < cuts.size(); side += 64) {
      SaehdOptions sized = options.with(OptionTable.RESOLUTION, side);
      VramPlan fitting = null;
      while (fitting == null && cut < cuts.size()) {
        VramPlan plan = VramPlan.of(sized, gpu, Levers.DEFAULT.cut(cuts.get(cut)));
        if (plan.plannedBytes() <= bytes) {
          fitting = plan;
        } else {
          cut++;
        }
      }
      if (fitting != null) {
        cells.add(
            new Cell(side, options.batchSize(), fitting.plannedBytes(), fitting.microBatch()));
      }
    }
    return cells;
  }
}
