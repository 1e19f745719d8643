package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.LossScalingCases;
import org.likeness.device.OneRun;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Philox;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Optimizer;
import org.likeness.nn.Optimizer.Rule;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/** Optimisers on the device against the f64 oracle. */
@OnCuda
class UpdateKernelTest {
  private static final long SEED = 7;

  /** More tensors than one launch takes; sizes around groups of 4 and chunks of 8192. */
  private static final int[] SIZES = sizes();

  private static CudaDevice device;
  private static CpuDevice oracle;

  private static int[] sizes() {
    int[] sizes = new int[90];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = 1 + i * 7 % 50;
    }
    sizes[3] = 8191;
    sizes[4] = 8192;
    sizes[5] = 8193;
    sizes[82] = 16387;
    return sizes;
  }

  @BeforeAll
  static void open() {
    device = SoftDevice.open();
    oracle = new CpuDevice();
  }

  @AfterAll
  static void close(TestGpu gpu) {
    oracle.close();
    device.close();
    assertEquals("", gpu.liveObjects());
  }

  private static Graph graph(Optimizer optimizer, DType dtype) {
    GraphBuilder b = new GraphBuilder();
    Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
    for (int i = 0; i < SIZES.length; i++) {
      Tensor w = b.leaf(Role.PARAMETER, "w" + i + ":0", Shape.of(SIZES[i]), dtype);
      gradients.put(w, b.leaf(Role.FEED, "g" + i, Shape.of(SIZES[i]), dtype));
    }
    return optimizer.update(b.build(), new ArrayList<>(gradients.keySet()), gradients, SEED);
  }

  private static Map<String, double[]> start(Graph graph, double weight, double counter) {
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor t : graph.leaves()) {
      double[] values = new double[(int) t.shape().elements()];
      Arrays.fill(values, t.name().startsWith("w") ? weight : 0);
      leaves.put(t.name(), values);
    }
    leaves.put("opt/iters:0", new double[] {counter});
    return leaves;
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void followsTheOracleWithEveryOption(Rule rule) {
    Optimizer optimizer = new Optimizer("opt", rule, 1e-2, 500, 1, 0.3);
    Graph exact = graph(optimizer, DType.F64);
    Graph fast = graph(optimizer, DType.F32);
    Map<String, double[]> a = start(exact, 1, 100);
    Map<String, double[]> b = start(fast, 1, 100);
    Random random = new Random(3);
    for (int step = 0; step < 2; step++) {
      for (int i = 0; i < SIZES.length; i++) {
        double[] g = random.doubles(SIZES[i], -1, 1).map(v -> (float) v).toArray();
        a.put("g" + i, g);
        b.put("g" + i, g);
      }
      a.putAll(OneRun.of(oracle, exact, a));
      b.putAll(OneRun.of(device, fast, b));
    }
    assertEquals(102, b.get("opt/iters:0")[0]);
    for (String name : a.keySet()) {
      OpComparison.compare(rule + " " + name, a.get(name), b.get(name), new Tolerance(2e-6, 1e-12));
    }
  }

  /** A draw that fell on the other side would leave a whole step's difference. */
  @ParameterizedTest
  @EnumSource(Rule.class)
  void movesExactlyTheElementsThatTheDrawsChoose(Rule rule) {
    double keep = 0.3;
    long counter = 5_000_000_000L;
    Graph graph = graph(new Optimizer("opt", rule, 1, 0, 0, keep), DType.F32);
    Map<String, double[]> leaves = start(graph, 0, counter);
    for (int i = 0; i < SIZES.length; i++) {
      Arrays.fill(leaves.get("g" + i), 1);
    }
    Map<String, double[]> after = OneRun.of(device, graph, leaves);
    for (int i = 0; i < SIZES.length; i++) {
      long stream = (counter + 1 << 20) + i;
      double[] w = after.get("w" + i + ":0");
      for (int j = 0; j < w.length; j++) {
        boolean drawn = Philox.uniform(SEED, stream, j) < keep;
        assertEquals(drawn, w[j] != 0, "tensor " + i + " element " + j);
      }
    }
  }

  @Test
  void cosineRateFollowsTheCounter() {
    Graph graph = graph(new Optimizer("opt", Rule.RMSPROP, 1, 500, 0, 1), DType.F32);
    Tensor rate =
        graph.nodes().stream()
            .flatMap(n -> n.outputs().stream())
            .filter(t -> t.name().equals("opt/rate"))
            .findFirst()
            .orElseThrow();
    Graph fetching = graph.fetching(Map.of("rate", rate));
    for (long t : new long[] {0, 124, 249, 374, 499, 77, 1_000_000_077L}) {
      double expected = (Math.cos((t + 1) % 500 * 2 * Math.PI / 500) + 1) / 2;
      double actual = OneRun.of(device, fetching, start(fetching, 1, t)).get("rate")[0];
      assertEquals(expected, actual, 2e-7, "after " + t);
    }
  }

  @Test
  void gradientsBelowTheLimitAreNotClipped() {
    Optimizer optimizer = new Optimizer("opt", Rule.RMSPROP, 1, 0, 1, 1);
    Graph graph = graph(optimizer, DType.F32);
    Map<String, double[]> leaves = start(graph, 0, 0);
    leaves.get("g5")[8192] = 0.5;
    double small = OneRun.of(device, graph, leaves).get("opt/acc_w5_0:0")[8192];
    assertEquals(0.1 * 0.25, small, 1e-8);
    leaves.get("g82")[16386] = 4;
    leaves.get("g5")[8192] = 3;
    Map<String, double[]> after = OneRun.of(device, graph, leaves);
    assertEquals(0.1 * 0.36, after.get("opt/acc_w5_0:0")[8192], 1e-8);
    assertEquals(0.1 * 0.64, after.get("opt/acc_w82_0:0")[16386], 1e-8);
    assertTrue(after.get("w0:0")[0] == 0);
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void undoesTheLossScaleAndSkipsStepsThatOverflow(Rule rule) {
    LossScalingCases.theScaleIsUndone(device, rule, 0);
    LossScalingCases.theScaleIsUndone(device, rule, 1);
    LossScalingCases.anOverflowSkipsTheStep(device, rule, Double.POSITIVE_INFINITY);
    LossScalingCases.anOverflowSkipsTheStep(device, rule, Double.NaN);
    LossScalingCases.patienceDoublesTheScale(device);
  }
}
