package org.likeness.train;

import java.util.Map;
import java.util.Optional;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Budget;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.MicroBatches;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Recompute;
import org.likeness.saehd.SaehdOptions;

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
    long start = System.nanoTime();
    SessionPrograms programs = new SessionPrograms(options);
    PlanTarget target = gpu.target();
    return of(gpu, target, programs, programs.plan(target, levers).orElseThrow(), start);
  }

  /** Plans with the levers that cost next to nothing: the least memory within a tenth more time. */
  public static VramPlan economical(SaehdOptions options, ModelledGpu gpu) {
    long start = System.nanoTime();
    SessionPrograms programs = new SessionPrograms(options);
    PlanTarget target = gpu.target();
    return of(gpu, target, programs, programs.economical(target), start);
  }

  /** Plans the least time within these bytes; nothing if no levers are enough. */
  public static Optional<VramPlan> fit(SaehdOptions options, ModelledGpu gpu, long bytes) {
    long start = System.nanoTime();
    SessionPrograms programs = new SessionPrograms(options);
    PlanTarget target = gpu.target();
    return programs.fit(target, bytes).map(choice -> of(gpu, target, programs, choice, start));
  }

  /** Plans the batch in one piece with recomputation to a share of its activations, if it can. */
  public static Optional<VramPlan> recomputed(SaehdOptions options, ModelledGpu gpu, int percent) {
    long start = System.nanoTime();
    SessionPrograms programs = new SessionPrograms(options);
    PlanTarget target = gpu.target();
    Budget.Choice whole = programs.plan(target, Levers.DEFAULT).orElseThrow();
    long slab = whole.plans().getFirst().memory().slabBytes() * percent / 100;
    return programs
        .plan(target, Levers.DEFAULT.with(new Recompute.Within(slab)))
        .map(choice -> of(gpu, target, programs, choice, start));
  }

  private static VramPlan of(
      ModelledGpu gpu,
      PlanTarget target,
      SessionPrograms programs,
      Budget.Choice choice,
      long start) {
    Map<String, Long> pools = programs.pools(target, choice);
    double extra = programs.extraWork(choice);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new VramPlan(gpu, choice.levers(), choice.plans().getFirst(), pools, extra, seconds);
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
    return MicroBatches.batch(step.graph()) / levers.cut().parts();
  }

  /** Returns the least milliseconds of one iteration at the card's limits. */
  public double milliseconds() {
    return 1000 * gpu.seconds(step.graph());
  }

  /** Returns the milliseconds that plans are compared by: small layers fill the card less. */
  public double predictedMilliseconds() {
    return 1000 * gpu.target().seconds(step.graph());
  }
}
