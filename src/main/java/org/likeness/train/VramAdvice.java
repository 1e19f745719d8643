package org.likeness.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.Cut;
import org.likeness.graph.Levers;
import org.likeness.graph.PlanTarget;
import org.likeness.saehd.InvalidOptionException;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingOptions;

/** What fits a card: ways out for options that do not, and a table of resolution and batch. */
public final class VramAdvice {
  private static final int WAYS = 3;
  private static final int STEP = 32;
  private static final int LEAST_RESOLUTION = 64;
  private static final int SOME_RESOLUTION = 128;
  private static final int MOST_RESOLUTION = 1024;

  private VramAdvice() {}

  /** A change of options after which the session fits, and what it then takes. */
  public record WayOut(String change, long plannedBytes) {}

  /**
   * Returns the ways out that cost least: by the batch, by the resolution or the dims, by the
   * precision, or else the optimizer's place or kind, those of them that there are.
   */
  public static List<WayOut> waysOut(SaehdOptions options, PlanTarget target, long bytes) {
    List<WayOut> ways = new ArrayList<>();
    batch(options, target, bytes).ifPresent(ways::add);
    resolution(options, target, bytes).or(() -> dims(options, target, bytes)).ifPresent(ways::add);
    precision(options, target, bytes)
        .or(() -> slotsOnHost(options, target, bytes))
        .or(() -> optimizer(options, target, bytes))
        .ifPresent(ways::add);
    if (ways.size() < WAYS) { // the dims beside the resolution
      dims(options, target, bytes).filter(way -> !ways.contains(way)).ifPresent(ways::add);
    }
    return ways;
  }

  private static Optional<WayOut> precision(SaehdOptions options, PlanTarget target, long bytes) {
    SaehdOptions half = options.with(TrainingOptions.PRECISION, "bf16");
    return options.step().isMixed()
        ? Optional.empty()
        : fitting(half, target, bytes, "--precision bf16");
  }

  /** Costs time alone, where there is another memory than the device's. */
  private static Optional<WayOut> slotsOnHost(SaehdOptions options, PlanTarget target, long bytes) {
    SaehdOptions moved = options.with(TrainingOptions.MODELS_OPT_ON_GPU, false);
    return new SessionPrograms(moved)
        .fit(target, bytes)
        .filter(choice -> choice.plans().getFirst().profile().isApart())
        .map(choice -> new WayOut("--no-models-opt-on-gpu", choice.bytes()));
  }

  private static Optional<WayOut> optimizer(SaehdOptions options, PlanTarget target, long bytes) {
    return options.get(OptionTable.ADABELIEF)
        ? fitting(options.with(OptionTable.ADABELIEF, false), target, bytes, "--no-adabelief")
        : Optional.empty();
  }

  private static Optional<WayOut> batch(SaehdOptions options, PlanTarget target, long bytes) {
    for (int batch = options.batchSize() / 2; batch >= 1; batch /= 2) {
      SaehdOptions smaller = options.with(OptionTable.BATCH_SIZE, batch);
      Optional<WayOut> way = fitting(smaller, target, bytes, "--batch-size " + batch);
      if (way.isPresent()) {
        return way;
      }
    }
    return Optional.empty();
  }

  /** Halves what is left of the multiples of 32 below the options' own, to plan few of them. */
  private static Optional<WayOut> resolution(SaehdOptions options, PlanTarget target, long bytes) {
    Optional<WayOut> best = Optional.empty();
    int fits = LEAST_RESOLUTION / STEP - 1;
    int tooLarge = Math.ceilDiv(options.resolution(), STEP);
    while (tooLarge - fits > 1) {
      int middle = (fits + tooLarge) / 2;
      SaehdOptions smaller = options.with(OptionTable.RESOLUTION, middle * STEP);
      Optional<WayOut> way = fitting(smaller, target, bytes, "--resolution " + middle * STEP);
      if (way.isPresent()) {
        best = way;
        fits = middle;
      } else {
        tooLarge = middle;
      }
    }
    return best;
  }

  private static Optional<WayOut> dims(SaehdOptions options, PlanTarget target, long bytes) {
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
        Optional<WayOut> way = fitting(smaller, target, bytes, change);
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
      SaehdOptions options, PlanTarget target, long bytes, String change) {
    return new SessionPrograms(options)
        .fit(target, bytes)
        .map(choice -> new WayOut(change, choice.bytes()));
  }

  /**
   * Returns the sentence that refuses options that do not fit.
   *
   * @param overhead bytes that a driver takes besides
   */
  public static String refusal(SaehdOptions options, PlanTarget target, long bytes, long overhead) {
    SessionPrograms programs = new SessionPrograms(options);
    Budget.Choice least = null;
    for (List<Cut> scope : Budget.scopes(options.batchSize())) {
      for (Cut cut : scope) {
        Budget.Choice choice = programs.plan(target, programs.base().with(cut)).orElseThrow();
        least = least == null || choice.bytes() < least.bytes() ? choice : least;
      }
    }
    List<String> ways =
        waysOut(options, target, bytes).stream()
            .map(way -> way.change() + " (" + gigabytes(way.plannedBytes()) + ")")
            .toList();
    return "the session needs "
        + gigabytes(least.bytes())
        + " in micro-batches of "
        + options.batchSize() / least.levers().cut().parts()
        + (overhead == 0 ? "" : ", and the driver about " + gigabytes(overhead))
        + ", where "
        + gigabytes(bytes + overhead)
        + " are allowed; use "
        + (ways.isEmpty() ? "a device with more memory" : String.join(", or ", ways));
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
