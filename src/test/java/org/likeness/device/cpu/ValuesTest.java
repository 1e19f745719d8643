package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** The oracle reads and writes 16-bit types, and rounds to nearest even. */
class ValuesTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void bf16RoundsToNearestEven() {
    double[] values = {
      1, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-16, -0.0, 0x1.fep127, 0x1.ffp127, INFINITY
    };
    short[] bits = {0x3f80, 0x3f80, 0x3f82, 0x3f81, (short) 0x8000, 0x7f7f, 0x7f80, 0x7f80};
    double[] back = {1, 1, 1 + 0x1p-6, 1 + 0x1p-7, -0.0, 0x1.fep127, INFINITY, INFINITY};
    check(DType.BF16, values, bits, back);
    check(DType.BF16, new double[] {Double.NaN}, new short[] {0x7fff}, new double[] {Double.NaN});
  }

  @Test
  void f16RoundsToNearestEven() {
    double[] values = {1, 1 + 0x1p-11, 1 + 3 * 0x1p-11, 65504, 65520, 0x1p-24, 0x1p-25};
    short[] bits = {0x3c00, 0x3c00, 0x3c02, 0x7bff, 0x7c00, 1, 0};
    double[] back = {1, 1, 1 + 0x1p-9, 65504, INFINITY, 0x1p-24, 0};
    check(DType.F16, values, bits, back);
  }

  private static void check(DType type, double[] values, short[] bits, double[] back) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(2L * values.length, 64);
      Values.store(memory, type, values);
      assertArrayEquals(bits, memory.toArray(ValueLayout.JAVA_SHORT));
      assertArrayEquals(back, Values.load(memory, type, values.length));
    }
  }

  @Test
  void aDenseLayerOfBf16GivesBf16AndAnF32WeightGradient() {
    GraphBuilder builder = new GraphBuilder();
    Tensor x = builder.leaf(Role.FEED, "x", Shape.of(1, 2), DType.BF16);
    Tensor w = builder.leaf(Role.FEED, "w", Shape.of(2, 1), DType.BF16);
    builder.fetch("y", builder.add("y", new Linear.Dense(1, false), x, w));
    Tensor dy = builder.leaf(Role.FEED, "dy", Shape.of(1, 1), DType.BF16);
    builder.fetch("dw", builder.add("dw", new Linear.DenseWgrad(1, false), x, dy));
    Graph graph = builder.build();
    double narrow = 1 + 0x1p-7;
    Map<String, double[]> results =
        Runner.run(
            graph,
            Map.of(
                "x",
                new double[] {narrow, 1},
                "w",
                new double[] {narrow, 1},
                "dy",
                new double[] {narrow}));
    assertArrayEquals(new double[] {2 + 0x1p-6}, results.get("y")); // 2 + 2^-6 + 2^-14, rounded
    assertArrayEquals(new double[] {narrow * narrow, narrow}, results.get("dw"));
  }
}
