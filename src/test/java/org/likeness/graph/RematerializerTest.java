package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RematerializerTest {
  private static final Activation LEAKY = Activation.leakyRelu(0.1);
  static final PlanTarget TARGET =
      new PlanTarget(
          graph -> DeviceProfile.plain("test", Long.MAX_VALUE),
          node -> Work.flops(node) + Work.traffic(node));

  /**
   * Layers {@code l0}, {@code l1} and so on of these channels, down to a loss, and its gradient.
   */
  static Graph chain(int side, int... channels) {
    return Levers.DEFAULT.apply(described(side, channels));
  }

  /** The same, not in order. */
  static Graph described(int side, int... channels) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(2, side, side, channels[0]), DType.F32);
    List<Tensor> weights = new ArrayList<>();
    for (int i = 0; i + 1 < channels.length; i++) {
      Shape shape = Shape.of(channels[i + 1], 3, 3, channels[i]);
      Tensor w = b.leaf(Role.PARAMETER, "w" + i, shape, DType.F32);
      weights.add(w);
      Linear.Conv2d conv = new Linear.Conv2d(Window.centred(3, 1), 1, false, Linear.Epilogue.NONE);
      x =
          b.add(
              "net/l" + i + "/act", new Pointwise.Activate(LEAKY), b.add("net/l" + i, conv, x, w));
    }
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), x);
    Differentiator.Result backward = Differentiator.differentiate(b.build(), loss, weights);
    GraphBuilder all = new GraphBuilder(backward.graph());
    all.fetch("loss", loss);
    weights.forEach(w -> all.fetch("d" + w.name(), backward.of().get(w)));
    return all.build();
  }

  private static String nodes(Graph graph) {
    return graph.nodes().stream()
        .map(
            n ->
                n.outputs().getFirst().name()
                    + n.inputs().stream()
                        .map(Tensor::name)
                        .collect(Collectors.joining(" ", " (", ")\n")))
        .collect(Collectors.joining());
  }

  @Test
  void aValueIsMadeAgainRightBeforeItsFirstBackwardReader() {
    Graph graph = chain(4, 1, 2, 2, 2);
    String forward =
        """
        d/loss ()
        net/l0/act (x w0)
        net/l1/act (net/l0/act w1)
        net/l2/act (net/l1/act w2)
        loss (net/l2/act)
        d/net/l2/act (d/loss)
        d/net/l2 (net/l2/act d/net/l2/act)
        """;
    assertEquals(
        forward
            + """
            d/w2 (net/l1/act d/net/l2)
            d/net/l1/act (d/net/l2 w2)
            d/net/l1 (net/l1/act d/net/l1/act)
            d/w1 (net/l0/act d/net/l1)
            d/net/l0/act (d/net/l1 w1)
            d/net/l0 (net/l0/act d/net/l0/act)
            d/w0 (x d/net/l0)
            """,
        nodes(graph));
    assertEquals(
        forward
            + """
            net/l1/act/again (net/l0/act w1)
            d/w2 (net/l1/act/again d/net/l2)
            d/net/l1/act (d/net/l2 w2)
            d/net/l1 (net/l1/act/again d/net/l1/act)
            d/w1 (net/l0/act d/net/l1)
            d/net/l0/act (d/net/l1 w1)
            d/net/l0 (net/l0/act d/net/l0/act)
            d/w0 (x d/net/l0)
            """,
        nodes(Rematerializer.of(graph, List.of("net/l1"))));
  }

  /** What nothing kept stands between runs again as a whole, once. */
  @Test
  void neighboursAreMadeAgainTogether() {
    String text = nodes(Rematerializer.of(chain(4, 1, 2, 2, 2), List.of("net/l0", "net/l1")));
    assertTrue(
        text.contains(
            """
            d/net/l2 (net/l2/act d/net/l2/act)
            net/l0/act/again (x w0)
            net/l1/act/again (net/l0/act/again w1)
            d/w2 (net/l1/act/again d/net/l2)
            """),
        text);
    assertTrue(text.contains("d/w1 (net/l0/act/again d/net/l1)\n"), text);
  }

  @Test
  void refusesALayerThatIsNotThere() {
    Graph graph = chain(4, 1, 2, 2);
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> Rematerializer.of(graph, List.of("net/l7")))
            .getMessage();
    assertEquals("recompute: there is no block net/l7; there are net/l0, net/l1", message);
  }

  private static double seconds(Graph graph) {
    return TARGET.seconds(graph);
  }

  static long slab(Graph graph) {
    return MemoryPlan.plan(graph, TARGET.profile().apply(graph)).slabBytes();
  }

  private static long peak(Graph graph) {
    return Liveness.peak(graph, TARGET.profile().apply(graph));
  }

  /** On a chain no choice of values to make again once is cheaper within the same bytes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void noChoiceOfValuesIsCheaperWithinTheSameBytes(long seed) {
    Graph graph = chain(16, new Random(seed).ints(8, 1, 12).toArray());
    Timeline timeline = new Timeline(graph);
    List<Tensor> values =
        RecomputeBlocks.of(timeline).stream().flatMap(b -> b.values().stream()).toList();
    assertTrue(values.size() >= 6, values.toString());
    RecomputeChains chains =
        RecomputeChains.of(timeline, TARGET.profile().apply(graph), TARGET.seconds());
    NavigableMap<Long, Double> found = new TreeMap<>();
    for (int units = 1; units <= RecomputeChains.SLOTS; units++) {
      Graph chosen = Clones.insert(timeline, chains.kept(units)).graph();
      found.merge(peak(chosen), seconds(chosen), Math::min);
    }
    long rounding = values.size() * chains.unit(); // each decision is rounded up to a unit
    for (int choice = 0; choice < 1 << values.size(); choice++) {
      Map<Integer, List<Boolean>> kept = new HashMap<>();
      for (int i = 0; i < values.size(); i++) {
        if ((choice >> i & 1) == 1) {
          kept.put(values.get(i).id(), List.of(false));
        }
      }
      Graph chosen = Clones.insert(timeline, kept).graph();
      double cheapest =
          found.headMap(peak(chosen) + rounding, true).values().stream()
              .min(Double::compare)
              .orElse(Double.POSITIVE_INFINITY);
      assertTrue(
          cheapest <= seconds(chosen) * (1 + 1e-9),
          "%d bytes: %s where %s would do, %s at first"
              .formatted(peak(chosen), cheapest, seconds(chosen), seconds(graph)));
    }
  }

  @Test
  void findsNothingWhereNoRecomputationIsEnough() {
    Graph graph = chain(16, 1, 4, 4, 4, 4);
    assertEquals(Optional.empty(), Rematerializer.within(graph, TARGET, slab(graph) / 4));
    assertEquals(Optional.of(graph), Rematerializer.within(graph, TARGET, slab(graph)));
  }

  @Test
  void levelsAreReadAsTheyAreWritten() {
    for (String text : List.of("none", "within 1000 bytes", "encoder/down1,decoder/res0")) {
      assertEquals(text, Recompute.parse(text).toString());
    }
    assertEquals(
        new Recompute.Blocks(List.of("encoder/down1", "b")), Recompute.parse("encoder.down1, b"));
  }
}
