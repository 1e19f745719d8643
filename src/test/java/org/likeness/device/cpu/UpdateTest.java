package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Optimizer;
import org.likeness.nn.Optimizer.Rule;

class UpdateTest {
  /** One scalar weight and its gradient under an optimiser. */
  private static Graph graph(Optimizer optimizer, int elements, DType dtype) {
    GraphBuilder b = new GraphBuilder();
    Tensor w = b.leaf(Role.PARAMETER, "w:0", Shape.of(elements), dtype);
    Tensor g = b.leaf(Role.FEED, "g", Shape.of(elements), dtype);
    return optimizer.update(b.build(), List.of(w), Map.of(w, g), 7);
  }

  private static Map<String, double[]> start(Graph graph, double weight) {
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor t : graph.leaves()) {
      double[] values = new double[(int) t.shape().elements()];
      java.util.Arrays.fill(values, t.name().equals("w:0") ? weight : 0);
      leaves.put(t.name(), values);
    }
    return leaves;
  }

  /** Spec model.md 9: w - 1 after each step for g = 0.5, -0.25, 1, 1e-6. */
  @ParameterizedTest
  @EnumSource(Rule.class)
  void followsTheConformanceVectors(Rule rule) {
    double[] expected =
        rule == Rule.RMSPROP
            ? new double[] {-1.58112883e-4, -8.43923397e-5, -2.25320908e-4, -2.25321056e-4}
            : new double[] {-1.75669747e-4, -2.35946740e-4, -4.17772805e-4, -5.80627518e-4};
    double[] gradients = {0.5, -0.25, 1, 1e-6};
    Graph graph = graph(Optimizer.constant("opt", rule, 5e-5), 1, DType.F64);
    Map<String, double[]> leaves = start(graph, 1);
    for (int i = 0; i < 4; i++) {
      leaves.put("g", new double[] {gradients[i]});
      leaves.putAll(Runner.run(graph, leaves));
      assertEquals(expected[i], leaves.get("w:0")[0] - 1, 5e-13, "step " + (i + 1));
    }
    assertEquals(4, leaves.get("opt/iters:0")[0]);
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void computesInF32WhatTheOracleComputes(Rule rule) {
    Optimizer clipped = new Optimizer("opt", rule, 1e-2, 500, 1, 1);
    int n = 3 * Blocks.SIZE + 17;
    Random random = new Random(3);
    Graph exact = graph(clipped, n, DType.F64);
    Graph fast = graph(clipped, n, DType.F32);
    Map<String, double[]> a = start(exact, 1);
    Map<String, double[]> b = start(fast, 1);
    for (int step = 0; step < 3; step++) {
      double[] g = random.doubles(n, -1, 1).map(v -> (float) v).toArray();
      a.put("g", g);
      b.put("g", g);
      a.putAll(Runner.run(exact, a));
      b.putAll(Runner.run(fast, b));
    }
    for (String name : new ArrayList<>(a.keySet())) {
      assertArrayEquals(a.get(name), b.get(name), 2e-6, name);
    }
  }

  /** Spec model.md 9: the factor is 1, 1/2, 0, 1/2, 1 at 0, 125, 250, 375, 500 steps. */
  @Test
  void cosineRateFollowsTheConformanceVectors() {
    Optimizer optimizer = new Optimizer("opt", Rule.RMSPROP, 1, 500, 0, 1);
    Graph graph = graph(optimizer, 1, DType.F64);
    Tensor rate =
        graph.nodes().stream()
            .flatMap(n -> n.outputs().stream())
            .filter(t -> t.name().equals("opt/rate"))
            .findFirst()
            .orElseThrow();
    Graph fetching = graph.fetching(Map.of("rate", rate));
    double[] counters = {499, 124, 249, 374};
    double[] expected = {1, 0.5, 0, 0.5};
    for (int i = 0; i < counters.length; i++) {
      Map<String, double[]> leaves = start(fetching, 1);
      leaves.put("opt/iters:0", new double[] {counters[i]});
      assertEquals(expected[i], Runner.run(fetching, leaves).get("rate")[0], 1e-12);
    }
  }

  @Test
  void clipsToTheCommonNormFromOneUp() {
    Optimizer optimizer = new Optimizer("opt", Rule.RMSPROP, 1, 0, 1, 1);
    Graph graph = graph(optimizer, 2, DType.F64);
    Map<String, double[]> leaves = start(graph, 0);
    leaves.put("g", new double[] {3, 4});
    double[] a = Runner.run(graph, leaves).get("opt/acc_w_0:0");
    assertArrayEquals(new double[] {0.1 * 0.36, 0.1 * 0.64}, a, 1e-15);
    leaves.put("g", new double[] {0.3, 0.4});
    a = Runner.run(graph, leaves).get("opt/acc_w_0:0");
    assertArrayEquals(new double[] {0.1 * 0.09, 0.1 * 0.16}, a, 1e-15);
  }

  @Test
  void lrDropoutMovesItsShareAndUpdatesEverySlot() {
    int n = 20000;
    Optimizer optimizer = new Optimizer("opt", Rule.ADABELIEF, 1e-3, 0, 0, 0.3);
    Graph graph = graph(optimizer, n, DType.F32);
    Map<String, double[]> leaves = start(graph, 0);
    leaves.put("g", new Random(1).doubles(n, 0.5, 1).toArray());
    Map<String, double[]> first = Runner.run(graph, leaves);
    long moved = java.util.Arrays.stream(first.get("w:0")).filter(v -> v != 0).count();
    assertEquals(0.3, moved / (double) n, 0.01); // deviation of the mean: 0.0032
    assertTrue(java.util.Arrays.stream(first.get("opt/ms_w_0:0")).allMatch(v -> v > 0));
    assertArrayEquals(first.get("w:0"), Runner.run(graph, leaves).get("w:0"), "same step");
    Map<String, double[]> exact = Runner.run(graph(optimizer, n, DType.F64), leaves);
    assertArrayEquals(exact.get("w:0"), first.get("w:0"), 1e-7, "the oracle moves the same ones");
    leaves.put("opt/iters:0", new double[] {1});
    Map<String, double[]> second = Runner.run(graph, leaves);
    long same = 0;
    for (int i = 0; i < n; i++) {
      same += (first.get("w:0")[i] != 0) == (second.get("w:0")[i] != 0) ? 1 : 0;
    }
    assertEquals(0.3 * 0.3 + 0.7 * 0.7, same / (double) n, 0.015);
  }
}
