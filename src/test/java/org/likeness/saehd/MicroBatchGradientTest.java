package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.graph.Cut;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Rematerializer;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;
import org.likeness.nn.Optimizer;
import org.likeness.runtime.Devices;

/** Micro-batches and dense factors leave losses, outputs, gradients and weights as they were. */
class MicroBatchGradientTest {
  private static final int BATCH = 4;
  private static final List<Cut> CUTS =
      List.of(Cut.NONE, Cut.all(2), Cut.all(4), Cut.afterTrunk(2), Cut.afterTrunk(4));

  /** Steps that differ in what they are made of. */
  enum Case {
    PLAIN("df-ud", LossSettings.DEFAULT, Adversaries.NONE),
    SHARED_INTER("liae-udt", LossSettings.DEFAULT, Adversaries.NONE),
    STYLES(
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
    TRUE_FACE("df-ud", LossSettings.DEFAULT, new Adversaries(0.1, 0, Adversaries.NONE.patch())),
    GAN(
        "liae-d",
        LossSettings.DEFAULT,
        new Adversaries(0, 0.1, new Adversaries.Patch(8, 4, 0.1, 0, true)));

    private final Architecture architecture;
    private final StepSettings settings;

    Case(String archi, LossSettings losses, Adversaries adversaries) {
      architecture = Architecture.of(archi, 64, new Architecture.Dims(4, 2, 2, 2));
      settings = StepSettings.defaults(BATCH).with(losses).with(adversaries);
    }

    private TrainingStep step(StepSettings settings) {
      return TrainingStep.describe(architecture, settings);
    }

    /** Every fetch that the losses are made on the way to, and every gradient. */
    private static Graph fetching(TrainingStep step) {
      return fetching(step, true);
    }

    private static Graph fetching(TrainingStep step, boolean gradients) {
      List<String> names = new ArrayList<>(List.of("src_loss", "dst_loss", "src_src", "dst_dstm"));
      names.addAll(List.of(TrainingStep.CODE_LOSS, TrainingStep.PATCH_LOSS));
      names.retainAll(step.graph().fetches().keySet());
      return step.fetching(names, gradients);
    }
  }

  @ParameterizedTest
  @EnumSource
  void inDoublePrecisionNothingChanges(Case c) {
    compare(c.step(c.settings.in(DType.F64)), 1e-12);
  }

  /**
   * Without the weights: the first update divides each gradient by its own size, be it rounding.
   */
  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "SHARED_INTER", "STYLES"})
  void inSinglePrecisionNothingButRoundingChanges(Case c) {
    compare(c.step(c.settings), 1e-5);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "STYLES"})
  void aClippedAndThinnedUpdateRunsOnceOnTheWholeGradient(Case c) {
    Optimizer thinned =
        new Optimizer(StepSettings.OPTIMIZER, Optimizer.Rule.RMSPROP, 5e-5, 500, 0.01, 0.3);
    compare(c.step(c.settings.in(DType.F64).with(thinned)), 1e-12);
  }

  /** Alone and together; what is made again changes no bit at all. */
  @ParameterizedTest
  @MethodSource("org.likeness.saehd.ArchitectureTest#all")
  void noLeverChangesTheGradientsOfAnyArchitecture(String archi) {
    Architecture tiny = Architecture.of(archi, 64, new Architecture.Dims(8, 4, 4, 2));
    Graph described = Case.fetching(TrainingStep.describe(tiny, StepSettings.defaults(2)));
    Map<String, double[]> leaves = leaves(described);
    List<Levers> alone =
        List.of(
            new Levers(true, false, false, Cut.NONE),
            new Levers(false, true, false, Cut.NONE),
            new Levers(false, false, true, Cut.NONE),
            new Levers(false, false, false, Cut.all(2)),
            new Levers(false, false, false, Cut.afterTrunk(2)));
    try (Device device = Devices.open("cpu")) {
      Map<String, double[]> wanted = OneRun.of(device, Levers.NONE.apply(described), leaves);
      for (Levers levers : alone) {
        expectSame(described, wanted, OneRun.of(device, levers.apply(described), leaves), levers);
      }
      for (Cut cut : List.of(Cut.all(2), Cut.afterTrunk(2))) {
        Graph together = Levers.DEFAULT.with(cut).apply(described);
        Map<String, double[]> got = OneRun.of(device, together, leaves);
        expectSame(described, wanted, got, Levers.DEFAULT.with(cut));
        String decoder = archi.startsWith("df") ? "decoder_src" : "decoder";
        Graph again = Rematerializer.of(together, List.of("encoder", decoder));
        assertTrue(again.nodes().size() > together.nodes().size(), "something is made again");
        Map<String, double[]> remade = OneRun.of(device, again, leaves);
        got.forEach((name, values) -> assertArrayEquals(values, remade.get(name), 0, name));
      }
    }
  }

  /**
   * Where the host does not read them, gradients of dense layers never are: the update adds the
   * same products in the same order.
   */
  @ParameterizedTest
  @MethodSource("org.likeness.saehd.ArchitectureTest#all")
  void readingTheGradientsChangesNoBitOfAnyArchitecture(String archi) {
    Architecture tiny = Architecture.of(archi, 64, new Architecture.Dims(8, 4, 4, 2));
    TrainingStep step = TrainingStep.describe(tiny, StepSettings.defaults(2));
    Graph whole = Levers.DEFAULT.apply(Case.fetching(step));
    Graph tiles = Levers.DEFAULT.apply(Case.fetching(step, false));
    assertEquals(0, denseUpdates(whole), "updates of whole gradients");
    assertTrue(denseUpdates(tiles) >= 2, archi + " updates no dense layer by tiles");
    Map<String, double[]> leaves = leaves(whole);
    try (Device device = Devices.open("cpu")) {
      Map<String, double[]> wanted = OneRun.of(device, whole, leaves);
      Map<String, double[]> got = OneRun.of(device, tiles, leaves);
      assertTrue(wanted.keySet().containsAll(got.keySet()), got.keySet()::toString);
      got.forEach((name, values) -> assertArrayEquals(wanted.get(name), values, 0, name));
    }
  }

  private static long denseUpdates(Graph graph) {
    return graph.nodes().stream().filter(n -> n.op() instanceof Update.DenseUpdate).count();
  }

  private static void expectSame(
      Graph described, Map<String, double[]> wanted, Map<String, double[]> got, Levers levers) {
    for (String name : described.fetches().keySet()) {
      expectClose(name + " with " + levers, wanted.get(name), got.get(name), 1e-5);
    }
  }

  private static void compare(TrainingStep step, double tolerance) {
    Graph described = Case.fetching(step);
    Map<String, double[]> leaves = leaves(described);
    try (Device device = Devices.open("cpu")) {
      Graph plain = Levers.NONE.apply(described);
      Map<String, double[]> wanted = OneRun.of(device, plain, leaves);
      boolean exact = step.settings().dtype() == DType.F64;
      for (Cut each : CUTS) {
        Levers levers = Levers.DEFAULT.with(each);
        Map<String, double[]> got = OneRun.of(device, levers.apply(described), leaves);
        assertEquals(wanted.keySet(), got.keySet());
        if (exact) {
          Graph tiles = levers.apply(Case.fetching(step, false));
          Map<String, double[]> unread = OneRun.of(device, tiles, leaves);
          unread.forEach(
              (name, values) ->
                  expectClose(name + " by tiles", wanted.get(name), values, tolerance));
        }
        wanted.keySet().stream()
            .filter(name -> exact || described.fetches().containsKey(name))
            .forEach(
                name ->
                    expectClose(name + " in " + each, wanted.get(name), got.get(name), tolerance));
      }
    }
  }

  private static Map<String, double[]> leaves(Graph described) {
    Map<String, double[]> leaves = new HashMap<>();
    Random random = new Random(7);
    for (Tensor leaf : described.leaves()) {
      double spread = leaf.role() == Role.PARAMETER ? 0.3 : leaf.role() == Role.SLOT ? 0 : 1;
      double least = leaf.role() == Role.PARAMETER ? -spread : 0;
      DoubleStream values = random.doubles(leaf.shape().elements());
      leaves.put(leaf.name(), values.map(v -> least + (spread - least) * v).toArray());
    }
    return leaves;
  }

  /** Compares relative to the largest element: small ones of a gradient are differences. */
  private static void expectClose(String name, double[] wanted, double[] got, double tolerance) {
    double allowed = tolerance * DoubleStream.of(wanted).map(Math::abs).max().orElse(0);
    for (int i = 0; i < wanted.length; i++) {
      double share = Math.abs(got[i] - wanted[i]) / allowed;
      int at = i;
      assertTrue(
          got[i] == wanted[i] || share <= 1,
          () ->
              "%s[%d] is %s, not %s: %.2f of the tolerance"
                  .formatted(name, at, got[at], wanted[at], share));
    }
  }
}
