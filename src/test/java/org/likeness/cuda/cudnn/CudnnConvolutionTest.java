package org.likeness.cuda.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaGraph;
import org.likeness.cuda.CudaGraphExec;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.DeviceTensor;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.StreamCapture;
import org.likeness.cuda.cudnn.CudnnConvolution.Activation;
import org.likeness.cuda.cudnn.CudnnConvolution.Direction;
import org.likeness.cuda.cudnn.CudnnConvolution.Epilogue;
import org.likeness.cuda.cudnn.CudnnConvolution.Filter;
import org.likeness.cuda.cudnn.CudnnConvolution.Geometry;
import org.likeness.cuda.cudnn.CudnnConvolution.Input;
import org.likeness.cuda.cudnn.CudnnConvolution.Window;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** Every plan of every kind of convolution, run on softcudnn, against the definition. */
@OnSoftCudnn
class CudnnConvolutionTest {
  private static final int DRIVER = 12040;
  private static final long PLENTY = 1L << 30;

  private static final Geometry SQUARE =
      new Geometry(new Input(2, 5, 6, 8), new Filter(16, 3, 3), new Window(1, 1, 1, 1));
  private static final List<Geometry> GEOMETRIES =
      List.of(
          SQUARE,
          new Geometry(new Input(1, 7, 7, 3), new Filter(5, 3, 3), new Window(0, 1, 2, 1)),
          new Geometry(new Input(3, 4, 5, 8), new Filter(8, 1, 1), new Window(0, 0, 1, 1)),
          new Geometry(new Input(1, 9, 8, 2), new Filter(3, 5, 3), new Window(2, 1, 1, 2)));
  private static final Epilogue FULL = new Epilogue(0.7, true, true, Activation.LEAKY_RELU, 0.1);
  private static final List<Epilogue> EPILOGUES =
      List.of(
          Epilogue.NONE,
          Epilogue.scaled(0.7),
          new Epilogue(1, true, false, Activation.NONE, 0),
          new Epilogue(1, false, true, Activation.NONE, 0),
          new Epilogue(1, true, false, Activation.SIGMOID, 0),
          FULL);

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  CudnnConvolutionTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  private CudaContext context(String... settings) {
    softCuda.reset();
    softCudnn.reset(settings);
    CudaDriver driver = CudaDriver.open().orThrow();
    return driver.context(driver.gpus().getFirst());
  }

  private static Cudnn open(CudaContext context) {
    return Cudnn.open(context, DRIVER).answer().orThrow();
  }

  private static CudnnConvolution of(
      Direction direction, ElementType type, boolean tf32, Geometry geometry, Epilogue epilogue) {
    return new CudnnConvolution(direction, type, type, tf32, geometry, epilogue);
  }

  static Stream<CudnnConvolution> convolutions() {
    List<CudnnConvolution> all = new ArrayList<>();
    for (Geometry geometry : GEOMETRIES) {
      for (ElementType type : ElementType.values()) {
        EPILOGUES.forEach(e -> all.add(of(Direction.FORWARD, type, true, geometry, e)));
        for (Direction gradient : List.of(Direction.DGRAD, Direction.WGRAD)) {
          for (Epilogue epilogue : List.of(Epilogue.NONE, Epilogue.scaled(0.7))) {
            all.add(of(gradient, type, false, geometry, epilogue));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void everyPlanComputesTheConvolution(CudnnConvolution convolution) {
    try (CudaContext context = context();
        Cudnn cudnn = open(context);
        Tensors tensors = new Tensors(context, convolution)) {
      List<CudnnPlan> plans = cudnn.plans(convolution, PLENTY);
      assertTrue(!plans.isEmpty(), "no plan");
      for (CudnnPlan plan : plans) {
        tensors.forget();
        tensors.run(plan);
        tensors.compare(plan.name());
        plan.close();
      }
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void sixteenBitOperandsGiveGradientsInF32() {
    CudnnConvolution convolution =
        new CudnnConvolution(
            Direction.WGRAD,
            ElementType.BF16,
            ElementType.F32,
            false,
            SQUARE,
            Epilogue.scaled(0.5));
    try (CudaContext context = context();
        Cudnn cudnn = open(context);
        Tensors tensors = new Tensors(context, convolution)) {
      List<CudnnPlan> plans = cudnn.plans(convolution, PLENTY);
      assertTrue(!plans.isEmpty(), "no plan");
      for (CudnnPlan plan : plans) {
        tensors.run(plan);
        tensors.compare(plan.name());
        plan.close();
      }
    }
  }

  private List<String> names(CudnnConvolution convolution, long ceiling, String... settings) {
    try (CudaContext context = context(settings);
        Cudnn cudnn = open(context)) {
      List<CudnnPlan> plans = cudnn.plans(convolution, ceiling);
      List<String> names = plans.stream().map(CudnnPlan::name).toList();
      plans.forEach(CudnnPlan::close);
      return names;
    }
  }

  @Test
  void enginesAreThoseWhoseBitsStayAndWhoseSumsAreF32() {
    CudnnConvolution gradient = of(Direction.DGRAD, ElementType.F32, false, SQUARE, Epilogue.NONE);
    List<String> exact = List.of("eng5", "eng4", "eng1_k2=2", "eng1_k2=0", "eng0");
    assertEquals(exact, names(gradient, PLENTY));
    assertEquals(
        Stream.concat(Stream.of("eng2_k12=2_k2=1", "eng2_k12=1_k2=0"), exact.stream()).toList(),
        names(of(Direction.DGRAD, ElementType.F32, true, SQUARE, Epilogue.NONE), PLENTY));
    assertEquals(List.of("eng4", "eng1_k2=0", "eng0"), names(gradient, 1000));
    assertEquals(List.of(), names(gradient, PLENTY, "nondeterministic=1"));
  }

  @Test
  void whatCudnnCannotFuseHasNoPlans() {
    CudnnConvolution fused = of(Direction.FORWARD, ElementType.F32, false, SQUARE, FULL);
    assertEquals(List.of("mul eng4"), names(fused, PLENTY));
    assertEquals(List.of(), names(fused, PLENTY, "only_plain=1"));
    assertEquals(
        List.of("eng5", "eng4", "eng1_k2=2", "eng1_k2=0", "eng0"),
        names(
            of(Direction.FORWARD, ElementType.F32, false, SQUARE, Epilogue.scaled(2)),
            PLENTY,
            "only_plain=1"));
  }

  @Test
  void aGraphReplaysWhatWasCapturedAndReadsItsOperandsAnew() {
    CudnnConvolution convolution = of(Direction.FORWARD, ElementType.F32, false, SQUARE, FULL);
    try (CudaContext context = context();
        Cudnn cudnn = open(context);
        Tensors tensors = new Tensors(context, convolution);
        CudaStream stream = context.stream()) {
      CudnnPlan plan = cudnn.plans(convolution, PLENTY).getFirst();
      assertTrue(plan.compilesAtRunTime());
      try (DeviceMemory workspace = context.allocate(plan.workspaceBytes());
          CudnnCall call = plan.bind(tensors.operands(workspace.address()))) {
        call.enqueue(stream);
        stream.synchronize();
        try (StreamCapture capture = stream.capture()) {
          call.enqueue(stream);
          try (CudaGraph graph = capture.end();
              CudaGraphExec step = graph.instantiate()) {
            tensors.forget();
            step.launch(stream);
            stream.synchronize();
            tensors.compare("first replay");
            tensors.forget();
            step.launch(stream);
            stream.synchronize();
            tensors.compare("second replay");
          }
        }
      }
      plan.close();
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void missingAddressesAreRefusedBeforeCudnnSeesThem() {
    CudnnConvolution convolution = of(Direction.FORWARD, ElementType.F32, false, SQUARE, FULL);
    try (CudaContext context = context();
        Cudnn cudnn = open(context)) {
      CudnnPlan plan = cudnn.plans(convolution, PLENTY).getFirst();
      assertEquals(
          "mul eng4: no address of BIAS",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> plan.bind(new CudnnPlan.Operands(256, 512, 768, 0, 1024, 2048)))
              .getMessage());
      assertEquals(
          "mul eng4: no workspace of 256 bytes",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> plan.bind(new CudnnPlan.Operands(256, 512, 768, 1024, 1280, 0)))
              .getMessage());
      plan.close();
    }
  }

  /** Operands of a convolution on a device. */
  private static final class Tensors implements AutoCloseable {
    private final CudaContext context;
    private final CudnnConvolution convolution;
    private final DeviceTensor x;
    private final DeviceTensor w;
    private final DeviceTensor y;
    private final DeviceTensor bias;
    private final DeviceTensor residual;
    private final PlainConvolution.Result expected;

    Tensors(CudaContext context, CudnnConvolution convolution) {
      this.context = context;
      this.convolution = convolution;
      PlainConvolution plain = new PlainConvolution(convolution);
      Random random = new Random(convolution.hashCode());
      x = tensor(Direction.DGRAD, plain.xSize(), random);
      w = tensor(Direction.WGRAD, plain.wSize(), random);
      y = tensor(Direction.FORWARD, plain.ySize(), random);
      int k = convolution.geometry().w().k();
      bias = DeviceTensor.random(context, ElementType.F32, k, random);
      residual = DeviceTensor.random(context, convolution.result(), plain.ySize(), random);
      Epilogue epilogue = convolution.epilogue();
      expected =
          plain.compute(
              x.values(),
              w.values(),
              y.values(),
              epilogue.bias() ? bias.values() : null,
              epilogue.residual() ? residual.values() : null);
    }

    private DeviceTensor tensor(Direction whoseResult, int size, Random random) {
      ElementType type =
          convolution.direction() == whoseResult ? convolution.result() : convolution.type();
      return DeviceTensor.random(context, type, size, random);
    }

    private DeviceTensor result() {
      return switch (convolution.direction()) {
        case FORWARD -> y;
        case DGRAD -> x;
        case WGRAD -> w;
      };
    }

    CudnnPlan.Operands operands(long workspace) {
      return new CudnnPlan.Operands(
          x.address(), w.address(), y.address(), bias.address(), residual.address(), workspace);
    }

    /** Puts NaN where the result comes. */
    void forget() {
      try (CudaStream stream = context.stream()) {
        stream.fill(result().address(), (byte) 0xff, result().memory().bytes());
        stream.synchronize();
      }
    }

    void run(CudnnPlan plan) {
      try (CudaStream stream = context.stream();
          DeviceMemory workspace = context.allocate(Math.max(1, plan.workspaceBytes()));
          CudnnCall call = plan.bind(operands(workspace.address()))) {
        call.enqueue(stream);
        stream.synchronize();
      }
    }

    /**
     * Compares with the definition: products of TF32 operands are off by 2^-10, sums in f32 by
     * 2^-20 of what was added up, and the result by half a unit of its own type.
     */
    void compare(String what) {
      double products = convolution.tf32() ? 0x1p-10 : 0x1p-20;
      double rounding =
          switch (convolution.result()) {
            case F32 -> 0x1p-24;
            case BF16 -> 0x1p-8;
            case F16 -> 0x1p-11;
          };
      double[] actual = result().read();
      for (int i = 0; i < actual.length; i++) {
        double wanted = expected.values()[i];
        double allowed =
            expected.magnitudes()[i] * products + (Math.abs(wanted) + 0x1p-14) * rounding + 1e-9;
        if (!(Math.abs(actual[i] - wanted) <= allowed)) {
          double share = Math.abs(actual[i] - wanted) / allowed;
          fail(
              what
                  + ": element "
                  + i
                  + " is "
                  + actual[i]
                  + " instead of "
                  + wanted
                  + ", "
                  + share
                  + " of the tolerance");
        }
      }
    }

    @Override
    public void close() {
      List.of(x, w, y, bias, residual).forEach(DeviceTensor::close);
    }
  }
}
