package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.likeness.graph.Budget;
import org.likeness.graph.Cut;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Rematerializer;
import org.likeness.graph.Work;
import org.likeness.testing.Plans;

/** No lever changes what a step of any network computes, and no plan overlaps or exceeds. */
class RandomNetworkTest {
  private static final PlanTarget TARGET =
      new PlanTarget(graph -> DeviceProfile.plain("test", 1 << 30), Work::traffic);

  /** These leave every sum in its order. */
  private static final List<Levers> BITWISE =
      List.of(
          new Levers(true, false, false, Cut.NONE),
          new Levers(false, true, false, Cut.NONE),
          new Levers(true, true, false, Cut.NONE));

  private static final List<Levers> OTHERS =
      List.of(
          new Levers(false, false, true, Cut.NONE),
          new Levers(false, false, false, Cut.all(2)),
          new Levers(false, false, false, Cut.afterTrunk(2)),
          Levers.DEFAULT,
          Levers.DEFAULT.cut(2),
          Levers.DEFAULT.cut(RandomNetwork.BATCH),
          Levers.DEFAULT.with(Cut.afterTrunk(2)),
          Levers.DEFAULT.with(Cut.afterTrunk(RandomNetwork.BATCH)));

  @Property(tries = 30)
  void everyLeverLeavesLossesWeightsAndSlots(@ForAll long seed) {
    Graph described = RandomNetwork.step(seed);
    Map<String, double[]> leaves = RandomNetwork.leaves(described, seed);
    Map<String, double[]> wanted = Runner.run(Levers.NONE.apply(described), leaves);
    for (Levers levers : BITWISE) {
      expectSame(levers, wanted, Runner.run(ordered(described, levers), leaves));
    }
    for (Levers levers : OTHERS) {
      expectClose(levers, wanted, Runner.run(ordered(described, levers), leaves));
    }
  }

  @Property(tries = 30)
  void recomputationKeepsToItsBudgetAndToEveryBit(
      @ForAll long seed, @ForAll @IntRange(min = 70, max = 99) int percent) {
    Graph described = RandomNetwork.step(seed);
    Map<String, double[]> leaves = RandomNetwork.leaves(described, seed);
    for (Cut cut : List.of(Cut.NONE, Cut.all(2), Cut.afterTrunk(2))) {
      Graph ordered = ordered(described, Levers.DEFAULT.with(cut));
      long budget = plan(ordered).slabBytes() * percent / 100;
      Optional<Graph> within = Rematerializer.within(ordered, TARGET, budget);
      happensToAThirdAtLeast("recomputes", within.isPresent());
      if (within.isPresent()) {
        MemoryPlan less = plan(within.get());
        assertTrue(less.slabBytes() <= budget, less.slabBytes() + " of " + budget);
        Plans.expectApart(less);
        Map<String, double[]> wanted = Runner.run(ordered, leaves);
        expectSame(Levers.DEFAULT.with(cut), wanted, Runner.run(within.get(), leaves));
      }
    }
  }

  @Property(tries = 30)
  void whatABudgetChoosesKeepsToIt(
      @ForAll long seed, @ForAll @IntRange(min = 40, max = 99) int percent) {
    Graph described = RandomNetwork.step(seed);
    Budget budget = new Budget(TARGET, described);
    Budget.Choice plain = budget.plan(Levers.DEFAULT).orElseThrow();
    long slab = plain.plans().getFirst().memory().slabBytes();
    long bytes = plain.bytes() - slab * (100 - percent) / 100;
    Optional<Budget.Choice> chosen = budget.fit(Levers.DEFAULT, true, bytes);
    happensToAThirdAtLeast("fits", chosen.isPresent());
    if (chosen.isPresent()) {
      ExecutionPlan plan = chosen.get().plans().getFirst();
      assertTrue(chosen.get().bytes() <= bytes, chosen.get().bytes() + " of " + bytes);
      assertEquals(chosen.get().bytes(), plan.memory().totalBytes());
      Map<String, double[]> leaves = RandomNetwork.leaves(described, seed);
      Map<String, double[]> wanted = Runner.run(Levers.NONE.apply(described), leaves);
      expectClose(chosen.get().levers(), wanted, Runner.run(plan.graph(), leaves));
    }
  }

  /** Fails where a property would hold for want of cases. */
  private static void happensToAThirdAtLeast(String what, boolean happens) {
    Statistics.label(what)
        .collect(happens)
        .coverage(all -> all.check(true).percentage(p -> p > 100.0 / 3));
  }

  private static Graph ordered(Graph described, Levers levers) {
    Graph graph = levers.apply(described);
    Plans.expectApart(plan(graph));
    return graph;
  }

  private static MemoryPlan plan(Graph graph) {
    return MemoryPlan.plan(graph, TARGET.profile().apply(graph));
  }

  private static void expectSame(
      Levers levers, Map<String, double[]> wanted, Map<String, double[]> got) {
    assertEquals(wanted.keySet(), got.keySet());
    wanted.forEach((name, v) -> assertArrayEquals(v, got.get(name), 0, name + " with " + levers));
  }

  /** Sums of some thousand products in f64 in another order. */
  private static void expectClose(
      Levers levers, Map<String, double[]> wanted, Map<String, double[]> got) {
    assertEquals(wanted.keySet(), got.keySet());
    wanted.forEach(
        (name, v) -> {
          double[] w = got.get(name);
          double[] difference =
              IntStream.range(0, v.length).mapToDouble(i -> v[i] - w[i]).toArray();
          double error = norm(difference) / norm(v);
          assertTrue(error <= 1e-9, name + " with " + levers + ": " + error);
        });
  }

  private static double norm(double[] values) {
    return Math.max(Math.sqrt(DoubleStream.of(values).map(v -> v * v).sum()), 1e-300);
  }
}
