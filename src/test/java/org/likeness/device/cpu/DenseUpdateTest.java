package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.DenseUpdateCases;
import org.likeness.device.DenseUpdateCases.Case;
import org.likeness.device.OpComparison;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;

/** Dense updates tile by tile against those of the whole gradient. */
class DenseUpdateTest {
  static List<Case> cases() {
    return Stream.concat(DenseUpdateCases.all().stream(), DenseUpdateCases.large().stream())
        .toList();
  }

  /** By definition: the oracle's tile is the whole. */
  @ParameterizedTest
  @MethodSource("cases")
  void inDoublePrecisionItIsTheSame(Case c) {
    compareBits(c, DType.F64);
  }

  /** oneDNN adds the samples in their order too, and scales their sum. */
  @ParameterizedTest
  @MethodSource("cases")
  void inSinglePrecisionEveryBitIsTheSame(Case c) {
    compareBits(c, DType.F32);
  }

  private static void compareBits(Case c, DType type) {
    Map<String, double[]> leaves = c.leaves(DType.F32);
    Graph fused = c.fused(type);
    assertEquals(
        1, fused.nodes().stream().filter(n -> n.op().name().equals("denseUpdate")).count());
    Map<String, double[]> expected = Runner.run(c.whole(type), leaves);
    Map<String, double[]> actual = Runner.run(fused, leaves);
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), 0, name));
  }

  /** Sums of up to 33 products of f32, and a root and a quotient after them. */
  @ParameterizedTest
  @MethodSource("org.likeness.device.DenseUpdateCases#all")
  void isWhatTheOracleComputes(Case c) {
    for (DType factors : List.of(DType.F32, DType.BF16, DType.F16)) {
      Map<String, double[]> leaves = c.leaves(factors);
      Map<String, double[]> expected = Runner.run(c.fused(DType.F64), leaves);
      Graph graph = c.fused(DType.F32, factors, Role.HOST_SLOT);
      Map<String, double[]> actual = Runner.run(graph, leaves);
      expected.forEach(
          (name, values) ->
              OpComparison.compare(
                  c + " " + factors + " " + name,
                  values,
                  actual.get(name),
                  new OpComparison.Tolerance(3e-5, 1e-6)));
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() throws Exception {
    Case c = DenseUpdateCases.large().get(1);
    Map<String, double[]> leaves = c.leaves(DType.F32);
    Map<String, double[]> expected = Runner.run(c.fused(DType.F32), leaves);
    try (ForkJoinPool three = new ForkJoinPool(3)) {
      Map<String, double[]> actual =
          three.submit(() -> Runner.run(c.fused(DType.F32), leaves)).get();
      expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), 0, name));
    }
  }

  /** In 16 bits a step that overflowed must be seen, and be skipped. */
  @Test
  void matricesSeeWhatOverflows() {
    try (CpuDevice device = new CpuDevice()) {
      DenseUpdateCases.expectOverflowsToBeSeen(device);
    }
  }
}
