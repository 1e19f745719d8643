package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OpCases;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.graph.DType;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/** Every operation, by the committed PTX, against the processor's f64 oracle. */
@OnCuda
class CudaOpTest {
  private static DevicePair devices;

  @BeforeAll
  static void open() {
    devices = DevicePair.open();
  }

  @AfterAll
  static void close(TestGpu gpu) {
    devices.close();
    assertEquals("", gpu.liveObjects());
  }

  static Stream<OpCases.Case> cases() {
    return Stream.of(OpCases.differentiable(), OpCases.others()).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheOracleInF32(OpCases.Case c) {
    OpComparison.check(c, DType.F32, devices.cuda(), devices.oracle(), Tolerance.of(DType.F32));
  }
}
