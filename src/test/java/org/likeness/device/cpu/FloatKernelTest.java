package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OpCases;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** Every f32 kernel against the f64 oracle, over odd sizes and over several blocks. */
class FloatKernelTest {
  static Stream<OpCases.Case> cases() {
    return Stream.of(OpCases.differentiable(), OpCases.others(), large()).flatMap(List::stream);
  }

  /** Sizes that leave one block, and rows longer than a filter's reach. */
  private static List<OpCases.Case> large() {
    Shape x = Shape.of(3, 61, 67, 3);
    Shape mask = Shape.of(3, 61, 67, 1);
    List<OpCases.Case> cases = new ArrayList<>();
    for (Activation a : OpCases.activations()) {
      cases.add(new OpCases.Case(new Pointwise.Activate(a), x));
      cases.add(new OpCases.Case(new Pointwise.ActivateGrad(a), x, x));
    }
    cases.add(new OpCases.Case(new Binary(Binary.Kind.MUL), x, mask));
    cases.add(new OpCases.Case(new Binary(Binary.Kind.ADD), x, x));
    cases.add(new OpCases.Case(new Reduction.SumPerSample(1e-3), x));
    cases.add(new OpCases.Case(new Reduction.PixelNorm(1e-6), Shape.of(3, 8192 + 17)));
    cases.add(new OpCases.Case(new Reduction.Statistics(), Shape.of(3, 17 * 4096 + 5)));
    cases.add(
        new OpCases.Case(new Reduction.PixelNormGrad(1e-6), Shape.of(2, 8209), Shape.of(2, 8209)));
    cases.add(new OpCases.Case(new Movement.DepthToSpace(2), Shape.of(3, 31, 17, 88)));
    cases.add(new OpCases.Case(new Movement.SpaceToDepth(2), Shape.of(3, 62, 34, 22)));
    cases.add(new OpCases.Case(new Image.GaussianBlur(8, 33), List.of(mask), 0, 1));
    for (int taps : new int[] {5, 22, 35}) {
      cases.add(new OpCases.Case(Image.Ssim.of(taps), List.of(x, x), 0, 1));
      cases.add(
          new OpCases.Case(
              new Image.SsimGrad(Image.Ssim.of(taps)),
              List.of(x, x, Shape.of(3, 3), Shape.of(3, 3)),
              0,
              1));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheOracle(OpCases.Case c) {
    Random random = new Random(11);
    GraphBuilder b = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    Map<String, double[]> leaves = new HashMap<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      boolean weight =
          i == 1 && (c.op() instanceof Linear.Conv2d || c.op() instanceof Linear.Conv2dDgrad);
      Role role = weight ? Role.PARAMETER : Role.FEED; // only parameters are stored blocked
      inputs.add(b.leaf(role, "x" + i, c.inputs().get(i), DType.F32));
      double[] values =
          random
              .doubles(c.inputs().get(i).elements(), c.low(), c.high())
              .map(v -> (float) v)
              .toArray();
      leaves.put("x" + i, values);
    }
    List<Tensor> outputs = b.addAll("y", c.op(), inputs);
    outputs.forEach(t -> b.fetch(t.name(), t));
    Map<String, double[]> ours = Runner.run(b.build(), leaves);
    double[][] in = inputs.stream().map(t -> leaves.get(t.name())).toArray(double[][]::new);
    double[][] expected = Oracle.run(c.op(), c.inputs(), in);
    for (int i = 0; i < expected.length; i++) {
      compare(c, expected[i], ours.get(outputs.get(i).name()));
    }
  }

  /**
   * f32 has a relative step of 6e-8; sums of up to a few thousand terms and the differences inside
   * SSIM's variances amplify it, measured to 2e-5 of the largest element.
   */
  private static void compare(OpCases.Case c, double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length);
    double scale = 0;
    for (double v : expected) {
      scale = Math.max(scale, Math.abs(v));
    }
    double tolerance = 3e-5 * scale + 1e-7;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      String message =
          c
              + " element "
              + i
              + ": "
              + actual[i]
              + " for "
              + expected[i]
              + ", "
              + error / tolerance
              + " of the tolerance";
      assertTrue(error <= tolerance, message);
    }
  }
}
