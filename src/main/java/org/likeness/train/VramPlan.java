package org.likeness.train;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.MicroBatches;
import org.likeness.graph.Prune;
import org.likeness.graph.Work;
import org.likeness.saehd.Faces;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;
import org.likeness.saehd.TrainingOptions;
import org.likeness.saehd.TrainingStep;

/**
 * The memory of a session on a card, planned without one.
 *
 * @param step the plan of one iteration, without retraining's second program
 * @param pools bytes by name: those of the step, and what other programs of the session take
 * @param extraWork arithmetic over that of the step as written, as a share of it
 */
public record VramPlan(
    ModelledGpu gpu,
    Levers levers,
    ExecutionPlan step,
    Map<String, Long> pools,
    double extraWork,
    double planSeconds) {
  /** Plans a session's programs with these levers. */
  public static VramPlan of(SaehdOptions options, ModelledGpu gpu, Levers levers) {
    return new Session(options, gpu).plan(levers);
  }

  /** Plans with the largest micro-batches that fit these bytes; nothing if none do. */
  public static Optional<VramPlan> fit(SaehdOptions options, ModelledGpu gpu, long bytes) {
    Session session = new Session(options, gpu);
    return Budget.cuts(options.batchSize()).stream()
        .map(parts -> session.plan(Levers.DEFAULT.cut(parts)))
        .filter(plan -> plan.plannedBytes() <= bytes)
        .findFirst();
  }

  /** Returns the plan of least memory. */
  static VramPlan least(SaehdOptions options, ModelledGpu gpu) {
    Session session = new Session(options, gpu);
    VramPlan least = null;
    for (int parts : Budget.cuts(options.batchSize())) {
      VramPlan plan = session.plan(Levers.DEFAULT.cut(parts));
      least = least == null || plan.plannedBytes() < least.plannedBytes() ? plan : least;
    }
    return least;
  }

  /** Returns the bytes of all pools together. */
  public long plannedBytes() {
    return pools.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns what no order-preserving plan could undercut: every pool, the slab at its bound. */
  public long lowerBoundBytes() {
    MemoryPlan memory = step.memory();
    return plannedBytes() - memory.slabBytes() + memory.lowerBound();
  }

  /** Returns the samples of each micro-batch. */
  public int microBatch() {
    return MicroBatches.batch(step.graph()) / levers.microBatches();
  }

  /** Returns the least milliseconds of one iteration at the card's limits. */
  public double milliseconds() {
    return 1000 * gpu.seconds(step.graph());
  }

  /** The described programs of a session, to be planned in several ways. */
  private static final class Session {
    private static final String PREVIEW = "preview";
    private static final String DISCRIMINATORS = "discriminators";

    private final ModelledGpu gpu;
    private final Graph step;
    private final Optional<Graph> discriminators;
    private final MemoryPlan preview;
    private final double leastFlops;

    Session(SaehdOptions options, ModelledGpu gpu) {
      this.gpu = gpu;
      boolean retraining = options.get(TrainingOptions.RETRAINING_SAMPLES);
      boolean apart = retraining && options.step().adversaries().any();
      step =
          described(
              options,
              retraining
                  ? EnumSet.of(TrainingStep.Part.GENERATOR)
                  : EnumSet.allOf(TrainingStep.Part.class));
      discriminators =
          apart
              ? Optional.of(described(options, EnumSet.of(TrainingStep.Part.DISCRIMINATORS)))
              : Optional.empty();
      int rows = Math.min(options.get(SessionOptions.PREVIEW_SAMPLES), options.batchSize());
      Graph preview = Faces.preview(options.architecture(), rows);
      this.preview = ExecutionPlan.of(preview, gpu.profile(preview)).memory();
      leastFlops = Work.flops(Prune.apply(step));
    }

    private static Graph described(SaehdOptions options, Set<TrainingStep.Part> parts) {
      TrainingStep step = TrainingStep.describe(options.architecture(), options.step(), parts);
      List<String> fetches = new ArrayList<>(List.of("src_loss", "dst_loss"));
      fetches.addAll(List.of(TrainingStep.CODE_LOSS, TrainingStep.PATCH_LOSS));
      fetches.retainAll(step.graph().fetches().keySet());
      return step.fetching(fetches, false);
    }

    VramPlan plan(Levers levers) {
      long start = System.nanoTime();
      Function<Graph, DeviceProfile> profile = gpu::profile;
      Budget budget = new Budget(profile, Long.MAX_VALUE);
      ExecutionPlan plan = budget.plan(step, levers).plan();
      Map<String, Long> pools = new LinkedHashMap<>(plan.memory().pools());
      List<MemoryPlan> loaded = new ArrayList<>(List.of(plan.memory()));
      discriminators.ifPresent(
          d -> pools.put(DISCRIMINATORS, ownBytes(loaded, budget.plan(d, levers).plan().memory())));
      pools.put(PREVIEW, ownBytes(loaded, preview));
      double extra = Work.flops(plan.graph()) / leastFlops - 1;
      double seconds = (System.nanoTime() - start) / 1e9;
      return new VramPlan(gpu, levers, plan, pools, extra, seconds);
    }

    /** What one more program takes beside the weights and the slab, which it shares. */
    private static long ownBytes(List<MemoryPlan> loaded, MemoryPlan next) {
      long before = MemoryPlan.sharedSlabBytes(loaded);
      loaded.add(next);
      return MemoryPlan.sharedSlabBytes(loaded) - before + next.feedBytes();
    }
  }
}
