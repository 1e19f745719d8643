package org.likeness.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Chooses the levers that programs of one state run with, before anything is allocated: micro-batch
 * and recomputation by the time that they are predicted to cost.
 *
 * @param target what is planned for
 * @param programs described and differentiated, in the order in which they are loaded
 * @param besides programs loaded after them whose plans are made
 */
public record Budget(PlanTarget target, List<Graph> programs, List<MemoryPlan> besides) {
  /**
   * Time more than the least that memory is worth when nobody limits it (spec performance.md 6).
   */
  private static final double CHEAP = 1.1;

  /** Time that recomputation must save over a finer cut. */
  private static final double WORTH_IT = 1.01;

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
    return plan(levers, cut(levers, fused(levers)));
  }

  private List<Graph> fused(Levers levers) {
    return programs.stream().map(levers::fuse).toList();
  }

  /** The programs as they are cut: enough to predict their time by, but for recomputation. */
  private static List<Graph> cut(Levers levers, List<Graph> fused) {
    return fused.stream().map(levers::cut).toList();
  }

  private Optional<Choice> plan(Levers levers, List<Graph> cut) {
    List<Graph> ordered = new ArrayList<>();
    for (Graph program : cut) {
      Optional<Graph> graph = levers.order(program, target);
      if (graph.isEmpty()) {
        return Optional.empty();
      }
      ordered.add(graph.get());
    }
    return Optional.of(place(levers, ordered));
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
   * whole to single samples and through the whole step or after its trunk, by itself or a coarser
   * one with recomputation.
   *
   * @param base levers but for these two; blocks that it recomputes stay its choice
   * @param recompute whether values may be recomputed to fit
   */
  public Optional<Choice> fit(Levers base, boolean recompute, long bytes) {
    List<Graph> fused = fused(base);
    List<Choice> tooLarge = new ArrayList<>();
    Optional<Choice> best = Optional.empty();
    double most = Double.MAX_VALUE;
    for (List<Levers> scope : scopes(base)) {
      Optional<Choice> fitting = coarsest(scope, fused, bytes, most, tooLarge);
      if (fitting.isPresent()) {
        best = fitting;
        Levers levers = fitting.get().levers();
        if (levers.cut().equals(Cut.NONE)) {
          return best;
        }
        most = seconds(cut(levers, fused));
      }
    }
    if (!recompute) {
      return best;
    }
    tooLarge.sort(Comparator.comparingDouble(Choice::seconds));
    return best.isPresent()
        ? Optional.of(fasterThan(best.get(), tooLarge, bytes))
        : recomputing(Collections.min(tooLarge, Comparator.comparingLong(Choice::bytes)), bytes);
  }

  /**
   * The cut of least time that fits, if that is less than there is.
   *
   * @param tooLarge takes those that do not fit
   */
  private Optional<Choice> coarsest(
      List<Levers> scope, List<Graph> fused, long bytes, double most, List<Choice> tooLarge) {
    for (Levers levers : scope) {
      List<Graph> graphs = cut(levers, fused);
      if (seconds(graphs) >= most) {
        break; // and finer ones take longer
      }
      Choice choice = plan(levers, graphs).orElseThrow();
      if (choice.bytes() <= bytes) {
        return Optional.of(choice);
      }
      tooLarge.add(choice);
    }
    return Optional.empty();
  }

  private Choice fasterThan(Choice fitting, List<Choice> coarser, long bytes) {
    Choice best = fitting;
    for (Choice cut : coarser) {
      if (cut.seconds() * WORTH_IT < best.seconds()) {
        double least = best.seconds();
        best = recomputing(cut, bytes).filter(c -> c.seconds() * WORTH_IT < least).orElse(best);
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
   * Returns the plans of least memory among those whose time is within a tenth of the least: what a
   * session takes that has no limit. The candidates are planned side by side, so the target must
   * not mind several threads.
   */
  public Choice economical(Levers base) {
    List<Graph> fused = fused(base);
    List<Graph> whole = cut(base, fused);
    double most = CHEAP * seconds(whole);
    Stream<Supplier<Optional<Choice>>> finest =
        scopes(base).stream()
            .map(scope -> scope.stream().filter(l -> !l.cut().equals(Cut.NONE)).toList())
            .map(scope -> () -> finest(scope, fused, most));
    return Stream.concat(Stream.of(() -> plan(base, whole)), finest)
        .parallel()
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .min(Comparator.comparingLong(Choice::bytes))
        .orElseThrow();
  }

  /** The finest cut, that is the one of least memory, that takes no longer. */
  private Optional<Choice> finest(List<Levers> scope, List<Graph> fused, double seconds) {
    int inTime = 0;
    int tooLong = scope.size();
    List<Graph> graphs = List.of();
    while (inTime < tooLong) {
      int middle = (inTime + tooLong) / 2;
      List<Graph> cut = cut(scope.get(middle), fused);
      if (seconds(cut) <= seconds) {
        inTime = middle + 1;
        graphs = cut;
      } else {
        tooLong = middle;
      }
    }
    return inTime == 0 ? Optional.empty() : plan(scope.get(inTime - 1), graphs);
  }

  private List<List<Levers>> scopes(Levers base) {
    return scopes(MicroBatches.batch(programs.getFirst())).stream()
        .map(scope -> scope.stream().map(base::with).toList())
        .toList();
  }

  /** Returns the cuts through a whole step, and those after its trunk, each the coarsest first. */
  public static List<List<Cut>> scopes(int batch) {
    List<Integer> parts = cuts(batch);
    return List.of(
        parts.stream().map(Cut::all).toList(),
        parts.stream().filter(n -> n > 1).map(Cut::afterTrunk).toList());
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
