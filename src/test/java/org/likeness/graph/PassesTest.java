package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Pointwise.Activate;
import org.likeness.graph.Pointwise.Binary;

/** Each pass by its text before and after. */
class PassesTest {
  private static final String LEAVES =
      """
      feed %x (1,4,4,2) f32 128 B in activations
      parameter %w (2,3,3,2) f32 144 B in parameters
      parameter %b (2) f32 8 B in parameters
      """;

  /** Convolution, residual add, activation, and a branch that nobody reads. */
  private static Graph block() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 4, 4, 2), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(2, 3, 3, 2), DType.F32);
    Tensor bias = b.leaf(Role.PARAMETER, "b", Shape.of(2), DType.F32);
    Tensor y = b.add("y", Conv2d.of(Window.centred(3, 1)), x, w, bias);
    Tensor dead = b.add("dead", new Pointwise.Affine(2, 0), x);
    b.add("deader", new Activate(Activation.SIGMOID), dead);
    Tensor stopped = b.add("stopped", new Pointwise.StopGradient(), x);
    Tensor sum = b.add("sum", new Binary(Binary.Kind.ADD), stopped, y);
    b.fetch("z", b.add("z", new Activate(Activation.leakyRelu(0.2)), sum));
    return b.build();
  }

  @Test
  void printsOneNodePerLine() {
    assertEquals(
        LEAVES
            + """
            %y (1,4,4,2) f32 128 B in activations = conv2d [window=s1 p1, scale=1.0, bias=true, \
            epilogue=Epilogue[residual=false, activation=none]] (%x, %w, %b)
            %dead (1,4,4,2) f32 128 B in activations = affine [scale=2.0, shift=0.0] (%x)
            %deader (1,4,4,2) f32 128 B in activations = activate [activation=sigmoid] (%dead)
            %stopped (1,4,4,2) f32 128 B in activations = stopGradient (%x)
            %sum (1,4,4,2) f32 128 B in activations = add [kind=ADD] (%stopped, %y)
            %z (1,4,4,2) f32 128 B in activations = activate [activation=leakyRelu 0.2] (%sum)
            fetch z = %z
            """,
        GraphText.of(block()));
  }

  @Test
  void pruneDropsDeadNodesAndStopGradients() {
    assertEquals(
        LEAVES
            + """
            %y (1,4,4,2) f32 128 B in activations = conv2d [window=s1 p1, scale=1.0, bias=true, \
            epilogue=Epilogue[residual=false, activation=none]] (%x, %w, %b)
            %sum (1,4,4,2) f32 128 B in activations = add [kind=ADD] (%x, %y)
            %z (1,4,4,2) f32 128 B in activations = activate [activation=leakyRelu 0.2] (%sum)
            fetch z = %z
            """,
        GraphText.of(Prune.apply(block())));
  }

  @Test
  void fusionFoldsAddAndActivationIntoTheConvolution() {
    assertEquals(
        LEAVES
            + """
            %z (1,4,4,2) f32 128 B in activations = conv2d [window=s1 p1, scale=1.0, bias=true, \
            epilogue=Epilogue[residual=true, activation=leakyRelu 0.2]] (%x, %w, %b, %x)
            fetch z = %z
            """,
        GraphText.of(FuseEpilogues.apply(Prune.apply(block()))));
  }

  @Test
  void fusionLeavesWhatSomeoneElseReads() {
    Graph pruned = Prune.apply(block());
    Tensor y = pruned.nodes().getFirst().output();
    Graph watched = pruned.fetching(Map.of("z", pruned.fetches().get("z"), "y", y));
    assertEquals(watched, FuseEpilogues.apply(watched));
  }

  @Test
  void maskIsReadThroughTheShuffle() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 2, 2, 4), DType.F32);
    Tensor g = b.leaf(Role.FEED, "g", Shape.of(1, 4, 4, 1), DType.F32);
    Tensor y = b.add("y", new Activate(Activation.leakyRelu(0.1)), x);
    Tensor shuffled = b.add("shuffled", new Movement.DepthToSpace(2), y);
    Tensor dy = b.add("dy", new Movement.SpaceToDepth(2), g);
    b.fetch("dx", b.add("dx", new Pointwise.ActivateGrad(Activation.leakyRelu(0.1)), y, dy));
    b.fetch("shuffled", shuffled);
    assertEquals(
        """
        feed %x (1,2,2,4) f32 64 B in activations
        feed %g (1,4,4,1) f32 64 B in activations
        %y (1,2,2,4) f32 64 B in activations = activate [activation=leakyRelu 0.1] (%x)
        %shuffled (1,4,4,1) f32 64 B in activations = depthToSpace [block=2] (%y)
        %dy/masked (1,4,4,1) f32 64 B in activations = activateGrad [activation=leakyRelu 0.1] \
        (%shuffled, %g)
        %dx (1,2,2,4) f32 64 B in activations = spaceToDepth [block=2] (%dy/masked)
        fetch dx = %dx
        fetch shuffled = %shuffled
        """,
        GraphText.of(MaskThroughShuffle.apply(b.build())));
  }

  @Test
  void schedulerRunsUpdatesEarlyButNeverBeforeAReaderOfTheOldWeight() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(8, 40), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(40, 40), DType.F32);
    Tensor a = b.leaf(Role.SLOT, "a", Shape.of(40, 40), DType.F32);
    Tensor rate = b.add("rate", new Pointwise.Constant(Shape.of(1), DType.F32, 1));
    Tensor dw = b.add("dw", new Linear.DenseWgrad(1, false), x, x);
    Tensor dx = b.add("dx", new Linear.DenseDgrad(1), x, w);
    Tensor later = b.add("later", new Pointwise.Affine(2, 0), dx);
    b.addAll("u", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), List.of(w, dw, a, rate));
    b.fetch("later", later);
    List<String> order =
        Scheduler.schedule(b.build()).nodes().stream().map(n -> n.op().name()).toList();
    assertEquals(List.of("constant", "denseWgrad", "denseDgrad", "rmsProp", "affine"), order);
  }

  @Test
  void refusalsNameTheOperationAndBothShapes() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 64, 64, 3), DType.F32);
    Tensor w = b.leaf(Role.FEED, "w", Shape.of(8, 3, 3, 16), DType.F32);
    Tensor v = b.leaf(Role.FEED, "v", Shape.of(4, 12), DType.F32);
    Conv2d conv = new Conv2d(Window.centred(3, 1), 1, false, Linear.Epilogue.NONE);
    refused(
        "conv2d: input (4,64,64,3) has 3 channels, weight (8,3,3,16) expects 16",
        () -> b.add("y", conv, x, w));
    refused(
        "depthToSpace: input (4,64,64,3) has 3 channels, not a multiple of 4",
        () -> b.add("y", new Movement.DepthToSpace(2), x));
    refused("dense: takes 3 inputs, was given 1", () -> b.add("y", new Linear.Dense(1, true), v));
    refused(
        "mul: second operand (4,12) does not repeat to (4,64,64,3)",
        () -> b.add("y", new Binary(Binary.Kind.MUL), x, v));
    refused(
        "concat: inputs (4,64,64,3) and (8,3,3,16) differ outside axis 3",
        () -> b.add("y", new Movement.Concat(3), x, w));
    refused(
        "reshape4D: input (4,12) does not hold 2 x 2 x 2 elements",
        () -> b.add("y", new Movement.Reshape4D(2, 2, 2), v));
    refused(
        "ssim: image (4,64,64,3) is smaller than the filter of 65 taps",
        () -> b.addAll("y", Image.Ssim.of(65), List.of(x, x)));
    refused("shape (0,3) has an extent below 1", () -> Shape.of(0, 3));
  }

  private static void refused(String message, Supplier<Object> call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::get).getMessage());
  }

  @Test
  void graphRefusesAValueReadBeforeItIsMade() {
    Tensor x = new Tensor(1, "x", Shape.of(2), DType.F32, Role.VALUE);
    Tensor y = new Tensor(2, "y", Shape.of(2), DType.F32, Role.VALUE);
    Node node = new Node(new Pointwise.Affine(1, 0), List.of(x), List.of(y));
    refused(
        "affine reads %x (2) f32 before anything makes it",
        () -> new Graph(List.of(), List.of(node), Map.of()));
  }
}
