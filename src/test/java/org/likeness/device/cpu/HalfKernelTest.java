package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.HostValues;
import org.likeness.device.OneRun;
import org.likeness.device.OpCases;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Precision;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;

/** What the processor computes in bf16, fast where it can, against the f64 oracle. */
class HalfKernelTest {
  private static CpuDevice device;

  @BeforeAll
  static void open() {
    device = new CpuDevice();
  }

  @AfterAll
  static void close() {
    device.close();
  }

  static Stream<OpCases.Case> cases() {
    return Stream.of(OpCases.differentiable(), OpCases.others(), large())
        .flatMap(List::stream)
        .filter(
            c ->
                c.op() instanceof Linear
                    || c.op() instanceof Movement
                    || c.op() instanceof Pointwise);
  }

  /** Sizes that leave one block, odd in the last. */
  private static List<OpCases.Case> large() {
    Shape x = Shape.of(3, 61, 67, 3);
    List<OpCases.Case> cases = new ArrayList<>();
    for (Activation a : OpCases.activations()) {
      cases.add(new OpCases.Case(new Pointwise.Activate(a), x));
      cases.add(new OpCases.Case(new Pointwise.ActivateGrad(a), x, x));
    }
    cases.add(new OpCases.Case(new Binary(Binary.Kind.ADD), x, x));
    cases.add(new OpCases.Case(new Movement.DepthToSpace(2), Shape.of(3, 31, 17, 88)));
    cases.add(new OpCases.Case(new Movement.SpaceToDepth(2), Shape.of(3, 62, 34, 22)));
    Window window = Window.centred(3, 1);
    Shape y = Shape.of(2, 16, 16, 48);
    Shape w = Shape.of(48, 3, 3, 40);
    Shape in = Shape.of(2, 16, 16, 40);
    cases.add(new OpCases.Case(new Linear.Conv2dDgrad(window, 1, in), y, w));
    cases.add(new OpCases.Case(new Linear.Conv2dWgrad(window, 1, w, true), in, y));
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheOracle(OpCases.Case c) {
    Tolerance once = Tolerance.of(DType.BF16);
    Tolerance allowed = new Tolerance(roundings(c) * once.relative(), once.absolute());
    OpComparison.check(c, DType.BF16, device, device, allowed);
  }

  /**
   * oneDNN's input gradient is scaled, and its convolution goes through x cos x, after the result
   * was rounded once; the slope of x cos x reaches the magnitude of x, here about 11.
   */
  private static int roundings(OpCases.Case c) {
    return switch (c.op()) {
      case Linear.Conv2dDgrad op -> 2;
      case Linear.Conv2d op when op.epilogue().activation().equals(Activation.X_COS_X) -> 12;
      default -> 1;
    };
  }

  /**
   * A weight that is stored blocked, its cast, and a convolution of 16-bit operands with a residual
   * that makes f32: nothing but the operands is rounded.
   */
  @ParameterizedTest
  @ValueSource(ints = {3, 8, 40})
  void makesF32OfSixteenBitOperands(int outputs) {
    Shape x = Shape.of(2, 9, 7, 5);
    Shape y = Shape.of(2, 9, 7, outputs);
    Shape w = Shape.of(outputs, 3, 3, 5);
    Map<String, double[]> leaves =
        Map.of(
            "x", halves(x),
            "w", halves(w),
            "b", halves(Shape.of(outputs)),
            "r", halves(y));
    Map<String, double[]> actual =
        OneRun.of(device, Precision.apply(convolution(x, w, y, DType.F32), DType.BF16), leaves);
    Map<String, double[]> expected = OneRun.of(device, convolution(x, w, y, DType.F64), leaves);
    OpComparison.compare("y", expected.get("y"), actual.get("y"), Tolerance.of(DType.F32));
  }

  private static Graph convolution(Shape x, Shape w, Shape y, DType type) {
    GraphBuilder b = new GraphBuilder();
    Linear.Epilogue epilogue = new Linear.Epilogue(true, Activation.leakyRelu(0.1));
    Linear.Conv2d op = new Linear.Conv2d(Window.centred(3, 1), 0.5, true, epilogue);
    Tensor input = b.leaf(Role.FEED, "x", x, type);
    Tensor weight = b.leaf(Role.PARAMETER, "w", w, type);
    Tensor bias = b.leaf(Role.PARAMETER, "b", Shape.of(y.c()), type);
    b.fetch("y", b.add("y", op, input, weight, bias, b.leaf(Role.FEED, "r", y, type)));
    return b.build();
  }

  private static double[] halves(Shape shape) {
    DoubleStream draws = new Random(5).doubles(shape.elements(), -1.5, 1.5);
    return draws.map(v -> HostValues.round(v, DType.BF16)).toArray();
  }

  /** Ties go to even, and neither the order within a block nor an odd end is lost. */
  @Test
  void roundsToTheNearestAndKeepsTheOrder() {
    int n = Blocks.SIZE + 7;
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = HostValues.round(i * 0.37 - 500, DType.BF16);
    }
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(1, n), DType.BF16);
    b.fetch("y", b.add("y", new Pointwise.Affine(1.5, 0), leaf));
    double[] y = OneRun.of(device, b.build(), Map.of("x", x)).get("y");
    for (int i = 0; i < n; i++) {
      assertEquals(HostValues.round(1.5 * x[i], DType.BF16), y[i], "element " + i);
    }
  }
}
