package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.graph.Pointwise.Binary;

class DenseFactorsTest {
  private static final String LEAVES =
      """
      feed %x1 (4,3) f32 48 B in activations
      feed %x2 (4,3) f32 48 B in activations
      feed %dy1 (4,2) f32 32 B in activations
      feed %dy2 (4,2) f32 32 B in activations
      parameter %w (3,2) f32 24 B in parameters
      slot %a (3,2) f32 24 B in optimizer
      """;

  /** The gradients of two passes through one layer, summed, and the weight's update. */
  private static Graph twoPasses() {
    GraphBuilder b = new GraphBuilder();
    Tensor x1 = b.leaf(Role.FEED, "x1", Shape.of(4, 3), DType.F32);
    Tensor x2 = b.leaf(Role.FEED, "x2", Shape.of(4, 3), DType.F32);
    Tensor dy1 = b.leaf(Role.FEED, "dy1", Shape.of(4, 2), DType.F32);
    Tensor dy2 = b.leaf(Role.FEED, "dy2", Shape.of(4, 2), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(3, 2), DType.F32);
    Tensor a = b.leaf(Role.SLOT, "a", Shape.of(3, 2), DType.F32);
    Linear.DenseWgrad product = new Linear.DenseWgrad(1, true);
    List<Tensor> d1 = b.addAll("d1", product, List.of(x1, dy1));
    List<Tensor> d2 = b.addAll("d2", product, List.of(x2, dy2));
    Tensor dw = b.add("dw", new Binary(Binary.Kind.ADD), d1.get(0), d2.get(0));
    b.fetch("db", b.add("db", new Binary(Binary.Kind.ADD), d1.get(1), d2.get(1)));
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 1));
    b.addAll("u", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), List.of(w, dw, a, rate));
    return b.build();
  }

  @Test
  void theSumOfProductsIsOneProductOfTheJoinedFactors() {
    String rest =
        """
        %rate (1) f32 4 B in activations = constant [shape=(1), type=F32, value=1.0] ()
        writes %w, %a = rmsProp [rho=0.9, epsilon=1.0E-6, modifiers=Modifiers[clipped=false, \
        keep=1.0, seed=0, stream=0]] (%w, %dw, %a, %rate)
        fetch db = %db
        """;
    assertEquals(
        LEAVES
            + """
            %d1 (3,2) f32 24 B in activations, %d1.1 (2) f32 8 B in activations = denseWgrad \
            [scale=1.0, bias=true] (%x1, %dy1)
            %d2 (3,2) f32 24 B in activations, %d2.1 (2) f32 8 B in activations = denseWgrad \
            [scale=1.0, bias=true] (%x2, %dy2)
            %dw (3,2) f32 24 B in activations = add [kind=ADD] (%d1, %d2)
            %db (2) f32 8 B in activations = add [kind=ADD] (%d1.1, %d2.1)
            """
            + rest,
        GraphText.of(twoPasses()));
    assertEquals(
        LEAVES
            + """
            %dw/x (8,3) f32 96 B in activations = concat [axis=0] (%x1, %x2)
            %dw/dy (8,2) f32 64 B in activations = concat [axis=0] (%dy1, %dy2)
            %dw (3,2) f32 24 B in activations, %db (2) f32 8 B in activations = denseWgrad \
            [scale=1.0, bias=true] (%dw/x, %dw/dy)
            """
            + rest,
        GraphText.of(DenseFactors.apply(twoPasses())));
  }

  @Test
  void aProductThatTheHostReadsStaysAsItIs() {
    Graph graph = twoPasses();
    Tensor d1 = graph.nodes().getFirst().outputs().getFirst();
    Graph watched = graph.fetching(Map.of("d1", d1));
    assertEquals(watched, DenseFactors.apply(watched));
  }

  /** The gradient is formed next to its update, after the convolutions' whatever their layer. */
  @Test
  void theSchedulerFormsTheProductLast() {
    GraphBuilder b = new GraphBuilder(twoPasses());
    Tensor image = b.leaf(Role.FEED, "image", Shape.of(4, 8, 8, 2), DType.F32);
    Linear.Conv2dWgrad conv =
        new Linear.Conv2dWgrad(Window.centred(3, 1), 1, Shape.of(2, 3, 3, 2), false);
    b.fetch("dc", b.add("dc", conv, image, image));
    List<String> order =
        Scheduler.schedule(DenseFactors.apply(b.build())).nodes().stream()
            .map(n -> n.op().name())
            .filter(name -> name.matches(".*Wgrad|rmsProp"))
            .toList();
    assertEquals(List.of("conv2dWgrad", "denseWgrad", "rmsProp"), order);
  }
}
