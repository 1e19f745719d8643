package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.likeness.cuda.ElementType;
import org.likeness.device.cuda.Engines.Engine;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/** Whose kernels a shape gets, and what is asked of them, with libraries that are only data. */
class TacticsTest {
  private static final Target OURS = new Target(86, 2, 64 << 10, false);
  private static final Shape X = Shape.of(2, 5, 4, 16);
  private static final Shape W = Shape.of(24, 3, 3, 16);
  private static final Shape Y = Shape.of(2, 5, 4, 24);
  private static final Window WINDOW = Window.centred(3, 1);

  /** Libraries with two engines for every problem. */
  private record Two(boolean preferred) implements Engines {
    @Override
    public List<Engine> of(Problem problem) {
      return List.of(new Engine("first", 100), new Engine("second", 1 << 20));
    }
  }

  private static Target target(boolean preferred) {
    return OURS.with(new Two(preferred));
  }

  private static Node conv(Activation activation, DType type) {
    Conv2d op = new Conv2d(WINDOW, 0.7, true, new Epilogue(true, activation));
    return new LinearCases.Case(op, X, W, Shape.of(24), Y).node(type);
  }

  private static String name(Node node, Target target) {
    return Tactics.choose(node, target).name();
  }

  @Test
  void autoTakesOursUntilSomethingWasMeasured() {
    Node node = conv(Activation.NONE, DType.F32);
    assertEquals(name(node, OURS), name(node, target(false)));
    assertFalse(Tactics.known(node, target(false)));
    String key = Tactics.key(node, OURS);
    assertEquals("forward f32 x(2,5,4,16) w(24,3,3,16) s1 p1 scaled bias residual", key);
    for (String winner : List.of("cuDNN/second", "cuDNN+epilogue/first", "f32_32x32/1")) {
      Tuning tuning = new Tuning(Map.of(key, winner));
      assertEquals(winner, name(node, target(false).with(tuning)));
      assertTrue(Tactics.known(node, target(false).with(tuning)));
    }
  }

  @Test
  void aWinnerThatIsNoLongerOfferedIsForgotten() {
    Node node = conv(Activation.NONE, DType.F32);
    for (String winner : List.of("cuDNN/third", "cuBLASLt/first", "f32_1x1/1")) {
      Tuning tuning = new Tuning(Map.of(Tactics.key(node, OURS), winner));
      assertEquals(name(node, OURS), name(node, target(false).with(tuning)));
      assertFalse(Tactics.known(node, target(false).with(tuning)), winner);
    }
    Tuning theirs = new Tuning(Map.of(Tactics.key(node, OURS), "cuDNN/first"));
    assertEquals(name(node, OURS), name(node, OURS.with(theirs)));
  }

  @Test
  void cudnnTakesWhatTheLibraryThinksFastestAndOursForTheRest() {
    Node node = conv(Activation.leakyRelu(0.1), DType.F32);
    assertEquals("cuDNN/first", name(node, target(true)));
    Tuning ours = new Tuning(Map.of(Tactics.key(node, OURS), "f32_32x32/1"));
    assertEquals("cuDNN/first", name(node, target(true).with(ours)));
    Engines nothing =
        new Engines() {
          @Override
          public List<Engine> of(Problem problem) {
            return List.of();
          }

          @Override
          public boolean preferred() {
            return true;
          }
        };
    assertEquals(name(node, OURS), name(node, OURS.with(nothing)));
    assertEquals("f32_32x32/1", name(node, OURS.with(nothing).with(ours)));
  }

  /** cuDNN has no x cos x. */
  @Test
  void whatALibraryCannotSayIsLeftToOurEpilogue() {
    assertEquals(
        List.of("cuDNN+epilogue/first", "cuDNN+epilogue/second"),
        names(conv(Activation.X_COS_X, DType.F32)));
    assertEquals(
        List.of("cuDNN/first", "cuDNN/second", "cuDNN+epilogue/first", "cuDNN+epilogue/second"),
        names(conv(Activation.SIGMOID, DType.BF16)));
    Node dense = LinearCases.dense(3, 5, 7).getFirst().node(DType.F16);
    assertEquals("cuBLASLt/first", names(dense).getFirst());
    Conv2d bare = new Conv2d(WINDOW, 1, false, Epilogue.NONE);
    assertEquals(
        List.of("cuDNN/first", "cuDNN/second"), names(new LinearCases.Case(bare, X, W).node()));
    assertEquals(List.of(), names(conv(Activation.NONE, DType.F64)));
  }

  private static List<String> names(Node node) {
    return EngineTactic.of(node, target(false)).stream().map(Tactic::name).toList();
  }

  @Test
  void problemsAreTheNodesOwn() {
    Node wgrad = LinearCases.layer(Shape.of(2, 7, 5, 6), 9, 5, 2).getLast().node(DType.BF16);
    Problem.Convolution problem =
        assertInstanceOf(Problem.Convolution.class, Problem.fused(wgrad, true).orElseThrow());
    assertEquals(ElementType.BF16, problem.convolution().type());
    assertEquals(ElementType.F32, problem.convolution().result());
    assertFalse(problem.convolution().tf32());
    assertEquals(0.7, problem.convolution().epilogue().scale());
    assertEquals("Input[n=2, h=7, w=5, c=6]", problem.convolution().geometry().x().toString());
    assertEquals("Filter[k=9, r=5, s=5]", problem.convolution().geometry().w().toString());
    assertEquals(4, problem.convolution().geometry().outputHeight());

    List<String> products = new ArrayList<>();
    for (LinearCases.Case c : LinearCases.dense(3, 5, 7)) {
      Problem.Product product = (Problem.Product) Problem.plain(c.node(), true).orElseThrow();
      assertTrue(product.product().tf32());
      products.add(product.product().sizes() + " " + product.product().transposes());
    }
    assertEquals(
        List.of(
            "Sizes[m=3, n=7, k=5] Transposes[a=false, b=false]",
            "Sizes[m=3, n=5, k=7] Transposes[a=false, b=true]",
            "Sizes[m=5, n=7, k=3] Transposes[a=true, b=false]"),
        products);
  }

  /** Inputs lie at 1, 2, ..., outputs at 101, ..., the workspace at 1001. */
  @Test
  void callsAreGivenTheNodesAddressesAndKernelsWhatTheyDeclare() {
    Node node = conv(Activation.leakyRelu(0.1), DType.F16);
    List<Command> fused = lower(node, "cuDNN/second");
    assertEquals(1, fused.size());
    EngineCall call = (EngineCall) fused.getFirst();
    assertEquals(new EngineCall.Buffers(1, 2, 101, 3, 4, 1001), call.buffers());

    List<Command> plain = lower(node, "cuDNN+epilogue/first");
    assertEquals(2, plain.size());
    assertEquals(
        new EngineCall.Buffers(1, 2, 101, 0, 0, 1001), ((EngineCall) plain.getFirst()).buffers());
    Launch epilogue = (Launch) plain.getLast();
    PtxEntries.of("epilogue", "sm75").accept(epilogue, "epilogue");
    assertEquals("epilogue_f16", epilogue.entry().name());

    Node wgrad = LinearCases.layer(X, 24, 3, 1).getLast().node(DType.BF16);
    List<Command> gradient = lower(wgrad, "cuDNN/first");
    assertEquals(
        new EngineCall.Buffers(1, 2, 101, 0, 0, 1001),
        ((EngineCall) gradient.getFirst()).buffers());
    List<String> sums = new ArrayList<>();
    for (Command command : gradient.subList(1, gradient.size())) {
      PtxEntries.of("reduction", "sm75").accept((Launch) command, "bias gradient");
      sums.add(((Launch) command).entry().name());
    }
    assertEquals(List.of("sum_columns_bf16", "sum_finish_f32"), sums);
  }

  @Test
  void theWorkspaceServesTheEngineAndTheSumAfterIt() {
    Node wgrad = LinearCases.layer(X, 24, 3, 1).getLast().node(DType.BF16);
    long sum = EngineTactic.biasGradient(wgrad).orElseThrow().workspaceBytes();
    assertEquals(2 * 24 * Double.BYTES, sum);
    List<Long> bytes =
        EngineTactic.of(wgrad, target(true)).stream().map(Tactic::workspaceBytes).toList();
    assertEquals(List.of(sum, 1L << 20, sum, 1L << 20), bytes);
  }

  private static List<Command> lower(Node node, String name) {
    EngineTactic tactic =
        EngineTactic.of(node, target(false)).stream()
            .filter(t -> t.name().equals(name))
            .findFirst()
            .orElseThrow();
    List<Long> inputs = LongStream.rangeClosed(1, node.inputs().size()).boxed().toList();
    List<Long> outputs = LongStream.range(101, 101 + node.outputs().size()).boxed().toList();
    return EngineLowering.lower(
        (Linear) node.op(), new Operands(node, inputs, outputs, 1001), tactic);
  }
}
