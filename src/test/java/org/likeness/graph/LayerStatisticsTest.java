package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.graph.LayerStatistics.Kind;
import org.likeness.graph.LayerStatistics.Measured;

class LayerStatisticsTest {
  /** A dense layer, its activation and its update, differentiated by hand. */
  private static Graph layer() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 8), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "a/dense/weight:0", Shape.of(8, 8), DType.F32);
    Tensor acc = b.leaf(Role.SLOT, "acc", Shape.of(8, 8), DType.F32);
    Tensor y = b.add("a/dense", new Linear.Dense(1, false), x, w);
    Tensor act = b.add("a/act", new Pointwise.Activate(Activation.leakyRelu(0.1)), y);
    Tensor dy = b.add("d/a/dense", new Pointwise.ActivateGrad(Activation.leakyRelu(0.1)), act, act);
    b.fetch("dx", b.add("d/x", new Linear.DenseDgrad(1), dy, w));
    Tensor dw = b.add("d/a/dense/weight:0", new Linear.DenseWgrad(1, false), x, dy);
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 0.1));
    b.addAll(
        "update", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), List.of(w, dw, acc, rate));
    return b.build();
  }

  @Test
  void statisticsFollowWhatTheyMeasure() {
    assertEquals(
        """
        feed %x (4,8) f32 128 B in activations
        parameter %a/dense/weight:0 (8,8) f32 256 B in parameters
        slot %acc (8,8) f32 256 B in optimizer
        %a/dense (4,8) f32 128 B in activations = dense [scale=1.0, bias=false] (%x, %a/dense/weight:0)
        %statistics/a/dense (4) f32 16 B in activations = statistics (%a/dense)
        %a/act (4,8) f32 128 B in activations = activate [activation=leakyRelu 0.1] (%a/dense)
        %statistics/a/act (4) f32 16 B in activations = statistics (%a/act)
        %d/a/dense (4,8) f32 128 B in activations = activateGrad [activation=leakyRelu 0.1] (%a/act, %a/act)
        %d/x (4,8) f32 128 B in activations = denseDgrad [scale=1.0] (%d/a/dense, %a/dense/weight:0)
        %statistics/d/x (4) f32 16 B in activations = statistics (%d/x)
        %d/a/dense/weight:0 (8,8) f32 256 B in activations = denseWgrad [scale=1.0, bias=false] (%x, %d/a/dense)
        %statistics/d/a/dense/weight:0 (4) f32 16 B in activations = statistics (%d/a/dense/weight:0)
        %rate (1) f32 4 B in activations = constant [shape=(1), type=F32, value=0.1] ()
        writes %a/dense/weight:0, %acc = rmsProp [rho=0.9, epsilon=1.0E-6, modifiers=Modifiers[clipped=false, keep=1.0, seed=0, stream=0]] (%a/dense/weight:0, %d/a/dense/weight:0, %acc, %rate)
        fetch dx = %d/x
        fetch statistics/a/dense = %statistics/a/dense
        fetch statistics/a/act = %statistics/a/act
        fetch statistics/d/x = %statistics/d/x
        fetch statistics/d/a/dense/weight:0 = %statistics/d/a/dense/weight:0
        """,
        GraphText.of(LayerStatistics.apply(layer()).graph()));
  }

  @Test
  void kindsTellActivationsFromGradientsAndThoseOfWeights() {
    List<Kind> kinds =
        LayerStatistics.apply(layer()).measured().stream().map(Measured::kind).toList();
    assertEquals(
        List.of(Kind.ACTIVATION, Kind.ACTIVATION, Kind.GRADIENT, Kind.WEIGHT_GRADIENT), kinds);
  }

  /** It is made whole to be looked at, and the update goes on as it would without. */
  @Test
  void theGradientThatADenseUpdateNeverMakesIsSeenToo() {
    Graph fused = FuseDenseUpdates.apply(layer());
    LayerStatistics measured = LayerStatistics.apply(fused);
    assertEquals(
        """
        %rate (1) f32 4 B in activations = constant [shape=(1), type=F32, value=0.1] ()
        %d/a/dense/weight:0 (8,8) f32 256 B in activations = denseWgrad [scale=1.0, bias=false] (%x, %d/a/dense)
        %statistics/d/a/dense/weight:0 (4) f32 16 B in activations = statistics (%d/a/dense/weight:0)
        writes %a/dense/weight:0, %acc = denseUpdate [scale=1.0, rule=RmsProp[rho=0.9, epsilon=1.0E-6, modifiers=Modifiers[clipped=false, keep=1.0, seed=0, stream=0]]] (%a/dense/weight:0, %x, %d/a/dense, %acc, %rate)
        """,
        GraphText.of(measured.graph())
            .lines()
            .filter(line -> line.contains(" = "))
            .dropWhile(line -> !line.startsWith("%rate"))
            .filter(line -> !line.startsWith("fetch"))
            .map(line -> line + "\n")
            .reduce("", String::concat));
    assertEquals(
        LayerStatistics.apply(layer()).measured().stream().map(Measured::fetch).toList(),
        measured.measured().stream().map(Measured::fetch).toList());
    assertEquals(Kind.WEIGHT_GRADIENT, measured.measured().getLast().kind());
  }

  /** Only then does the step compute the same bits in nearly the same memory. */
  @Test
  void nothingElseChanges() {
    Graph plain = layer();
    LayerStatistics measured = LayerStatistics.apply(plain);
    List<Node> others =
        measured.graph().nodes().stream()
            .filter(node -> !(node.op() instanceof Reduction.Statistics))
            .toList();
    assertEquals(plain.nodes(), others);
    DeviceProfile profile = DeviceProfile.plain("test", 1L << 30);
    long before = MemoryPlan.plan(plain, profile).slabBytes();
    long after = MemoryPlan.plan(measured.graph(), profile).slabBytes();
    long statistics = 4 * profile.bytes(measured.graph().fetches().get("statistics/d/x"));
    assertTrue(after <= before + statistics, before + " bytes became " + after);
    assertEquals(Map.of("dx", plain.fetches().get("dx")), plain.fetches());
  }
}
