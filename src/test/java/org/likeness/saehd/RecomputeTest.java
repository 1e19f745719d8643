package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Recompute;
import org.likeness.graph.Rematerializer;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;
import org.likeness.runtime.Devices;

/** Recomputation of whole steps: what it costs, and that it changes nothing. */
class RecomputeTest {
  private static final Architecture.Dims SMALL = new Architecture.Dims(8, 4, 4, 2);

  private static Graph losses(TrainingStep step) {
    return step.fetching(List.of("src_loss", "dst_loss"), false);
  }

  private static Graph described(String archi, int resolution, Architecture.Dims dims) {
    Architecture architecture = Architecture.of(archi, resolution, dims);
    TrainingStep step = TrainingStep.describe(architecture, StepSettings.defaults(16));
    return step.fetching(List.of("src_loss", "dst_loss"), false);
  }

  /** M in one micro-batch of 16: shares of its slab, and the seconds that they may cost. */
  @ParameterizedTest
  @CsvSource({
    "rtx-4090, 0.75, 0.05",
    "rtx-4090, 0.6, 0.16",
    "h200, 0.75, 0.1",
    "h200, 0.6, 0.16",
    "rtx-3060, 0.6, 0.16"
  })
  void mediumFitsAShareOfItsActivationsForLittleTime(String card, double share, double extra) {
    ModelledGpu gpu = ModelledGpu.named(card);
    PlanTarget target = gpu.target();
    Graph described = described("liae-udt", 416, new Architecture.Dims(256, 64, 64, 22));
    Graph plain = Levers.DEFAULT.apply(described);
    long slab = MemoryPlan.plan(plain, gpu.profile(plain)).slabBytes();
    long allowed = (long) (share * slab);
    long start = System.nanoTime();
    Graph less =
        Levers.DEFAULT.with(new Recompute.Within(allowed)).apply(described, target).orElseThrow();
    double planning = (System.nanoTime() - start) / 1e9;
    MemoryPlan plan = MemoryPlan.plan(less, gpu.profile(less));
    assertTrue(plan.slabBytes() <= allowed, plan.slabBytes() + " of " + allowed);
    double more = target.seconds(less) / target.seconds(plain) - 1;
    assertTrue(more <= extra, more + " more seconds");
    assertTrue(Work.flops(less) / Work.flops(plain) - 1 <= extra * 1.25);
    assertTrue(planning < 5, planning + " s"); // 0.3 s on an idle machine
  }

  /** Steps that differ in what is made again. */
  enum Case {
    SHARED_INTER(80, "liae-udt", LossSettings.DEFAULT, Adversaries.NONE),
    COSINE(60, "df-dc", LossSettings.DEFAULT, Adversaries.NONE),
    STYLES(
        97,
        "df-ud",
        new LossSettings(
            true,
            false,
            true,
            LossSettings.Similarity.MS_SSIM_L1,
            LossSettings.Priority.AS_DELIVERED,
            0.3,
            1,
            2),
        Adversaries.NONE),
    GAN(
        98,
        "df-d",
        LossSettings.DEFAULT,
        new Adversaries(0.1, 0.1, new Adversaries.Patch(8, 4, 0.1, 0, true)));

    final int percent; // of the slab, to which recomputation is to bring it
    final Architecture architecture;
    final StepSettings settings;

    Case(int percent, String archi, LossSettings losses, Adversaries adversaries) {
      this.percent = percent;
      architecture = Architecture.of(archi, 64, SMALL);
      settings = StepSettings.defaults(4).with(losses).with(adversaries);
    }
  }

  private static Map<String, double[]> leaves(Graph graph) {
    Map<String, double[]> leaves = new HashMap<>();
    Random random = new Random(7);
    for (Tensor leaf : graph.leaves()) {
      double spread = leaf.role() == Role.PARAMETER ? 0.3 : leaf.role() == Role.SLOT ? 0 : 1;
      double least = leaf.role() == Role.PARAMETER ? -spread : 0;
      DoubleStream values = random.doubles(leaf.shape().elements());
      leaves.put(leaf.name(), values.map(v -> least + (spread - least) * v).toArray());
    }
    return leaves;
  }

  /** On the processor, with whatever other lever; softcuda's turn is CudaRecomputeTest. */
  @ParameterizedTest
  @EnumSource
  void changesNoBitOfLossesOrWeights(Case c) {
    Graph described = losses(TrainingStep.describe(c.architecture, c.settings));
    Map<String, double[]> leaves = leaves(described);
    try (Device device = Devices.open("cpu")) {
      PlanTarget target =
          new PlanTarget(device::profile, node -> Work.flops(node) + Work.traffic(node));
      Graph plain = Levers.DEFAULT.apply(described);
      Map<String, double[]> wanted = OneRun.of(device, plain, leaves);
      long slab = MemoryPlan.plan(plain, device.profile(plain)).slabBytes();
      Graph less = Rematerializer.within(plain, target, slab * c.percent / 100).orElseThrow();
      assertTrue(less.nodes().size() > plain.nodes().size(), c + " recomputes nothing");
      expectSame(c.toString(), wanted, OneRun.of(device, less, leaves));
      Graph cut = Levers.DEFAULT.cut(2).apply(described);
      Graph chosen = Rematerializer.of(cut, List.of("encoder/down1", "encoder/code"));
      assertTrue(chosen.nodes().size() > cut.nodes().size(), c + " by choice");
      expectSame(
          c + " by choice, in micro-batches",
          OneRun.of(device, cut, leaves),
          OneRun.of(device, chosen, leaves));
    }
  }

  private static void expectSame(
      String name, Map<String, double[]> wanted, Map<String, double[]> got) {
    assertEquals(wanted.keySet(), got.keySet());
    wanted.forEach((value, w) -> assertArrayEquals(w, got.get(value), 0, name + ": " + value));
  }

  /**
   * Every clone stands in front of the backward node that wants it, not where it could be first.
   */
  @Test
  void clonesWaitForTheirReaders() {
    Graph plain = Levers.DEFAULT.apply(described("liae-udt", 64, SMALL));
    Graph less = Rematerializer.of(plain, List.of("decoder/res0", "encoder/res1"));
    int clones = 0;
    for (int i = 0; i < less.nodes().size(); i++) {
      Tensor made = less.nodes().get(i).outputs().stream().findFirst().orElse(null);
      if (made != null && made.name().contains("/again")) {
        clones++;
        int reader = i + 1;
        while (less.nodes().get(reader).outputs().getFirst().name().contains("/again")) {
          reader++;
        }
        List<Tensor> read = less.nodes().get(reader).inputs();
        assertTrue(
            read.stream().anyMatch(t -> t.name().contains("/again")),
            made + " is not read by what follows, which reads " + read);
      }
    }
    assertEquals(8, clones); // two nodes of each block, for src and for dst
  }
}
