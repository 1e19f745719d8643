package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OpCases;
import org.likeness.graph.DType;
import org.likeness.graph.Differentiator;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Op;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/** The gradient of every operation against central differences, in f64, over odd sizes. */
class GradientTest {
  /** Truncation is O(step^2) = 1e-10, cancellation 1e-16 / step = 1e-11, times curvature. */
  private static final double STEP = 1e-5;

  private static final double TOLERANCE = 2e-8;

  static List<OpCases.Case> cases() {
    return OpCases.differentiable();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesFiniteDifferences(OpCases.Case c) {
    Probe probe = new Probe(c);
    Map<String, double[]> leaves = probe.random(new Random(5));
    Map<String, double[]> analytic = Runner.run(probe.backward, leaves);
    for (int input = 0; input < c.inputs().size(); input++) {
      if (!probe.wanted.contains("x" + input)) {
        continue;
      }
      double[] values = leaves.get("x" + input);
      double[] gradient = analytic.get("d/x" + input);
      for (int i = 0; i < values.length; i++) {
        double kept = values[i];
        values[i] = kept + STEP;
        double above = probe.loss(leaves);
        values[i] = kept - STEP;
        double below = probe.loss(leaves);
        values[i] = kept;
        double numeric = (above - below) / (2 * STEP);
        double tolerance = TOLERANCE * (1 + Math.abs(numeric));
        assertEquals(numeric, gradient[i], tolerance, c + " input " + input + " element " + i);
      }
    }
  }

  /** A loss that weighs every output element differently. */
  private static final class Probe {
    final OpCases.Case c;
    final Graph forward;
    final Graph backward;
    final Set<String> wanted = new HashSet<>();

    Probe(OpCases.Case c) {
      this.c = c;
      GraphBuilder b = new GraphBuilder();
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < c.inputs().size(); i++) {
        inputs.add(b.leaf(Role.FEED, "x" + i, c.inputs().get(i), DType.F64));
      }
      List<Tensor> outputs = b.addAll("y", c.op(), inputs);
      Tensor loss = null;
      for (int i = 0; i < outputs.size(); i++) {
        Tensor weight = b.leaf(Role.FEED, "w" + i, outputs.get(i).shape(), DType.F64);
        Tensor product = b.add("p" + i, new Binary(Binary.Kind.MUL), outputs.get(i), weight);
        Tensor sum = b.add("s" + i, new Reduction.SumPerSample(1), product);
        loss = loss == null ? sum : b.add("sum", new Binary(Binary.Kind.ADD), loss, sum);
      }
      b.fetch("loss", loss);
      forward = b.build();
      boolean labels = c.op() instanceof Pointwise.Bce;
      boolean flat = c.op().equals(new Pointwise.Unary(Pointwise.Unary.Kind.SIGN));
      List<Tensor> asked = labels ? inputs.subList(0, 1) : flat ? List.of() : inputs;
      Differentiator.Result result = Differentiator.differentiate(forward, loss, asked);
      Map<String, Tensor> fetches = new LinkedHashMap<>();
      for (Tensor t : asked) {
        wanted.add(t.name());
        fetches.put("d/" + t.name(), result.of().get(t));
      }
      backward = result.graph().fetching(fetches);
    }

    Map<String, double[]> random(Random random) {
      Map<String, double[]> leaves = new HashMap<>();
      for (Tensor t : forward.leaves()) {
        boolean weight = t.name().startsWith("w");
        double low = weight ? -1 : c.low();
        double high = weight ? 1 : c.high();
        leaves.put(t.name(), random.doubles(t.shape().elements(), low, high).toArray());
      }
      return leaves;
    }

    double loss(Map<String, double[]> leaves) {
      double sum = 0;
      for (double v : Runner.run(forward, leaves).get("loss")) {
        sum += v;
      }
      return sum;
    }
  }

  @Test
  void everyOperationHasACase() {
    Set<Class<?>> covered = new HashSet<>();
    Stream.concat(OpCases.differentiable().stream(), OpCases.others().stream())
        .forEach(c -> covered.add(c.op().getClass()));
    Set<Class<?>> missing = new HashSet<>(records(Op.class));
    missing.removeAll(covered);
    missing.removeIf(Update.class::isAssignableFrom); // UpdateTest
    missing.remove(Pointwise.Cast.class); // castsAndItsGradient
    assertTrue(missing.isEmpty(), "no case for " + missing);
  }

  @Test
  void castsAndItsGradient() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(3), DType.F64);
    Tensor y = b.add("y", new Pointwise.Cast(DType.F32), x);
    Differentiator.Result result = Differentiator.differentiate(b.build(), y, List.of(x));
    Tensor gradient = result.of().get(x);
    assertEquals(DType.F64, gradient.dtype());
    Graph graph = result.graph().fetching(Map.of("y", y, "d", gradient));
    Map<String, double[]> out = Runner.run(graph, Map.of("x", new double[] {0.1, -2, 3}));
    assertEquals((float) 0.1, out.get("y")[0]);
    assertEquals(1, out.get("d")[2]);
  }

  @Test
  void stopGradientStops() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(3), DType.F64);
    Tensor stopped = b.add("stopped", new Pointwise.StopGradient(), x);
    Tensor y = b.add("y", new Binary(Binary.Kind.MUL), x, stopped);
    Differentiator.Result result = Differentiator.differentiate(b.build(), y, List.of(x));
    Graph graph = result.graph().fetching(Map.of("d", result.of().get(x)));
    double[] d = Runner.run(graph, Map.of("x", new double[] {2, 3, 5})).get("d");
    assertEquals(3, d[1]);
  }

  @Test
  void refusesWhatHasNoGradient() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(2, 3), DType.F64);
    Tensor y = b.add("y", new Reduction.PixelNormGrad(1e-6), x, x);
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), y);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Differentiator.differentiate(b.build(), loss, List.of(x)));
    assertEquals("pixelNormGrad: is not differentiable", e.getMessage());
  }

  private static List<Class<?>> records(Class<?> type) {
    if (type.isRecord()) {
      return List.of(type);
    }
    List<Class<?>> found = new ArrayList<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      found.addAll(records(permitted));
    }
    return found;
  }
}
