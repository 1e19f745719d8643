package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.device.HostValues;
import org.likeness.device.OneRun;
import org.likeness.device.OpCases.Case;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Liveness;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/** Elementwise operations, moves and sums on the device against the f64 oracle. */
@OnCuda
class ElementwiseKernelTest {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static CudaDevice device;
  private static CpuDevice oracle;

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

  private static Stream<Arguments> cases() {
    return TYPES.stream()
        .flatMap(type -> ElementwiseCases.all().stream().map(c -> Arguments.of(type, c)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void agreesWithTheOracle(DType type, Case c) {
    OpComparison.check(c, type, device, oracle, Tolerance.of(type));
  }

  private static Stream<Arguments> overwriting() {
    List<Case> cases = new ArrayList<>(ElementwiseCases.pointwise());
    cases.addAll(ElementwiseCases.repeated());
    cases.removeIf(c -> c.op().overwrites().isEmpty());
    return TYPES.stream().flatMap(type -> cases.stream().map(c -> Arguments.of(type, c)));
  }

  /**
   * The inputs are made by another node and die here, so the output lies where one of them does.
   */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("overwriting")
  void writesOverAnInputThatDies(DType type, Case c) {
    Map<String, double[]> leaves = new HashMap<>();
    Random random = new Random(5);
    for (int i = 0; i < c.inputs().size(); i++) {
      double[] values =
          random
              .doubles(c.inputs().get(i).elements(), c.low(), c.high())
              .map(v -> HostValues.round(v, type))
              .toArray();
      leaves.put("x" + i, values);
    }
    Graph graph = chain(c, type);
    boolean shared =
        Liveness.of(graph, device.profile(graph)).stream().anyMatch(i -> i.tensors().size() > 1);
    assertTrue(shared, "the plan shares no buffer");
    OpComparison.compare(
        c + " in place in " + type,
        OneRun.of(oracle, chain(c, DType.F64), leaves).get("y"),
        OneRun.of(device, graph, leaves).get("y"),
        Tolerance.of(type));
  }

  private static Graph chain(Case c, DType type) {
    GraphBuilder b = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      Tensor x = b.leaf(Role.FEED, "x" + i, c.inputs().get(i), type);
      inputs.add(b.add("same" + i, new Pointwise.Affine(1, 0), x));
    }
    b.fetch("y", b.add("y", c.op(), inputs.toArray(Tensor[]::new)));
    return b.build();
  }

  private static Stream<Arguments> casts() {
    List<DType> types = List.of(DType.F32, DType.BF16, DType.F16, DType.U8);
    return types.stream().flatMap(from -> types.stream().map(to -> Arguments.of(from, to)));
  }

  /** Rounding is to nearest even, to u8 towards zero: exactly what the host does. */
  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("casts")
  void castsToTheNearestValue(DType from, DType to) {
    for (int elements : new int[] {1, 8, 2083}) {
      double[] x =
          new Random(2)
              .doubles(elements, from == DType.U8 ? 0 : -300, 300)
              .map(v -> HostValues.round(v, from))
              .toArray();
      GraphBuilder b = new GraphBuilder();
      Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(elements), from);
      b.fetch("y", b.add("y", new Pointwise.Cast(to), leaf));
      double[] y = OneRun.of(device, b.build(), Map.of("x", x)).get("y");
      double[] expected = new double[elements];
      for (int i = 0; i < elements; i++) {
        expected[i] = to == DType.U8 ? (int) Math.clamp(x[i], 0, 255) : HostValues.round(x[i], to);
      }
      assertArrayEquals(expected, y);
    }
  }

  @Test
  void roundsTiesToBfloat16ToEvenAndKeepsInfinityAndNan() {
    float[] x = {1 + 0x1p-8f, 1 + 3 * 0x1p-8f, Float.MAX_VALUE, Float.NEGATIVE_INFINITY};
    double[] values = {x[0], x[1], x[2], x[3], Double.NaN, -0.0};
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(6), DType.F32);
    b.fetch("y", b.add("y", new Pointwise.Cast(DType.BF16), leaf));
    double[] y = OneRun.of(device, b.build(), Map.of("x", values)).get("y");
    double infinity = Double.POSITIVE_INFINITY;
    double[] expected = {1, 1 + 4 * 0x1p-8, infinity, -infinity, Double.NaN, -0.0};
    assertArrayEquals(expected, y);
  }

  @Test
  void fillsConstantsOfEveryType() {
    for (DType type : List.of(DType.F32, DType.BF16, DType.F16, DType.U8)) {
      for (int elements : new int[] {1, 7, 4099}) {
        GraphBuilder b = new GraphBuilder();
        b.fetch("y", b.add("y", new Pointwise.Constant(Shape.of(elements), type, 3)));
        double[] y = OneRun.of(device, b.build(), Map.of()).get("y");
        for (int i = 0; i < elements; i++) {
          assertEquals(3, y[i], type + " element " + i);
        }
      }
    }
  }

  /** Below 65536 the argument is reduced in f32, above in f64. */
  @Test
  void cosineHoldsForLargeArguments() {
    double[] x = new Random(8).doubles(999, -1, 1).toArray();
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (x[i] * Math.scalb(1.0, i % 40));
    }
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(x.length), DType.F32);
    b.fetch("y", b.add("y", new Pointwise.Activate(Activation.X_COS_X), leaf));
    double[] y = OneRun.of(device, b.build(), Map.of("x", x)).get("y");
    for (int i = 0; i < x.length; i++) {
      // 1e-7 of the cosine, and the product's rounding
      assertEquals(x[i] * Math.cos(x[i]), y[i], 2e-7 * Math.abs(x[i]), "at " + x[i]);
    }
  }

  /** Neither the square root nor the power of 0 nor its sign makes a NaN. */
  @Test
  void zeroHasNoNans() {
    double[] x = {0, -0.0, -1, 1, 0.5};
    double[] dy = {1, 1, 1, 1, 1};
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(5), DType.F32);
    Tensor gradient = b.leaf(Role.FEED, "dy", Shape.of(5), DType.F32);
    b.fetch("power", b.add("p", new Pointwise.Power(0.5), leaf));
    b.fetch("slope", b.add("s", new Pointwise.PowerGrad(0.5), leaf, gradient));
    b.fetch("sign", b.add("g", new Pointwise.Unary(Pointwise.Unary.Kind.SIGN), leaf));
    b.fetch("one", b.add("o", new Pointwise.Unary(Pointwise.Unary.Kind.ZERO_TO_ONE), leaf));
    Map<String, double[]> y = OneRun.of(device, b.build(), Map.of("x", x, "dy", dy));
    assertArrayEquals(new double[] {0, 0, 0, 1, Math.sqrt(0.5)}, y.get("power"), 1e-7);
    assertArrayEquals(new double[] {0, 0, 0, 0.5, Math.sqrt(0.5)}, y.get("slope"), 1e-7);
    assertArrayEquals(new double[] {0, 0, -1, 1, 1}, y.get("sign"), 0);
    assertArrayEquals(new double[] {1, 1, -1, 1, 0.5}, y.get("one"), 0);
  }

  /** Sums of many terms of one size, where a plain f32 sum loses digits. */
  @Test
  void longSumsKeepTheirDigits() {
    int n = 100_003;
    double[] x = new double[n];
    java.util.Arrays.fill(x, (float) 0.1);
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(1, n), DType.F32);
    b.fetch("y", b.add("y", new Reduction.SumPerSample(1), leaf));
    double y = OneRun.of(device, b.build(), Map.of("x", x)).get("y")[0];
    assertEquals(n * (double) (float) 0.1, y, 1e-7 * n * 0.1);
  }

  /** f64 sums leave of a mean a thousand times the deviation a millionth of the latter at least. */
  @Test
  void aDeviationFarBelowTheMeanKeepsItsDigits() {
    double[] x = new double[30_011];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 2 == 0 ? 4 : 4 + 0x1p-8;
    }
    double share = (x.length + 1) / 2 / (double) x.length; // of the fours
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(x.length), DType.F32);
    b.fetch("y", b.add("y", new Reduction.Statistics(), leaf));
    double deviation = 0x1p-8 * Math.sqrt(share * (1 - share));
    double[] expected = {4, 4 + 0x1p-8, 4 + 0x1p-8 * (1 - share), deviation};
    for (Device each : List.of(device, oracle)) {
      double[] y = OneRun.of(each, b.build(), Map.of("x", x)).get("y");
      for (int i = 0; i < y.length; i++) {
        assertEquals(expected[i], y[i], 1e-6 * expected[i], each.name() + " " + i);
      }
    }
  }

  /** A profile must show where the numbers went, and how large the others are. */
  @Test
  void aNanIsInMeanAndDeviationOnly() {
    double[] x = {1, Double.NaN, -3};
    GraphBuilder b = new GraphBuilder();
    Tensor leaf = b.leaf(Role.FEED, "x", Shape.of(3), DType.F32);
    b.fetch("y", b.add("y", new Reduction.Statistics(), leaf));
    double[] expected = {-3, 1, Double.NaN, Double.NaN};
    assertArrayEquals(expected, OneRun.of(device, b.build(), Map.of("x", x)).get("y"));
    assertArrayEquals(expected, OneRun.of(oracle, b.build(), Map.of("x", x)).get("y"));
  }
}
