package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.device.cuda.TensorCoreConvolution.Operand;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/** The tensor-core kernels against the same product, in f64, of the rounded operands. */
@OnCuda
class TensorCoreResultTest {
  @Test
  void bf16TilesAndSplitsAreRight(TestGpu gpu) {
    everyTileAndSplit(gpu, Operand.BF16);
  }

  @Test
  void f16TilesAndSplitsAreRight(TestGpu gpu) {
    everyTileAndSplit(gpu, Operand.F16);
  }

  @Test
  void f16TilesAndSplitsOfTuringAreRight(TestGpu gpu) {
    everyTileAndSplit(gpu, Operand.F16_SM75);
  }

  @Test
  void tf32TilesAndSplitsAreRight(TestGpu gpu) {
    everyTileAndSplit(gpu, Operand.TF32);
  }

  @Test
  void everyChannelShapeOfTheStandardWorkloadsIsRight(TestGpu gpu) {
    List<Operand> ampere = List.of(Operand.BF16, Operand.F16, Operand.TF32);
    standardShapes(gpu, ampere, Long.MAX_VALUE);
  }

  /** Not the largest weights: the index maps are those of the newer cards' kernels. */
  @Test
  void theStandardWorkloadsThinnerShapesAreRightOnTuring(TestGpu gpu) {
    standardShapes(gpu, List.of(Operand.F16_SM75), 1 << 20);
  }

  private static void everyTileAndSplit(TestGpu gpu, Operand operand) {
    Set<String> tiles = new HashSet<>();
    try (NodeRun run = open(gpu, operand)) {
      List<LinearCases.Case> cases = new ArrayList<>(LinearCases.awkward());
      cases.addAll(wholeChunks());
      for (LinearCases.Case c : cases) {
        Node node = c.node(type(operand));
        double[][] in = NodeRun.random(node, 7);
        double[][] expected = expected(node, operand, in);
        for (Candidate candidate : candidates(node, operand)) {
          run.check(node, candidate, in, expected, tolerance(node));
          tiles.add(ConvolutionGeometry.of(node).direction() + " " + candidate.variant().name());
        }
      }
    }
    assertEquals(6 + 6 + 4, tiles.size(), tiles.toString());
  }

  /** One f64 product serves every type: the operands' few bits are exact in each. */
  private static void standardShapes(TestGpu gpu, List<Operand> operands, long weights) {
    try (NodeRun run = open(gpu, operands.getFirst())) {
      for (LinearCases.Case c : LinearCases.standard(3)) {
        if (ConvolutionGeometry.of(c.node()).w().elements() > weights) {
          continue;
        }
        double[][] in = coarse(c.node());
        double[][] expected = NodeRun.expected(c.node(), in);
        for (Operand operand : operands) {
          Node node = c.node(type(operand));
          run.check(node, candidates(node, operand).getFirst(), in, expected, tolerance(node));
        }
      }
    }
  }

  /** Returns multiples of 1/64 up to 1.5. */
  private static double[][] coarse(Node node) {
    Random random = new Random(11);
    return node.inputs().stream()
        .map(t -> random.ints(t.shape().elements(), -96, 97).mapToDouble(v -> v / 64.0).toArray())
        .toArray(double[][]::new);
  }

  /** Channels in multiples of 8, beside multiples of the tiles; depths of several steps. */
  private static List<LinearCases.Case> wholeChunks() {
    List<LinearCases.Case> cases = new ArrayList<>();
    cases.addAll(LinearCases.layer(Shape.of(2, 7, 5, 24), 40, 3, 1));
    cases.addAll(LinearCases.layer(Shape.of(1, 9, 7, 16), 24, 5, 2));
    cases.addAll(LinearCases.layer(Shape.of(2, 6, 6, 8), 8, 3, 2));
    cases.addAll(LinearCases.layer(Shape.of(3, 13, 11, 40), 136, 1, 1));
    cases.addAll(LinearCases.layer(Shape.of(1, 1, 1, 64), 72, 3, 1));
    cases.addAll(LinearCases.dense(17, 264, 72));
    cases.addAll(LinearCases.dense(130, 8, 16));
    Shape x = Shape.of(2, 5, 4, 16);
    Shape w = Shape.of(24, 3, 3, 16);
    Shape y = Shape.of(2, 5, 4, 24);
    for (Activation a :
        List.of(Activation.leakyRelu(0.2), Activation.X_COS_X, Activation.SIGMOID)) {
      Conv2d conv = new Conv2d(Window.centred(3, 1), 1.3, true, new Epilogue(true, a));
      cases.add(new LinearCases.Case(conv, x, w, Shape.of(24), y));
    }
    return cases;
  }

  private static NodeRun open(TestGpu gpu, Operand operand) {
    gpu.require(operand == Operand.F16_SM75 ? 75 : 86);
    return new NodeRun();
  }

  private static DType type(Operand operand) {
    return switch (operand) {
      case BF16 -> DType.BF16;
      case F16, F16_SM75 -> DType.F16;
      case TF32 -> DType.F32;
    };
  }

  /** A card that small is filled by any product: the choice then spares multiply-adds. */
  private static List<Candidate> candidates(Node node, Operand operand) {
    int capability = operand == Operand.F16_SM75 ? 75 : 86;
    Target target = new Target(capability, 2, 64 << 10, true);
    return ConvolutionChoice.candidates(node, target).stream()
        .filter(c -> c.variant() instanceof TensorCoreConvolution)
        .toList();
  }

  /** TF32 rounds the two operands of the product; the bias gradient sums what is stored. */
  private static double[][] expected(Node node, Operand operand, double[][] in) {
    if (operand != Operand.TF32) {
      return NodeRun.expected(node, in);
    }
    double[][] rounded = in.clone();
    for (int i = 0; i < 2; i++) {
      rounded[i] = in[i].clone();
      for (int j = 0; j < rounded[i].length; j++) {
        int bits = Float.floatToRawIntBits((float) in[i][j]);
        rounded[i][j] = Float.intBitsToFloat(bits + 0x1000 & -0x2000);
      }
    }
    double[][] expected = NodeRun.expected(node, rounded);
    if (expected.length == 2) {
      expected[1] = NodeRun.expected(node, in)[1];
    }
    return expected;
  }

  /**
   * What summing on tensor cores may cost, 2^-22 (depth / 16 + 2) times the largest partial sum
   * (spec softcuda.md 5): operands below 1.5 make sums that wander like 0.75 sqrt(depth), four
   * times that at most here. x cos x multiplies an error by its slope, up to its argument's size.
   */
  private static NodeRun.Tolerance tolerance(Node node) {
    boolean steep =
        node.op() instanceof Conv2d conv && conv.epilogue().activation().equals(Activation.X_COS_X);
    int depth = ConvolutionGeometry.of(node).depth();
    double sums = 0x1p-22 * (depth / 16.0 + 2) * (3 * Math.sqrt(depth) + 4) * (steep ? 40 : 1);
    return new NodeRun.Tolerance(sums, TensorCoreResultTest::storing);
  }

  /** Half a unit in the last place of 8 (bf16) or 11 (f16) bits; f32 is in the sum's share. */
  private static double storing(DType type) {
    return switch (type) {
      case BF16 -> 0x1p-8;
      case F16 -> 0x1p-11;
      default -> 0x1p-23;
    };
  }
}
