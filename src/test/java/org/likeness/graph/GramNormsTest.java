package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GramNormsTest {
  /** A dense layer with bias and one that is not dense, clipped together and updated. */
  private static Graph clipped(DType factors) {
    return clipped(factors, 5, 2);
  }

  private static Graph clipped(DType factors, int in, int out) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(3, in), factors);
    Tensor dy = b.leaf(Role.FEED, "dy", Shape.of(3, out), factors);
    Tensor dv = b.leaf(Role.FEED, "dv", Shape.of(3, 4), DType.F32);
    List<Tensor> gradients =
        new ArrayList<>(b.addAll("d/w", new Linear.DenseWgrad(0.5, true), List.of(x, dy)));
    gradients.add(dv);
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 1));
    Tensor clip = b.add("clip", new Update.ClipFactor(0.1), gradients.toArray(Tensor[]::new));
    b.fetch("clip", clip);
    List<String> names = List.of("w", "b", "v");
    for (int i = 0; i < names.size(); i++) {
      Shape shape = gradients.get(i).shape();
      Tensor parameter = b.leaf(Role.PARAMETER, names.get(i), shape, DType.F32);
      Tensor slot = b.leaf(Role.SLOT, names.get(i) + "/a", shape, DType.F32);
      b.addAll(
          "u",
          new Update.RmsProp(0.9, 1e-6, new Update.Modifiers(true, 1, 0, i)),
          List.of(parameter, gradients.get(i), slot, rate, clip));
    }
    return b.build();
  }

  private static String nodes(Graph graph) {
    return GraphText.of(graph)
        .lines()
        .filter(line -> !line.matches("(feed|parameter|slot|fetch) .*"))
        .map(line -> line.replaceAll(", modifiers=.*?\\]\\]", "]") + "\n")
        .reduce("", String::concat);
  }

  @Test
  void aNumberStandsForTheGradientsOfADenseLayer() {
    String updates =
        """
        writes %w, %w/a = rmsProp [rho=0.9, epsilon=1.0E-6] (%w, %d/w, %w/a, %rate, %clip)
        writes %b, %b/a = rmsProp [rho=0.9, epsilon=1.0E-6] (%b, %d/w.1, %b/a, %rate, %clip)
        writes %v, %v/a = rmsProp [rho=0.9, epsilon=1.0E-6] (%v, %dv, %v/a, %rate, %clip)
        """;
    String product =
        """
        %d/w (5,2) f32 40 B in activations, %d/w.1 (2) f32 8 B in activations = denseWgrad \
        [scale=0.5, bias=true] (%x, %dy)
        %rate (1) f32 4 B in activations = constant [shape=(1), type=F32, value=1.0] ()
        """;
    assertEquals(
        product
            + "%clip (1) f32 4 B in activations = clipFactor [limit=0.1] (%d/w, %d/w.1, %dv)\n"
            + updates,
        nodes(clipped(DType.F32)));
    assertEquals(
        product
            + """
            %gram/d/w/x (3,3) f32 36 B in activations = denseDgrad [scale=1.0] (%x, %x)
            %gram/d/w/dy (3,3) f32 36 B in activations = denseDgrad [scale=1.0] (%dy, %dy)
            %gram/d/w/weighed (3,3) f32 36 B in activations = affine [scale=0.25, shift=1.0] \
            (%gram/d/w/x)
            %gram/d/w/products (3,3) f32 36 B in activations = mul [kind=MUL] (%gram/d/w/weighed, \
            %gram/d/w/dy)
            %gram/d/w/sum (1,1) f32 4 B in activations = sumTo [shape=(1,1)] (%gram/d/w/products)
            %gram/d/w/size (1,1) f32 4 B in activations = abs [kind=ABS] (%gram/d/w/sum)
            %gram/d/w (1,1) f32 4 B in activations = sqrt [kind=SQRT] (%gram/d/w/size)
            %clip (1) f32 4 B in activations = clipFactor [limit=0.1] (%gram/d/w, %dv)
            """
            + updates,
        nodes(GramNorms.apply(clipped(DType.F32))));
  }

  /** Bfloat16 matrices would round the norm to three digits. */
  @Test
  void theMatricesOfHalfPrecisionFactorsAreF32() {
    Graph graph = GramNorms.apply(clipped(DType.BF16));
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Linear.DenseDgrad) {
        assertEquals(DType.F32, node.inputs().getFirst().dtype());
        assertEquals(DType.F32, node.output().dtype());
      }
    }
  }

  /** A gradient that the host reads is whole anyway. */
  @Test
  void aGradientThatSomebodyElseReadsIsSquaredItself() {
    Graph graph = clipped(DType.F32);
    Map<String, Tensor> fetches = new LinkedHashMap<>(graph.fetches());
    fetches.put("db", graph.nodes().getFirst().outputs().getLast());
    Graph watched = graph.fetching(fetches);
    assertEquals(watched, GramNorms.apply(watched));
  }

  /** The gradient is formed next to its update, when all others are gone. */
  @Test
  void theProductWaitsForTheFactor() {
    Graph graph = Scheduler.schedule(GramNorms.apply(clipped(DType.F32, 50, 20)));
    List<String> order = graph.nodes().stream().map(node -> node.op().name()).toList();
    assertEquals(
        List.of("clipFactor", "denseWgrad"),
        order.stream()
            .filter(name -> name.equals("clipFactor") || name.equals("denseWgrad"))
            .toList());
  }
}
