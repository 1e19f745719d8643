package org.likeness.cuda.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.StreamCapture;
import org.likeness.cuda.cudnn.CudnnConvolution.Direction;
import org.likeness.cuda.cudnn.CudnnConvolution.Epilogue;
import org.likeness.cuda.cudnn.CudnnConvolution.Filter;
import org.likeness.cuda.cudnn.CudnnConvolution.Geometry;
import org.likeness.cuda.cudnn.CudnnConvolution.Input;
import org.likeness.cuda.cudnn.CudnnConvolution.Window;
import org.likeness.testing.CCompiler;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** What goes wrong in cuDNN, goes wrong as a typed exception, and leaves nothing behind. */
@OnSoftCudnn
class CudnnFaultTest {
  private static final int DRIVER = 12040;
  private static final CudnnConvolution CONVOLUTION =
      new CudnnConvolution(
          Direction.FORWARD,
          ElementType.F32,
          ElementType.F32,
          false,
          new Geometry(new Input(1, 4, 4, 2), new Filter(3, 3, 3), new Window(1, 1, 1, 1)),
          Epilogue.NONE);

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  CudnnFaultTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  private CudaContext context(String... settings) {
    softCuda.reset("name=a card", "eager=1");
    softCudnn.reset(settings);
    CudaDriver driver = CudaDriver.open().orThrow();
    return driver.context(driver.gpus().getFirst());
  }

  private static Cudnn open(CudaContext context) {
    return Cudnn.open(context, DRIVER).answer().orThrow();
  }

  private static CudnnPlan first(Cudnn cudnn) {
    List<CudnnPlan> plans = cudnn.plans(CONVOLUTION, 1 << 20);
    plans.stream().skip(1).forEach(CudnnPlan::close);
    return plans.getFirst();
  }

  private interface Work {
    void with(CudaContext context, Cudnn cudnn, CudnnCall call, CudaStream stream);
  }

  /** Does something with a run of the first plan. */
  private void withCall(String settings, Work work) {
    try (CudaContext context = context(settings);
        Cudnn cudnn = open(context);
        CudnnPlan plan = first(cudnn);
        DeviceMemory memory = context.allocate(4096);
        DeviceMemory workspace = context.allocate(4096);
        CudnnCall call =
            plan.bind(
                new CudnnPlan.Operands(
                    memory.address(),
                    memory.address() + 1024,
                    memory.address() + 2048,
                    0,
                    0,
                    workspace.address()));
        CudaStream stream = context.stream()) {
      stream.fill(memory.address(), 0, 1024);
      stream.synchronize();
      work.with(context, cudnn, call, stream);
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void aFailedCallSaysWhichDescriptorAndWhatCudnnFoundWrong() {
    try (CudaContext context = context();
        Cudnn cudnn = open(context)) {
      softCudnn.fail("cudnnBackendFinalize", 1, 2000);
      CudaException first =
          assertThrows(CudaException.class, () -> cudnn.plans(CONVOLUTION, 1 << 20));
      assertTrue(
          first
              .getMessage()
              .startsWith(
                  "cudnnBackendFinalize(tensor Y) failed on cuda:0 (a card):"
                      + " CUDNN_STATUS_BAD_PARAM (2000)"),
          first.getMessage());
      assertEquals("cudnnBackendFinalize", first.function());
      assertEquals(2000, first.status());
      assertFalse(first.sticky());
      softCudnn.fail("cudnnBackendSetAttribute", 1, 2000);
      CudaException second =
          assertThrows(CudaException.class, () -> cudnn.plans(CONVOLUTION, 1 << 20));
      assertTrue(
          second
              .getMessage()
              .startsWith(
                  "cudnnBackendSetAttribute(tensor Y, CUDNN_ATTR_TENSOR_UNIQUE_ID,"
                      + " CUDNN_TYPE_INT64, 1, [3]) failed on cuda:0 (a card):"
                      + " CUDNN_STATUS_BAD_PARAM (2000)"),
          second.getMessage());
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void aFailedPlanLeavesTheOthersNothingToHold() {
    try (CudaContext context = context();
        Cudnn cudnn = open(context)) {
      softCudnn.fail("cudnnBackendGetAttribute", 12, 4000);
      assertThrows(CudaException.class, () -> cudnn.plans(CONVOLUTION, 1 << 20));
    }
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void lackOfMemoryIsToldApart() {
    withCall(
        "",
        (context, cudnn, call, stream) -> {
          softCudnn.fail("cudnnBackendExecute", 1, 4004);
          CudaException e = assertThrows(CudaException.class, () -> call.enqueue(stream));
          assertTrue(e.outOfMemory(), e.getMessage());
          assertTrue(e.getMessage().endsWith(" bytes are free"), e.getMessage());
          call.enqueue(stream);
          stream.synchronize();
        });
  }

  @Test
  void anEngineThatCompilesAtItsFirstRunCannotBeCapturedThen() {
    withCall(
        "engines=4",
        (context, cudnn, call, stream) -> {
          StreamCapture capture = stream.capture();
          CudaException e = assertThrows(CudaException.class, () -> call.enqueue(stream));
          assertTrue(
              e.getMessage()
                  .startsWith(
                      "cudnnBackendExecute(eng4, "
                          + stream
                          + ") failed on cuda:0 (a card):"
                          + " CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER (5001)"),
              e.getMessage());
          assertFalse(e.sticky());
          capture.close();
          call.enqueue(stream);
          try (StreamCapture again = stream.capture()) {
            call.enqueue(stream);
          }
        });
  }

  @Test
  void aKernelsFaultThatCudnnMeetsClosesTheDevice() {
    withCall(
        "",
        (context, cudnn, call, stream) -> {
          softCuda.fail("cuMemGetInfo_v2", 1, 700);
          softCudnn.fail("cudnnBackendExecute", 1, 5001);
          CudaException first = assertThrows(CudaException.class, () -> call.enqueue(stream));
          assertTrue(first.sticky());
          assertTrue(
              first.getMessage().contains("; the driver says CUDA_ERROR_ILLEGAL_ADDRESS (700), "),
              first.getMessage());
          long calls = softCudnn.count("cudnnBackendExecute");
          CudaException later = assertThrows(CudaException.class, () -> call.enqueue(stream));
          assertEquals(
              "cuda:0 (a card) cannot be used any more since its first failure: "
                  + first.getMessage(),
              later.getMessage());
          assertEquals(calls, softCudnn.count("cudnnBackendExecute"));
        });
  }

  @Test
  void aRunAllocatesNothing() {
    withCall(
        "engines=0",
        (context, cudnn, call, stream) -> {
          long before = 0;
          for (int i = 0; i < 12_000; i++) {
            if (i == 11_000) {
              before = allocatedByThisThread();
            }
            call.enqueue(stream);
          }
          stream.synchronize();
          long allocated = allocatedByThisThread() - before;
          assertTrue(allocated < 4096, allocated + " bytes in 1000 runs");
        });
  }

  private static long allocatedByThisThread() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void oneForANewerCudaIsRefusedAndOneThatDoesNotStartToo() {
    try (CudaContext context = context("cudart=13000")) {
      assertTrue(
          Cudnn.open(context, DRIVER)
              .answer()
              .message()
              .endsWith(
                  "it is for CUDA 13.0 and the driver for CUDA 12.4; install a newer driver, or"
                      + " the library for CUDA 12"));
    }
    try (CudaContext context = context()) {
      softCudnn.fail("cudnnCreate", 1, 1001);
      String message = Cudnn.open(context, DRIVER).answer().message();
      assertTrue(
          message.contains(
              " cannot be used: it does not start: CUDNN_STATUS_NOT_INITIALIZED (1001)"),
          message);
    }
  }

  @Test
  void oneThatLacksFunctionsIsTooOld(@TempDir Path folder) throws Exception {
    Path file =
        CCompiler.library(
            folder,
            "libcudnn.so.9",
            """
            #include <stddef.h>
            size_t cudnnGetVersion(void) { return 90000; }
            size_t cudnnGetCudartVersion(void) { return 12040; }
            const char *cudnnGetErrorString(int status) { return "?"; }
            """);
    String before = System.setProperty("likeness.cudnn", file.toString());
    try {
      String message = Cudnn.find(DRIVER).answer().message();
      assertTrue(
          message.startsWith(
              file + " is too old, it lacks cudnnGetLastErrorString, cudnnCreate, cudnnDestroy,"),
          message);
    } finally {
      System.setProperty("likeness.cudnn", before);
    }
  }
}
