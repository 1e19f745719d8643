package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.device.OpCases;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** Every operation, by the committed PTX, against the processor's f64 oracle. */
@OnSoftCuda
class CudaOpTest {
  private static Device cuda;
  private static Device oracle;

  @BeforeAll
  static void open() {
    cuda = SoftDevice.open();
    oracle = new CpuDevice();
  }

  @AfterAll
  static void close(SoftCuda softCuda) {
    oracle.close();
    cuda.close();
    assertEquals("", softCuda.liveObjects());
  }

  static Stream<OpCases.Case> cases() {
    return Stream.of(OpCases.differentiable(), OpCases.others()).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheOracleInF32(OpCases.Case c) {
    OpComparison.check(c, DType.F32, cuda, oracle, Tolerance.of(DType.F32));
  }
}
