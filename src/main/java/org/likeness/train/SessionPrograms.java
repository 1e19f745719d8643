package org.likeness.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.graph.Budget;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Prune;
import org.likeness.graph.Recompute;
import org.likeness.graph.Work;
import org.likeness.saehd.Faces;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;
import org.likeness.saehd.TrainingOptions;

/**
 * The programs that a session runs on one device, described but not planned: those of a step, and
 * the preview. What {@code likeness vram} plans for a card and what {@code train} loads are both
 * made here.
 */
final class SessionPrograms {
  private static final String PREVIEW = "preview";
  private static final String DISCRIMINATORS = "discriminators";

  private final List<Graph> steps;
  private final Graph preview;
  private final Levers base;
  private final boolean mayRecompute;

  /** Describes the programs of a session with these options in force. */
  SessionPrograms(SaehdOptions options) {
    steps = request(options).programs();
    int rows = Math.min(options.get(SessionOptions.PREVIEW_SAMPLES), options.batchSize());
    preview = Faces.preview(options.architecture(), rows);
    String recompute = options.get(TrainingOptions.RECOMPUTE);
    mayRecompute = recompute.equals("auto");
    base = Levers.DEFAULT.with(mayRecompute ? Recompute.NONE : Recompute.parse(recompute));
  }

  /** What a step of these options is. */
  static StepProgram.Request request(SaehdOptions options) {
    return StepProgram.Request.training(
        options.architecture(), options.step(), options.get(TrainingOptions.RETRAINING_SAMPLES));
  }

  /** Returns the levers that the options ask for, the batch in one piece. */
  Levers base() {
    return base;
  }

  /** Plans the preview, which has a program of its own. */
  ExecutionPlan preview(PlanTarget target) {
    return ExecutionPlan.of(preview, target.profile().apply(preview));
  }

  private Budget budget(PlanTarget target) {
    return new Budget(target, steps, List.of(preview(target).memory()));
  }

  /** Plans the step's programs with these levers. */
  Optional<Budget.Choice> plan(PlanTarget target, Levers levers) {
    return budget(target).plan(levers);
  }

  /** Plans the least time within so many bytes; nothing where no levers are enough. */
  Optional<Budget.Choice> fit(PlanTarget target, long bytes) {
    return budget(target).fit(base, mayRecompute, bytes);
  }

  /** Plans the least memory that costs next to no time. */
  Budget.Choice economical(PlanTarget target) {
    return budget(target).economical(base);
  }

  /** Returns the bytes by name: the step's pools, and what other programs take beside them. */
  Map<String, Long> pools(PlanTarget target, Budget.Choice choice) {
    List<MemoryPlan> loaded = new ArrayList<>();
    MemoryPlan first = choice.plans().getFirst().memory();
    Map<String, Long> pools = new LinkedHashMap<>(first.pools());
    loaded.add(first);
    if (choice.plans().size() > 1) {
      pools.put(DISCRIMINATORS, more(loaded, choice.plans().get(1).memory()));
    }
    pools.put(PREVIEW, more(loaded, preview(target).memory()));
    long rest = choice.bytes() - pools.values().stream().mapToLong(Long::longValue).sum();
    pools.merge("optimizer", rest, Long::sum); // of parameters that the first program leaves alone
    return pools;
  }

  /** What one more program takes beside the weights and the slab, which it shares. */
  private static long more(List<MemoryPlan> loaded, MemoryPlan next) {
    long before = MemoryPlan.sharedSlabBytes(loaded);
    loaded.add(next);
    return MemoryPlan.sharedSlabBytes(loaded) - before + next.feedBytes();
  }

  /** Returns the arithmetic of a step's first program over that of the step as described. */
  double extraWork(Budget.Choice choice) {
    Graph planned = choice.plans().getFirst().graph();
    return Work.flops(planned) / Work.flops(Prune.apply(steps.getFirst())) - 1;
  }
}
