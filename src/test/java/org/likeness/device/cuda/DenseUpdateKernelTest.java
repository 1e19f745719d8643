package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.DenseUpdateCases;
import org.likeness.device.DenseUpdateCases.Case;
import org.likeness.device.OneRun;
import org.likeness.device.OpComparison;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.Role;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/** Dense updates tile by tile on the device against the f64 oracle. */
@OnCuda
class DenseUpdateKernelTest {
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

  /** Sums of up to 33 products of f32, and a root and a quotient after them. */
  @ParameterizedTest
  @MethodSource("org.likeness.device.DenseUpdateCases#all")
  void isWhatTheOracleComputes(Case c) {
    for (DType factors : List.of(DType.F32, DType.BF16, DType.F16)) {
      Map<String, double[]> leaves = c.leaves(factors);
      Map<String, double[]> expected = OneRun.of(oracle, c.fused(DType.F64), leaves);
      Map<String, double[]> actual =
          OneRun.of(device, c.fused(DType.F32, factors, Role.SLOT), leaves);
      expected.forEach(
          (name, values) ->
              OpComparison.compare(
                  c + " " + factors + " " + name,
                  values,
                  actual.get(name),
                  new OpComparison.Tolerance(3e-5, 1e-6)));
    }
  }

  /** The oracle draws too, but a moved element may end where it was. */
  @Test
  void theSameElementsMoveAsOfAWholeGradient() {
    for (int out : new int[] {64, 67}) {
      Case c = new Case(5, 66, out, 1, 0, 0.3, true);
      Map<String, double[]> leaves = c.leaves(DType.F32);
      double[] whole = OneRun.of(device, c.whole(DType.F32), leaves).get("w");
      double[] fused = OneRun.of(device, c.fused(DType.F32), leaves).get("w");
      double[] before = leaves.get("w");
      int moved = 0;
      for (int i = 0; i < before.length; i++) {
        assertEquals(whole[i] == before[i], fused[i] == before[i], "element " + i + " of " + out);
        moved += whole[i] == before[i] ? 0 : 1;
      }
      assertEquals(0.3 * before.length, moved, 0.03 * before.length);
    }
  }

  @Test
  void theSameBitsComeOutWhereverTheSlotsLie() {
    for (Case c :
        List.of(new Case(4, 70, 68, 1, 0.5, 0.3, true), new Case(4, 3, 7, 1, 0, 1, false))) {
      Map<String, double[]> leaves = c.leaves(DType.F32);
      Map<String, double[]> card = OneRun.of(device, c.fused(DType.F32), leaves);
      Map<String, double[]> host =
          OneRun.of(device, c.fused(DType.F32, DType.F32, Role.HOST_SLOT), leaves);
      card.forEach((name, values) -> assertArrayEquals(values, host.get(name), 0, name));
    }
  }

  /** In 16 bits a step that overflowed must be seen, and be skipped. */
  @Test
  void matricesSeeWhatOverflows() {
    DenseUpdateCases.expectOverflowsToBeSeen(device);
  }
}
