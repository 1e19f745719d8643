package org.likeness.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Op;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/**
 * One operation on a device against the oracle: the same graph in f64 on the processor, on the same
 * inputs, which are first rounded to the type that the device computes in.
 */
public final class OpComparison {
  private OpComparison() {}

  /**
   * How far a result may lie off: {@code relative} of the largest magnitude in the output plus
   * {@code absolute}.
   */
  public record Tolerance(double relative, double absolute) {
    /** Half a step of the type's rounding at the largest value, and f32's own on top. */
    public static Tolerance of(DType type) {
      return switch (type) {
        case BF16 -> new Tolerance(0x1p-8 + 3e-5, 1e-6);
        case F16 -> new Tolerance(0x1p-11 + 3e-5, 1e-6);
        default -> new Tolerance(3e-5, 1e-7);
      };
    }
  }

  /** Checks every output of one operation whose floating-point inputs are of {@code type}. */
  public static void check(
      OpCases.Case c, DType type, Device device, Device oracle, Tolerance tolerance) {
    Map<String, double[]> leaves = values(c, type);
    Graph graph = graph(c, type);
    Map<String, double[]> actual = OneRun.of(device, graph, leaves);
    Map<String, double[]> expected = OneRun.of(oracle, graph(c, DType.F64), leaves);
    for (String name : graph.fetches().keySet()) {
      compare(c + " in " + type + ", " + name, expected.get(name), actual.get(name), tolerance);
    }
  }

  private static Map<String, double[]> values(OpCases.Case c, DType type) {
    Random random = new Random(11);
    Map<String, double[]> leaves = new HashMap<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      double[] values =
          random
              .doubles(c.inputs().get(i).elements(), c.low(), c.high())
              .map(v -> HostValues.round(v, type))
              .toArray();
      leaves.put("x" + i, values);
    }
    return leaves;
  }

  private static Graph graph(OpCases.Case c, DType type) {
    GraphBuilder b = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      inputs.add(b.leaf(Role.FEED, "x" + i, c.inputs().get(i), type(c.op(), i, type)));
    }
    b.addAll("y", c.op(), inputs).forEach(t -> b.fetch(t.name(), t));
    return b.build();
  }

  /** Biases stay f32 whatever the precision. */
  private static DType type(Op op, int input, DType type) {
    boolean bias =
        input == 2
            && (op instanceof Linear.Conv2d conv && conv.bias()
                || op instanceof Linear.Dense dense && dense.bias());
    return bias && type != DType.F64 ? DType.F32 : type;
  }

  /** Fails with the first element that lies outside, both values and the share of the tolerance. */
  public static void compare(String what, double[] expected, double[] actual, Tolerance tolerance) {
    assertEquals(expected.length, actual.length, what);
    double scale = 0;
    for (double v : expected) {
      scale = Math.max(scale, Math.abs(v));
    }
    double allowed = tolerance.relative() * scale + tolerance.absolute();
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      if (!(error <= allowed)) {
        assertTrue(
            false,
            "%s element %d: %s for %s, %.2f of the tolerance"
                .formatted(what, i, actual[i], expected[i], error / allowed));
      }
    }
  }
}
