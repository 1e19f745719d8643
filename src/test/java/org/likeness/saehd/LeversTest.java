package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.graph.Cut;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Rematerializer;
import org.likeness.graph.Work;
import org.likeness.testing.Plans;

/** What each lever is worth on the standard workloads, in f32 (spec performance.md 2). */
class LeversTest {
  private static final PlanTarget TARGET =
      new PlanTarget(graph -> DeviceProfile.plain("test", Long.MAX_VALUE), Work::traffic);

  private static Graph step(String archi, int resolution, int batch) {
    Architecture architecture =
        Architecture.of(archi, resolution, new Architecture.Dims(256, 64, 64, 22));
    TrainingStep step = TrainingStep.describe(architecture, StepSettings.defaults(batch));
    return step.fetching(List.of("src_loss", "dst_loss"), false);
  }

  /** GB of the slab: as written, in series, with dense factors, in 2, 4 and 8 micro-batches. */
  @ParameterizedTest
  @CsvSource({
    "liae-udt,704,16,25.7,9.61,9.18,4.98,2.96,1.88",
    "liae-udt,416,16,8.97,3.53,3.37,1.92,1.22,0.84",
    "df-ud,128,8,0.384,0.194,0.157,0.25,0.23,0.22"
  })
  void leaveAsLittleAs(
      String archi,
      int resolution,
      int batch,
      double written,
      double series,
      double factors,
      double cut2,
      double cut4,
      double cut8) {
    Graph graph = step(archi, resolution, batch);
    expect(graph, Levers.NONE, written);
    expect(graph, new Levers(true, true, false, Cut.NONE), series);
    expect(graph, Levers.DEFAULT, factors);
    expect(graph, Levers.DEFAULT.cut(2), cut2);
    expect(graph, Levers.DEFAULT.cut(4), cut4);
    expect(graph, Levers.DEFAULT.cut(8), cut8);
  }

  private static void expect(Graph graph, Levers levers, double gigabytes) {
    MemoryPlan plan =
        MemoryPlan.plan(levers.apply(graph), DeviceProfile.plain("test", Long.MAX_VALUE));
    assertTrue(plan.slabBytes() <= gigabytes * 1e9, levers + ": " + plan.slabBytes() + " bytes");
    assertTrue(plan.fragmentation() < 0.02, levers + ": fragmentation " + plan.fragmentation());
  }

  /** The trunk's activations stay until the last part; a finer cut still leaves less. */
  @ParameterizedTest
  @CsvSource({"704, 6.03, 4.48, 3.70", "416, 2.29, 1.75, 1.48"})
  void aWholeTrunkLeavesMoreThanACutThroughAllAndLessThanNone(
      int resolution, double cut2, double cut4, double cut8) {
    Graph graph = step("liae-udt", resolution, 16);
    long whole = slab(graph, Cut.NONE);
    double[] most = {cut2, cut4, cut8};
    long before = whole;
    for (int i = 0; i < most.length; i++) {
      int parts = 2 << i;
      expect(graph, Levers.DEFAULT.with(Cut.afterTrunk(parts)), most[i]);
      long after = slab(graph, Cut.afterTrunk(parts));
      long all = slab(graph, Cut.all(parts));
      assertTrue(all < after && after < before, all + " < " + after + " < " + before);
      before = after;
    }
  }

  private static long slab(Graph graph, Cut cut) {
    DeviceProfile profile = DeviceProfile.plain("test", Long.MAX_VALUE);
    return MemoryPlan.plan(Levers.DEFAULT.with(cut).apply(graph), profile).slabBytes();
  }

  /** What the discriminators learn from comes after the update, and nothing of it before. */
  @Test
  void discriminatorsDoNotDragTheGeneratorOutOfItsSeries() {
    Architecture architecture =
        Architecture.of("df-ud", 256, new Architecture.Dims(256, 64, 64, 22));
    Adversaries adversaries = new Adversaries(0.01, 0.1, new Adversaries.Patch(32, 16, 0, 0, true));
    TrainingStep step =
        TrainingStep.describe(architecture, StepSettings.defaults(8).with(adversaries));
    List<String> fetches =
        List.of("src_loss", "dst_loss", TrainingStep.CODE_LOSS, TrainingStep.PATCH_LOSS);
    Graph graph = step.fetching(fetches, false);
    expect(graph, Levers.NONE, 1.80);
    expect(graph, Levers.DEFAULT, 0.76);
    expect(graph, Levers.DEFAULT.cut(4), 0.41);
  }

  @ParameterizedTest
  @MethodSource("org.likeness.saehd.ArchitectureTest#all")
  void noTwoLiveValuesOverlapInAnyArchitecture(String archi) {
    Architecture architecture = Architecture.of(archi, 64, new Architecture.Dims(8, 4, 4, 2));
    TrainingStep step = TrainingStep.describe(architecture, StepSettings.defaults(4));
    Graph graph = step.fetching(List.of("src_loss", "dst_loss"), false);
    for (Cut cut : List.of(Cut.NONE, Cut.all(2), Cut.all(4), Cut.afterTrunk(4))) {
      Graph scheduled = Levers.DEFAULT.with(cut).apply(graph);
      MemoryPlan plan = MemoryPlan.plan(scheduled, DeviceProfile.plain("test", Long.MAX_VALUE));
      Plans.expectApart(plan);
      long budget = plan.slabBytes() * 95 / 100;
      Graph less = Rematerializer.within(scheduled, TARGET, budget).orElse(null);
      if (less != null) { // where weight gradients alone take more, nothing helps
        MemoryPlan smaller = MemoryPlan.plan(less, DeviceProfile.plain("test", Long.MAX_VALUE));
        assertTrue(smaller.slabBytes() <= budget, smaller.slabBytes() + " of " + budget);
        Plans.expectApart(smaller);
      }
      assertTrue(less != null || !cut.equals(Cut.NONE), archi + " cannot recompute");
    }
  }
}
