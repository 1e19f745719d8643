package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OpCases;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.device.cuda.CudaOptions.Measure;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** Every convolution and product, by cuDNN and cuBLASLt, against the processor's f64 oracle. */
@OnSoftCudnn
class CudnnOpTest {
  private static final CudaOptions LIBRARIES =
      new CudaOptions(false, Measure.NEVER, Provider.CUDNN, Path.of("target", "tuning"));
  private static DevicePair devices;

  @BeforeAll
  static void open(SoftCuda softCuda) {
    softCuda.reset("cc=86");
    devices = new DevicePair(SoftDevice.open(LIBRARIES), new CpuDevice());
    assertEquals("", devices.cuda().advice().orElse(""));
  }

  @AfterAll
  static void close(SoftCuda softCuda, SoftCudnn softCudnn) {
    devices.close();
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }

  static Stream<OpCases.Case> cases() {
    return Stream.of(OpCases.differentiable(), OpCases.others())
        .flatMap(List::stream)
        .filter(c -> c.op() instanceof Linear);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void matchesTheOracleInEveryType(OpCases.Case c) {
    for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
      OpComparison.check(c, type, devices.cuda(), devices.oracle(), tolerance(c, type));
    }
    boolean product =
        c.op() instanceof Linear.Dense
            || c.op() instanceof Linear.DenseDgrad
            || c.op() instanceof Linear.DenseWgrad;
    String library = product ? Library.CUBLASLT.title() : Library.CUDNN.title();
    assertTrue(
        devices.cuda().algorithms().chosen().values().stream().anyMatch(w -> w.startsWith(library)),
        devices.cuda().algorithms().chosen()::toString);
  }

  /** x cos x is ours after the engine has rounded its argument, below 25, whose slope is that. */
  private static Tolerance tolerance(OpCases.Case c, DType type) {
    Tolerance once = Tolerance.of(type);
    boolean steep =
        c.op() instanceof Linear.Conv2d conv
            && conv.epilogue().activation().equals(Activation.X_COS_X);
    return steep ? new Tolerance(26 * once.relative(), once.absolute()) : once;
  }
}
