package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.saehd.Adversaries;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;

class PrecisionTest {
  private static final String LEAVES =
      """
      feed %x (1,2,2,1) f32 16 B in activations
      parameter %w (2,3,3,1) f32 72 B in parameters
      parameter %b (2) f32 8 B in parameters
      parameter %head (1,1,1,2) f32 8 B in parameters
      """;

  /** Two convolutions, the second the head of a face, and the gradients of both. */
  private static Graph twoLayers() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 2, 2, 1), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(2, 3, 3, 1), DType.F32);
    Tensor bias = b.leaf(Role.PARAMETER, "b", Shape.of(2), DType.F32);
    Tensor head = b.leaf(Role.PARAMETER, "head", Shape.of(1, 1, 1, 2), DType.F32);
    Tensor y = b.add("y", Linear.Conv2d.of(Window.centred(3, 1)), x, w, bias);
    Tensor a = b.add("a", new Pointwise.Activate(Activation.leakyRelu(0.1)), y);
    Linear.Conv2d plain = new Linear.Conv2d(Window.centred(1, 1), 1, false, Linear.Epilogue.NONE);
    Tensor logits = b.add("logits", plain, a, head);
    Tensor face = b.add("face", new Pointwise.Activate(Activation.SIGMOID), logits);
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), face);
    Differentiator.Result backward =
        Differentiator.differentiate(b.build(), loss, List.of(w, bias, head));
    Map<String, Tensor> fetches = new LinkedHashMap<>();
    fetches.put("dw", backward.of().get(w));
    fetches.put("dhead", backward.of().get(head));
    return backward.graph().fetching(fetches);
  }

  @Test
  void convolutionsComputeIn16BitsAndAllThatFollowsAHeadInF32() {
    assertEquals(
        LEAVES
            + """
            %x/bf16 (1,2,2,1) bf16 8 B in activations = cast [type=BF16] (%x)
            %w/bf16 (2,3,3,1) bf16 36 B in activations = cast [type=BF16] (%w)
            %y (1,2,2,2) bf16 16 B in activations = conv2d [window=s1 p1, scale=1.0, bias=true, \
            epilogue=Epilogue[residual=false, activation=none]] (%x/bf16, %w/bf16, %b)
            %a (1,2,2,2) bf16 16 B in activations = activate [activation=leakyRelu 0.1] (%y)
            %head/bf16 (1,1,1,2) bf16 4 B in activations = cast [type=BF16] (%head)
            %logits (1,2,2,1) f32 16 B in activations = conv2d [window=s1 p0, scale=1.0, \
            bias=false, epilogue=Epilogue[residual=false, activation=none]] (%a, %head/bf16)
            %face (1,2,2,1) f32 16 B in activations = activate [activation=sigmoid] (%logits)
            %loss (1) f32 4 B in activations = sumPerSample [scale=1.0] (%face)
            %d/loss (1) f32 4 B in activations = constant [shape=(1), type=F32, value=1.0] ()
            %d/face (1,2,2,1) f32 16 B in activations = spreadPerSample [scale=1.0, \
            shape=(1,2,2,1)] (%d/loss)
            %d/logits (1,2,2,1) f32 16 B in activations = activateGrad [activation=sigmoid] \
            (%face, %d/face)
            %d/logits/bf16 (1,2,2,1) bf16 8 B in activations = cast [type=BF16] (%d/logits)
            %d/head (1,1,1,2) f32 8 B in activations = conv2dWgrad [window=s1 p0, scale=1.0, \
            weight=(1,1,1,2), bias=false] (%a, %d/logits/bf16)
            %d/a (1,2,2,2) bf16 16 B in activations = conv2dDgrad [window=s1 p0, scale=1.0, \
            input=(1,2,2,2)] (%d/logits/bf16, %head/bf16)
            %d/y (1,2,2,2) bf16 16 B in activations = activateGrad [activation=leakyRelu 0.1] \
            (%a, %d/a)
            %d/w (2,3,3,1) f32 72 B in activations, %d/w.1 (2) f32 8 B in activations = \
            conv2dWgrad [window=s1 p1, scale=1.0, weight=(2,3,3,1), bias=true] (%x/bf16, %d/y)
            fetch dw = %d/w
            fetch dhead = %d/head
            """,
        GraphText.of(Precision.apply(twoLayers(), DType.BF16)));
  }

  @Test
  void onlySixteenBitTypesAreMixedWithF32() {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> Precision.apply(twoLayers(), DType.F64));
    assertEquals("mixed precision is of bf16 or f16, not of F64", refusal.getMessage());
  }

  /** Whatever a model is made of: what the host and the optimiser see is f32, and casts are few. */
  @ParameterizedTest
  @CsvSource({"df,BF16", "df-udtc,BF16", "liae-ud,F16", "liae-udt,BF16"})
  void leavesFetchesAndGradientsStayF32(String archi, DType type) {
    Architecture architecture =
        Architecture.of(archi, 64, new Architecture.Dims(32, 16, 16, 16)).equalised();
    Adversaries.Patch patch = new Adversaries.Patch(8, 4, 0.1, 0, true);
    StepSettings settings =
        StepSettings.defaults(2)
            .with(new Adversaries(archi.startsWith("df") ? 0.1 : 0, 0.1, patch))
            .in(type);
    TrainingStep step = TrainingStep.describe(architecture, settings);
    Graph graph = step.fetching(List.copyOf(step.graph().fetches().keySet()), true);
    graph.leaves().forEach(t -> assertTrue(t.dtype() == DType.F32 || t.dtype() == DType.I64));
    graph.fetches().forEach((name, t) -> assertEquals(DType.F32, t.dtype(), name));
    Map<Integer, Node> producers = graph.producers();
    Set<List<Object>> casts = new HashSet<>();
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Pointwise.Cast op -> {
          Tensor from = node.inputs().getFirst();
          boolean back =
              producers.get(from.id()) != null
                  && producers.get(from.id()).op() instanceof Pointwise.Cast;
          assertTrue(!back, "cast there and back: " + GraphText.line(node));
          boolean again = !casts.add(List.of(from.id(), op.type()));
          assertTrue(!again || from.role() == Role.PARAMETER, GraphText.line(node));
        }
        case Linear.Conv2d op -> expect(node, 2, type);
        case Linear.Conv2dDgrad op -> expect(node, 2, type);
        case Linear.Conv2dWgrad op -> {
          expect(node, 2, type);
          node.outputs().forEach(t -> assertEquals(DType.F32, t.dtype()));
        }
        case Linear op -> expect(node, node.inputs().size(), DType.F32);
        case Reduction op -> expect(node, node.inputs().size(), DType.F32);
        case Image op -> expect(node, node.inputs().size(), DType.F32);
        case Movement op -> expect(node, node.inputs().size(), node.output().dtype());
        case Pointwise.Activate op when op.activation().kind() == Activation.Kind.SIGMOID ->
            expect(node, 1, DType.F32);
        case Pointwise op ->
            node.inputs().forEach(t -> assertEquals(node.output().dtype(), t.dtype()));
        case Update op -> {}
      }
    }
    assertTrue(!casts.isEmpty());
  }

  private static void expect(Node node, int operands, DType type) {
    node.inputs()
        .subList(0, operands)
        .forEach(t -> assertEquals(type, t.dtype(), GraphText.line(node)));
  }
}
