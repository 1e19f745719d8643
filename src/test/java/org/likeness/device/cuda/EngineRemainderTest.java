package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OpCases;
import org.likeness.device.cuda.Engines.Engine;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** What our kernels do after a library's engine, with kernels of ours in the engine's place. */
@OnSoftCuda
class EngineRemainderTest {
  private static final Window ONE = Window.centred(1, 1);
  private static NodeRun run;

  @BeforeAll
  static void open(SoftCuda softCuda) {
    softCuda.reset("cc=86");
    run = new NodeRun();
  }

  @AfterAll
  static void close(SoftCuda softCuda) {
    run.close();
    assertEquals("", softCuda.liveObjects());
  }

  /** Elements that are no whole loads, channels in fours and not, more than one block. */
  static Stream<Shape> images() {
    return Stream.of(
        Shape.of(1, 1, 1, 1),
        Shape.of(1, 3, 5, 3),
        Shape.of(2, 3, 3, 4),
        Shape.of(1, 3, 7, 5),
        Shape.of(3, 5, 1, 12),
        Shape.of(1, 17, 23, 8),
        Shape.of(1, 9, 31, 13));
  }

  /** The weight is the identity, so that the product is the input, exact in every type. */
  @ParameterizedTest
  @MethodSource("images")
  void theEpilogueIsScaleBiasResidualAndActivation(Shape image) {
    Shape weight = Shape.of(image.c(), 1, 1, image.c());
    for (Activation activation : OpCases.activations()) {
      for (boolean residual : new boolean[] {false, true}) {
        for (boolean bias : new boolean[] {false, true}) {
          Conv2d conv = new Conv2d(ONE, 0.7, bias, new Epilogue(residual, activation));
          List<Shape> shapes = new ArrayList<>(List.of(image, weight));
          if (bias) {
            shapes.add(Shape.of(image.c()));
          }
          if (residual) {
            shapes.add(image);
          }
          Linear plain = new Conv2d(ONE, 1, false, Epilogue.NONE);
          for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
            check(new LinearCases.Case(conv, shapes).node(type), plain);
          }
        }
      }
    }
  }

  private static void check(Node node, Linear plain) {
    double[][] in = NodeRun.random(node, 5);
    int channels = node.inputs().getFirst().shape().c();
    Arrays.setAll(in[1], i -> i % (channels + 1) == 0 ? 1 : 0);
    double[][] out =
        run.cuda(
            node,
            in,
            0,
            o -> {
              Node product = new Node(plain, node.inputs().subList(0, 2), node.outputs());
              Operands operands =
                  new Operands(product, o.inputs().subList(0, 2), o.outputs(), o.workspace());
              return withoutEngine(plain, operands, o);
            });
    NodeRun.compare(node.toString(), node, out, NodeRun.expected(node, in), tolerance());
  }

  /** One rounding to the type, and f32's own: sums below 5, whose cosine has the slope 5. */
  private static NodeRun.Tolerance tolerance() {
    return new NodeRun.Tolerance(
        2e-6,
        type ->
            switch (type) {
              case BF16 -> 0x1p-8;
              case F16 -> 0x1p-11;
              default -> 0x1p-22;
            });
  }

  private static List<Launch> withoutEngine(Linear product, Operands operands, Operands whole) {
    Target target = new Target(86, 2, 64 << 10, false);
    ConvolutionChoice.Candidate unsplit =
        ConvolutionChoice.candidates(operands.node(), target).stream()
            .filter(c -> c.workspaceBytes() == 0)
            .findFirst()
            .orElseThrow();
    List<Launch> launches = new ArrayList<>(LinearLowering.lower(product, operands, unsplit));
    Problem problem = Problem.plain(whole.node(), false).orElseThrow();
    EngineTactic tactic = new EngineTactic(problem, new Engine("none", 0), false, 0);
    for (Command c : EngineLowering.lower((Linear) whole.node().op(), whole, tactic)) {
      if (c instanceof Launch launch) {
        launches.add(launch);
      }
    }
    return launches;
  }

  static Stream<LinearCases.Case> weightGradients() {
    List<LinearCases.Case> cases = new ArrayList<>();
    for (Shape y : images().toList()) {
      Shape x = y.with(3, 2);
      Shape w = Shape.of(y.c(), 1, 1, 2);
      cases.add(new LinearCases.Case(new Linear.Conv2dWgrad(ONE, 1, w, true), x, y));
    }
    Shape many = Shape.of(1, 120, 125, 3);
    Linear wgrad = new Linear.Conv2dWgrad(ONE, 1, Shape.of(3, 1, 1, 1), true);
    cases.add(new LinearCases.Case(wgrad, many.with(3, 1), many));
    Linear dense = new Linear.DenseWgrad(1, true);
    cases.add(new LinearCases.Case(dense, Shape.of(1, 3), Shape.of(1, 5)));
    cases.add(new LinearCases.Case(dense, Shape.of(5, 3), Shape.of(5, 1)));
    cases.add(new LinearCases.Case(dense, Shape.of(50, 3), Shape.of(50, 70)));
    return cases.stream();
  }

  /** Whatever the operands' type, the gradient is f32. */
  @ParameterizedTest
  @MethodSource("weightGradients")
  void theBiasGradientIsASumOfTheOutputGradient(LinearCases.Case c) {
    for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
      Node node = c.node(type);
      double[][] in = NodeRun.random(node, 7);
      long workspace = EngineTactic.biasGradient(node).orElseThrow().workspaceBytes();
      double[][] out = run.cuda(node, in, workspace, o -> withoutEngine((Linear) node.op(), o, o));
      double[][] expected = NodeRun.expected(node, in);
      double terms = node.inputs().get(1).shape().elements();
      NodeRun.Tolerance rounding = new NodeRun.Tolerance(1e-6 * terms, t -> 0x1p-22);
      NodeRun.compare(node + " in " + type, node, out, expected, rounding);
    }
  }
}
