package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses the levers that programs of one state run with, before anything is allocated: micro-batch
 * and recomputation by the time that they are predicted to cost.
 *
 * @param target what is planned for
 * @param programs described and differentiated, in the order in which they are loaded
 * @param besides programs loaded after them whose plans are made
 */
public record Budget(PlanTarget target, List<Graph> programs, List<MemoryPlan> besides) {
  /** Time more than the least that memory is worth when nobody limits it. */
  private static final double CHEAP = 1 + 1 / 16.0;

  /** Time that a coarser cut must save for its recomputation to be planned: that costs some too. */
  private static final double WORTH_PLANNING = 1.01;

  /** Copies the lists. */
  public Budget {
    programs = List.copyOf(programs);
    besides = List.copyOf(besides);
  }

  /** A budget of one program alone. */
  public Budget(PlanTarget target, Graph program) {
    this(target, List.of(program), List.of());
  }

  /**
   * Plans and how they were made.
   *
   * @param bytes of everything that the programs allocate
   * @param seconds predicted, of the programs run once each
   */
  public record Choice(Levers levers, List<ExecutionPlan> plans, long bytes, double seconds) {}

  /** Plans with these levers; nothing where they recompute within bytes that are too few. */
  public Optional<Choice> plan(Levers levers) {
    return scheduled(levers).map(graphs -> place(levers, graphs));
  }

  private Optional<List<Graph>> scheduled(Levers levers) {
    List<Graph> graphs = new ArrayList<>();
    for (Graph program : programs) {
      Optional<Graph> scheduled = levers.apply(program, target);
      if (scheduled.isEmpty()) {
        return Optional.empty();
      }
      graphs.add(scheduled.get());
    }
    return Optional.of(graphs);
  }

  private double seconds(List<Graph> graphs) {
    return graphs.stream().mapToDouble(target::seconds).sum();
  }

  private Choice place(Levers levers, List<Graph> graphs) {
    List<ExecutionPlan> plans = new ArrayList<>();
    graphs.forEach(g -> plans.add(ExecutionPlan.of(g, target.profile().apply(g))));
    return new Choice(levers, plans, bytes(plans), seconds(graphs));
  }

  private long bytes(List<ExecutionPlan> plans) {
    List<MemoryPlan> loaded = new ArrayList<>();
    plans.forEach(plan -> loaded.add(plan.memory()));
    loaded.addAll(besides);
    long feeds = loaded.stream().mapToLong(MemoryPlan::feedBytes).sum();
    return persistentBytes(plans) + MemoryPlan.sharedSlabBytes(loaded) + feeds;
  }

  /** Parameters and slots on the device, each once. */
  private static long persistentBytes(List<ExecutionPlan> plans) {
    Map<String, Long> bytes = new HashMap<>();
    for (ExecutionPlan plan : plans) {
      for (Tensor t : plan.graph().persistent()) {
        if (t.role() != Role.HOST_SLOT) {
          bytes.put(t.name(), plan.profile().bytes(t));
        }
      }
    }
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns the plans of least predicted time among those that fit: a cut of the batch, from the
   * whole to single samples, by itself or a coarser one with recomputation.
   *
   * @param base levers but for these two; blocks that it recomputes stay its choice
   * @param recompute whether values may be recomputed to fit
   */
  public Optional<Choice> fit(Levers base, boolean recompute, long bytes) {
    List<Choice> coarser = new ArrayList<>(); // the coarsest, that is the fastest, first
    for (int parts : cuts()) {
      Choice cut = plan(base.cut(parts)).orElseThrow();
      if (cut.bytes() <= bytes) {
        return Optional.of(recompute ? fasterThan(cut, coarser, bytes) : cut);
      }
      coarser.add(cut);
    }
    return recompute ? recomputing(coarser.getLast(), bytes) : Optional.empty();
  }

  private Choice fasterThan(Choice fitting, List<Choice> coarser, long bytes) {
    Choice best = fitting;
    for (Choice cut : coarser) {
      if (cut.seconds() * WORTH_PLANNING < best.seconds()) {
        double least = best.seconds();
        best = recomputing(cut, bytes).filter(c -> c.seconds() < least).orElse(best);
      }
    }
    return best;
  }

  private Optional<Choice> recomputing(Choice plain, long bytes) {
    long slab = plain.plans().stream().mapToLong(p -> p.memory().slabBytes()).max().orElseThrow();
    long within = slab - (plain.bytes() - bytes);
    return within <= 0
        ? Optional.empty()
        : plan(plain.levers().with(new Recompute.Within(within))).filter(c -> c.bytes() <= bytes);
  }

  /**
   * Returns the plans of least memory among those whose time is within a sixteenth of the least:
   * what a session takes that has no limit.
   */
  public Choice economical(Levers base) {
    Choice fastest = plan(base).orElseThrow();
    Choice chosen = fastest;
    for (int parts : cuts()) {
      if (parts > 1) {
        Levers levers = base.cut(parts);
        List<Graph> graphs = scheduled(levers).orElseThrow();
        if (seconds(graphs) > CHEAP * fastest.seconds()) {
          break; // and finer ones take longer; their memory is not worth placing
        }
        Choice cut = place(levers, graphs);
        chosen = cut.bytes() < chosen.bytes() ? cut : chosen;
      }
    }
    return chosen;
  }

  private List<Integer> cuts() {
    return cuts(MicroBatches.batch(programs.getFirst()));
  }

  /** Returns the numbers of equal parts that a batch can be cut into, ascending. */
  public static List<Integer> cuts(int batch) {
    List<Integer> cuts = new ArrayList<>();
    for (int parts = 1; parts <= batch; parts++) {
      if (batch % parts == 0) {
        cuts.add(parts);
      }
    }
    return cuts;
  }
}
