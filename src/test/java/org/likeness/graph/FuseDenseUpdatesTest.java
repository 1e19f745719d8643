package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FuseDenseUpdatesTest {
  /** A dense layer's weight, updated by AdaBelief, and its bias if there is one. */
  private static Graph layer(boolean bias, Role factors) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(factors, "x", Shape.of(3, 5), DType.F32);
    Tensor dy = b.leaf(factors, "dy", Shape.of(3, 2), DType.F32);
    List<Tensor> gradients = b.addAll("d/w", new Linear.DenseWgrad(0.5, true), List.of(x, dy));
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 1));
    for (int i = 0; i < (bias ? 2 : 1); i++) {
      String name = i == 0 ? "w" : "b";
      Shape shape = gradients.get(i).shape();
      List<Tensor> inputs = new ArrayList<>();
      inputs.add(b.leaf(Role.PARAMETER, name, shape, DType.F32));
      inputs.add(gradients.get(i));
      inputs.add(b.leaf(Role.SLOT, name + "/m", shape, DType.F32));
      inputs.add(b.leaf(Role.SLOT, name + "/v", shape, DType.F32));
      inputs.add(rate);
      b.addAll("u", new Update.AdaBelief(0.9, 0.999, 1e-6, Update.Modifiers.NONE), inputs);
    }
    return b.build();
  }

  private static String nodes(Graph graph) {
    return GraphText.of(graph)
        .lines()
        .filter(line -> line.contains(" = "))
        .map(line -> line.replaceAll("beta1=.*?\\]\\]", "...]") + "\n")
        .reduce("", String::concat);
  }

  @Test
  void theUpdateTakesTheFactorsAndTheBiasTheirColumnSums() {
    String rate =
        "%rate (1) f32 4 B in activations = constant [shape=(1), type=F32, value=1.0] ()\n";
    String bias = "writes %b, %b/m, %b/v = adaBelief [...] (%b, %d/w.1, %b/m, %b/v, %rate)\n";
    assertEquals(
        """
        %d/w (5,2) f32 40 B in activations, %d/w.1 (2) f32 8 B in activations = denseWgrad \
        [scale=0.5, bias=true] (%x, %dy)
        """
            + rate
            + "writes %w, %w/m, %w/v = adaBelief [...] (%w, %d/w, %w/m, %w/v, %rate)\n"
            + bias,
        nodes(layer(true, Role.FEED)));
    assertEquals(
        "%d/w.1 (2) f32 8 B in activations = columnSums (%dy)\n"
            + rate
            + """
            writes %w, %w/m, %w/v = denseUpdate [scale=0.5, rule=AdaBelief[...]] \
            (%w, %x, %dy, %w/m, %w/v, %rate)
            """
            + bias,
        nodes(FuseDenseUpdates.apply(layer(true, Role.FEED))));
  }

  @Test
  void aBiasThatNobodyTrainsHasNoGradient() {
    Graph fused = FuseDenseUpdates.apply(layer(false, Role.FEED));
    assertEquals(
        List.of("constant", "denseUpdate"),
        fused.nodes().stream().map(node -> node.op().name()).toList());
  }

  @Test
  void aGradientThatTheHostReadsIsMadeWhole() {
    Graph graph = layer(true, Role.FEED);
    Tensor gradient = graph.nodes().getFirst().outputs().getFirst();
    Graph watched = graph.fetching(Map.of("dw", gradient));
    assertEquals(watched, FuseDenseUpdates.apply(watched));
  }

  /** Such as a clip factor that could not do with Gram matrices. */
  @Test
  void aGradientThatSomethingElseReadsIsMadeWhole() {
    GraphBuilder b = new GraphBuilder(layer(true, Role.FEED));
    Tensor gradient = b.build().nodes().getFirst().outputs().getFirst();
    b.fetch("clip", b.add("clip", new Update.ClipFactor(1), gradient));
    Graph clipped = b.build();
    assertEquals(clipped, FuseDenseUpdates.apply(clipped));
  }

  /** What changes between product and update must be read where the product was. */
  @Test
  void factorsThatUpdatesMayChangeStayWhereTheyAre() {
    Graph graph = layer(true, Role.PARAMETER);
    assertEquals(graph, FuseDenseUpdates.apply(graph));
  }

  /** Nothing of the weight's size is alive at any time. */
  @Test
  void theGradientLeavesTheSlab() {
    DeviceProfile profile = DeviceProfile.plain("test", 1L << 30);
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(2, 500), DType.F32);
    Tensor dy = b.leaf(Role.FEED, "dy", Shape.of(2, 300), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(500, 300), DType.F32);
    Tensor a = b.leaf(Role.SLOT, "a", Shape.of(500, 300), DType.F32);
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 1));
    Tensor dw = b.add("dw", new Linear.DenseWgrad(1, false), x, dy);
    b.addAll("u", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), List.of(w, dw, a, rate));
    long whole = MemoryPlan.plan(b.build(), profile).slabBytes();
    long fused = MemoryPlan.plan(FuseDenseUpdates.apply(b.build()), profile).slabBytes();
    assertEquals(w.bytes(), whole - fused, 64.0);
  }

  /** It frees its factors and makes nothing, so it waits for no other gradient. */
  @Test
  void theSchedulerUpdatesAtOnceWhereNothingIsClipped() {
    GraphBuilder b = new GraphBuilder(layer(true, Role.FEED));
    Tensor pixel = b.leaf(Role.FEED, "pixel", Shape.of(3, 1, 1, 2), DType.F32);
    Tensor dc = b.leaf(Role.FEED, "dc", Shape.of(3, 1, 1, 64), DType.F32);
    Linear.Conv2dWgrad conv =
        new Linear.Conv2dWgrad(Window.centred(3, 1), 1, Shape.of(64, 3, 3, 2), false);
    b.fetch("d/conv", b.add("d/conv", conv, pixel, dc));
    List<String> order =
        Scheduler.schedule(FuseDenseUpdates.apply(b.build())).nodes().stream()
            .map(node -> node.op().name())
            .filter(name -> !name.equals("constant"))
            .toList();
    assertEquals(List.of("denseUpdate", "columnSums", "adaBelief", "conv2dWgrad"), order);
  }

  @Test
  void refusalsNameTheOperationAndTheShapes() {
    Update.DenseUpdate op =
        new Update.DenseUpdate(1, new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE));
    Shape w = Shape.of(5, 2);
    Map<String, List<Shape>> refused = new LinkedHashMap<>();
    refused.put(
        "denseUpdate: takes 5 inputs, was given 4",
        List.of(w, Shape.of(3, 5), Shape.of(3, 2), Shape.of(1)));
    refused.put(
        "denseUpdate: input (3,5) and output gradient (4,2) differ in n",
        List.of(w, Shape.of(3, 5), Shape.of(4, 2), w, Shape.of(1)));
    refused.put(
        "denseUpdate: gradient or slot (2,5) must equal the parameter (5,2)",
        List.of(w, Shape.of(3, 2), Shape.of(3, 5), w, Shape.of(1)));
    refused.forEach(
        (message, shapes) ->
            assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> op.infer(shapes)).getMessage()));
  }
}
