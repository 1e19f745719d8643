package org.likeness.cuda.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_DIMENSIONS;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.cudnn.ConvolutionGraph.Role;
import org.likeness.cuda.cudnn.CudnnConvolution.Activation;
import org.likeness.cuda.cudnn.CudnnConvolution.Direction;
import org.likeness.cuda.cudnn.CudnnConvolution.Epilogue;
import org.likeness.cuda.cudnn.CudnnConvolution.Filter;
import org.likeness.cuda.cudnn.CudnnConvolution.Geometry;
import org.likeness.cuda.cudnn.CudnnConvolution.Input;
import org.likeness.cuda.cudnn.CudnnConvolution.Window;
import org.likeness.ffi.NativeLibrary;
import org.likeness.testing.NvidiaFiles;
import org.likeness.testing.OnSoftCuda;

/**
 * NVIDIA's own cuDNN without a GPU: it checks descriptors, and from a description of a GPU (cuDNN
 * 9.8 and later) it names engines and finalizes plans. What it compiles at run time, which is most
 * of what it fuses, needs a driver and does not show here.
 */
@OnSoftCuda
class RealCudnnTest {
  private static final Geometry GEOMETRY =
      new Geometry(new Input(8, 32, 32, 64), new Filter(128, 3, 3), new Window(1, 1, 1, 1));

  private CudaContext context;
  private CudnnCalls cudnn;

  /** One build only: a process that has loaded one's parts gives them to the other. */
  @BeforeEach
  void open() {
    Path file = NvidiaFiles.file(12, "libcudnn.so.9");
    CudaDriver driver = CudaDriver.open().orThrow();
    context = driver.context(driver.gpus().getFirst());
    CudnnFunctions functions =
        NativeLibrary.open(file).orThrow().bind(CudnnFunctions::of).orThrow();
    cudnn = CudnnCalls.on(context, functions);
  }

  @AfterEach
  void close() {
    if (context != null) {
      context.close();
    }
  }

  private Descriptor gpu(String name) throws Exception {
    try (InputStream in = RealCudnnTest.class.getResourceAsStream(name + ".json")) {
      String json = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Descriptor.create(
              cudnn, DescriptorType.CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, "description of " + name)
          .set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, json)
          .build();
    }
  }

  private List<PlanSearch.Found> plans(String gpu, CudnnConvolution convolution) throws Exception {
    try (Descriptor description = gpu(gpu)) {
      List<PlanSearch.Found> found =
          new PlanSearch(cudnn, new PlanSearch.Target(0, description), convolution, 256L << 20)
              .run();
      found.forEach(PlanSearch.Found::close);
      return found;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"h100", "rtx3060"})
  void everyDirectionAndTypeHasPlans(String gpu) throws Exception {
    for (Direction direction : Direction.values()) {
      for (ElementType type : ElementType.values()) {
        for (double scale : new double[] {1, 0.5}) {
          CudnnConvolution convolution =
              new CudnnConvolution(direction, type, type, false, GEOMETRY, Epilogue.scaled(scale));
          List<PlanSearch.Found> found = plans(gpu, convolution);
          assertTrue(!found.isEmpty(), "no plan of " + convolution);
          assertEquals(found.size(), found.stream().map(PlanSearch.Found::name).distinct().count());
          for (PlanSearch.Found plan : found) {
            assertTrue(plan.engine().suits(convolution), plan.name());
          }
        }
      }
    }
  }

  @Test
  void tf32AddsTensorCores() throws Exception {
    for (boolean tf32 : new boolean[] {false, true}) {
      List<PlanSearch.Found> found =
          plans(
              "h100",
              new CudnnConvolution(
                  Direction.FORWARD,
                  ElementType.F32,
                  ElementType.F32,
                  tf32,
                  GEOMETRY,
                  Epilogue.NONE));
      assertEquals(
          tf32,
          found.stream()
              .anyMatch(
                  plan ->
                      plan.engine()
                          .numerical()
                          .contains(CudnnConstants.CUDNN_NUMERICAL_NOTE_TENSOR_CORE)));
    }
  }

  @Test
  void aBiasIsFusedByPrecompiledEngines() throws Exception {
    Epilogue bias = new Epilogue(1, true, false, Activation.NONE, 0);
    List<PlanSearch.Found> found =
        plans(
            "h100",
            new CudnnConvolution(
                Direction.FORWARD, ElementType.F32, ElementType.F32, false, GEOMETRY, bias));
    assertTrue(!found.isEmpty(), "no plan");
    assertTrue(found.getFirst().roles().contains(Role.BIAS));
  }

  @Test
  void everyPartOfAnEpilogueIsDescribedAsCudnnWantsIt() {
    for (Activation activation : Activation.values()) {
      for (ElementType type : ElementType.values()) {
        CudnnConvolution convolution =
            new CudnnConvolution(
                Direction.FORWARD,
                type,
                type,
                true,
                GEOMETRY,
                new Epilogue(0.5, true, true, activation, 0.1));
        for (ConvolutionGraph.ScaleBy scaleBy : ConvolutionGraph.ScaleBy.values()) {
          try (Descriptors descriptors = new Descriptors(cudnn)) {
            ConvolutionGraph graph = new ConvolutionGraph(descriptors, convolution, scaleBy);
            descriptors
                .create(DescriptorType.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "graph")
                .set(Attribute.CUDNN_ATTR_OPERATIONGRAPH_OPS, graph.operations())
                .build();
          }
        }
      }
    }
  }

  @Test
  void whatCudnnFindsWrongIsInTheMessage() {
    try (Descriptor tensor =
        Descriptor.create(cudnn, DescriptorType.CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor x")) {
      CudaException wrong =
          assertThrows(
              CudaException.class, () -> tensor.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2));
      assertTrue(
          wrong
              .getMessage()
              .startsWith(
                  "cudnnBackendSetAttribute(tensor x, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS,"
                      + " CUDNN_TYPE_INT64, 1, [2]) failed on "
                      + context
                      + ": CUDNN_STATUS_"),
          wrong.getMessage());
      tensor.set(CUDNN_ATTR_TENSOR_DIMENSIONS, 1, 2, 3, 4);
      CudaException early = assertThrows(CudaException.class, tensor::build);
      assertTrue(
          early
              .getMessage()
              .startsWith(
                  "cudnnBackendFinalize(tensor x) failed on "
                      + context
                      + ": CUDNN_STATUS_BAD_PARAM"),
          early.getMessage());
    }
  }

  @Test
  void withoutAGpuItSaysThatItDoesNotStart() {
    System.setProperty("likeness.cudnn", NvidiaFiles.file(12, "libcudnn.so.9").toString());
    try {
      String message = Cudnn.open(context, 12040).answer().message();
      assertTrue(
          message.contains(
              "libcudnn.so.9 cannot be used: it does not start: CUDNN_STATUS_NOT_INITIALIZED"
                  + " (1001), "),
          message);
    } finally {
      System.clearProperty("likeness.cudnn");
    }
  }
}
