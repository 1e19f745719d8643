package org.likeness.cuda.cublaslt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.likeness.cuda.CudaException;
import org.likeness.cuda.CudaGraph;
import org.likeness.cuda.CudaGraphExec;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.DeviceTensor;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.StreamCapture;
import org.likeness.cuda.cublaslt.CublasLtProduct.Epilogue;
import org.likeness.cuda.cublaslt.CublasLtProduct.Sizes;
import org.likeness.cuda.cublaslt.CublasLtProduct.Transposes;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/**
 * Every algorithm of every kind of product, run on softcudnn's cuBLASLt, against the definition.
 */
@OnSoftCudnn
class CublasLtProductTest {
  private static final int DRIVER = 12040;
  private static final long PLENTY = 1L << 30;
  private static final Sizes SIZES = new Sizes(5, 7, 11);

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  CublasLtProductTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  private CudaContext context(String... settings) {
    softCuda.reset("name=a card");
    softCudnn.reset(settings);
    CudaDriver driver = CudaDriver.open().orThrow();
    return driver.context(driver.gpus().getFirst());
  }

  private static CublasLt open(CudaContext context) {
    return CublasLt.open(context, DRIVER).answer().orThrow();
  }

  private static CublasLtProduct f32(boolean tf32, Epilogue epilogue) {
    return new CublasLtProduct(
        ElementType.F32, ElementType.F32, tf32, SIZES, new Transposes(false, false), epilogue);
  }

  static Stream<CublasLtProduct> products() {
    List<CublasLtProduct> all = new ArrayList<>();
    for (Sizes sizes : List.of(SIZES, new Sizes(8, 16, 24), new Sizes(1, 3, 1))) {
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          Transposes transposes = new Transposes(a, b);
          for (ElementType type : ElementType.values()) {
            for (Epilogue epilogue : List.of(Epilogue.NONE, new Epilogue(0.5, false))) {
              all.add(new CublasLtProduct(type, type, true, sizes, transposes, epilogue));
              all.add(
                  new CublasLtProduct(type, ElementType.F32, false, sizes, transposes, epilogue));
            }
          }
          all.add(
              new CublasLtProduct(
                  ElementType.F32,
                  ElementType.F32,
                  false,
                  sizes,
                  transposes,
                  new Epilogue(1.5, true)));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("products")
  void everyAlgorithmComputesTheProduct(CublasLtProduct product) {
    try (CudaContext context = context();
        CublasLt cublasLt = open(context);
        Matrices matrices = new Matrices(context, product)) {
      List<CublasLtAlgorithm> algorithms = cublasLt.algorithms(product, PLENTY);
      assertFalse(algorithms.isEmpty(), "no algorithm");
      for (CublasLtAlgorithm algorithm : algorithms) {
        matrices.forget();
        matrices.run(algorithm);
        matrices.compare(algorithm.name());
        algorithm.close();
      }
    }
    assertEquals("", softCudnn.liveObjects());
  }

  private List<String> names(CublasLtProduct product, long ceiling, String... settings) {
    try (CudaContext context = context(settings);
        CublasLt cublasLt = open(context)) {
      return cublasLt.algorithms(product, ceiling).stream()
          .map(a -> a.name().substring(0, a.name().indexOf(" swizzle")))
          .toList();
    }
  }

  @Test
  void algorithmsAreThoseWhoseBitsStay() {
    List<String> exact =
        List.of("algo24 tile20 stages0 split4 scheme2", "algo0 tile15 stages0 split1 scheme0");
    assertEquals(exact, names(f32(false, Epilogue.NONE), PLENTY));
    assertEquals(
        "algo11 tile20 stages4 split1 scheme0", names(f32(true, Epilogue.NONE), PLENTY).getFirst());
    assertEquals(exact.subList(1, 2), names(f32(false, Epilogue.NONE), 0));
    assertEquals(List.of(), names(f32(false, Epilogue.NONE), PLENTY, "nondeterministic=1"));
  }

  @Test
  void aGraphReplaysWhatWasCaptured() {
    CublasLtProduct product = f32(false, new Epilogue(2, true));
    try (CudaContext context = context();
        CublasLt cublasLt = open(context);
        Matrices matrices = new Matrices(context, product);
        CudaStream stream = context.stream()) {
      CublasLtAlgorithm algorithm = cublasLt.algorithms(product, 0).getFirst();
      try (CublasLtCall call = algorithm.bind(matrices.operands(0));
          StreamCapture capture = stream.capture()) {
        call.enqueue(stream);
        try (CudaGraph graph = capture.end();
            CudaGraphExec step = graph.instantiate()) {
          matrices.forget();
          step.launch(stream);
          stream.synchronize();
          matrices.compare("replay");
        }
      }
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void failuresNameTheCallAndTheLibrarysWords() {
    CublasLtProduct product = f32(false, Epilogue.NONE);
    try (CudaContext context = context();
        CublasLt cublasLt = open(context);
        Matrices matrices = new Matrices(context, product);
        CudaStream stream = context.stream()) {
      CublasLtAlgorithm algorithm = cublasLt.algorithms(product, 0).getFirst();
      try (CublasLtCall call = algorithm.bind(matrices.operands(0))) {
        softCudnn.fail("cublasLtMatmul", 1, 13);
        CudaException failed = assertThrows(CudaException.class, () -> call.enqueue(stream));
        assertTrue(
            failed
                .getMessage()
                .startsWith(
                    "cublasLtMatmul("
                        + algorithm
                        + ", "
                        + stream
                        + ") failed on cuda:0 (a card): CUBLAS_STATUS_EXECUTION_FAILED (13), "),
            failed.getMessage());
        softCudnn.fail("cublasLtMatmul", 1, 3);
        assertTrue(assertThrows(CudaException.class, () -> call.enqueue(stream)).outOfMemory());
        call.enqueue(stream);
        stream.synchronize();
      }
      softCudnn.fail("cublasLtMatrixLayoutCreate", 2, 7);
      CudaException layout =
          assertThrows(CudaException.class, () -> cublasLt.algorithms(product, 0));
      assertTrue(
          layout
              .getMessage()
              .startsWith(
                  "cublasLtMatrixLayoutCreate(0, 11, 5, 11) failed on cuda:0 (a card):"
                      + " CUBLAS_STATUS_INVALID_VALUE (7), "),
          layout.getMessage());
      assertEquals(
          algorithm + ": no address of A, B or C",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> algorithm.bind(new CublasLtAlgorithm.Operands(256, 0, 512, 0, 0)))
              .getMessage());
    }
    assertEquals("", softCudnn.liveObjects());
  }

  /** Operands of a product on a device. */
  private static final class Matrices implements AutoCloseable {
    private final CudaContext context;
    private final CublasLtProduct product;
    private final DeviceTensor a;
    private final DeviceTensor b;
    private final DeviceTensor c;
    private final DeviceTensor bias;

    Matrices(CudaContext context, CublasLtProduct product) {
      this.context = context;
      this.product = product;
      Sizes s = product.sizes();
      Random random = new Random(product.hashCode());
      a = DeviceTensor.random(context, product.type(), s.m() * s.k(), random);
      b = DeviceTensor.random(context, product.type(), s.k() * s.n(), random);
      c = DeviceTensor.random(context, product.result(), s.m() * s.n(), random);
      bias = DeviceTensor.random(context, ElementType.F32, s.n(), random);
    }

    CublasLtAlgorithm.Operands operands(long workspace) {
      return new CublasLtAlgorithm.Operands(
          a.address(), b.address(), c.address(), bias.address(), workspace);
    }

    /** Puts NaN where the result comes. */
    void forget() {
      try (CudaStream stream = context.stream()) {
        stream.fill(c.address(), (byte) 0xff, c.memory().bytes());
        stream.synchronize();
      }
    }

    void run(CublasLtAlgorithm algorithm) {
      try (CudaStream stream = context.stream();
          DeviceMemory workspace = context.allocate(Math.max(1, algorithm.workspaceBytes()));
          CublasLtCall call = algorithm.bind(operands(workspace.address()))) {
        call.enqueue(stream);
        stream.synchronize();
      }
    }

    /**
     * Compares with the definition: products of TF32 operands are off by 2^-10, sums in f32 by
     * 2^-20 of what was added up, and the result by half a unit of its own type.
     */
    void compare(String what) {
      Sizes s = product.sizes();
      double products = product.tf32() ? 0x1p-10 : 0x1p-20;
      double rounding =
          switch (product.result()) {
            case F32 -> 0x1p-24;
            case BF16 -> 0x1p-8;
            case F16 -> 0x1p-11;
          };
      double[] actual = c.read();
      for (int i = 0; i < actual.length; i++) {
        int row = i / s.n();
        int column = i % s.n();
        double wanted = product.epilogue().bias() ? bias.values()[column] : 0;
        double magnitude = Math.abs(wanted);
        for (int k = 0; k < s.k(); k++) {
          double left = a.values()[product.transposes().a() ? k * s.m() + row : row * s.k() + k];
          double right =
              b.values()[product.transposes().b() ? column * s.k() + k : k * s.n() + column];
          wanted += product.epilogue().scale() * left * right;
          magnitude += Math.abs(product.epilogue().scale() * left * right);
        }
        double allowed = magnitude * products + (Math.abs(wanted) + 0x1p-14) * rounding + 1e-9;
        if (!(Math.abs(actual[i] - wanted) <= allowed)) {
          fail(
              what
                  + ": element "
                  + i
                  + " is "
                  + actual[i]
                  + " instead of "
                  + wanted
                  + ", "
                  + Math.abs(actual[i] - wanted) / allowed
                  + " of the tolerance");
        }
      }
    }

    @Override
    public void close() {
      List.of(a, b, c, bias).forEach(DeviceTensor::close);
    }
  }
}
