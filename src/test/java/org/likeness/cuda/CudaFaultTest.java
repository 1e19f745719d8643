package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.likeness.ffi.NativeLibraryException;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** What goes wrong, goes wrong as a typed exception, and leaves nothing behind. */
@OnSoftCuda
class CudaFaultTest {
  private static final int N = 100;
  private static final int UNKNOWN = 999;

  private final SoftCuda softCuda;

  CudaFaultTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  private CudaContext context(String... settings) {
    softCuda.reset(settings);
    CudaDriver driver = CudaDriver.open().orThrow();
    return driver.context(driver.gpus().getFirst());
  }

  @Test
  void aKernelsFaultIsTheFirstCauseOfEveryLaterFailure() {
    try (CudaContext context = context("name=a card");
        CudaModule module = context.load("objects", Kernels.ptx());
        CudaStream stream = context.stream();
        DeviceMemory memory = context.allocate(16);
        Arena arena = Arena.ofShared()) {
      CudaFunction stray = module.function("stray");
      new CudaLaunch(stray, Dim3.of(1), Dim3.of(1), 0, stray.arguments(arena)).launch(stream);
      CudaException first = assertThrows(CudaException.class, stream::synchronize);
      assertEquals(700, first.status());
      assertTrue(first.sticky());
      assertTrue(
          first
              .getMessage()
              .endsWith(
                  ") failed on cuda:0 (a card): CUDA_ERROR_ILLEGAL_ADDRESS (700), illegal address"),
          first.getMessage());
      long calls = softCuda.calls();
      CudaException later = assertThrows(CudaException.class, () -> context.allocate(16));
      assertEquals(
          "cuda:0 (a card) cannot be used any more since its first failure: " + first.getMessage(),
          later.getMessage());
      assertSame(first, later.getCause());
      assertEquals(700, later.status());
      assertEquals(
          later.getMessage(),
          assertThrows(CudaException.class, () -> stream.fill(memory.address(), 0, 4))
              .getMessage());
      assertEquals(calls, softCuda.calls(), "the driver was asked again");
    }
    try (CudaContext fresh = context("name=a card");
        DeviceMemory memory = fresh.allocate(16)) {
      assertEquals(16, memory.bytes());
    }
  }

  @Test
  void theCompilersOwnWordsAreInTheMessage() {
    byte[] wrong =
        (".version 8.4\n.target sm_75\n.address_size 64\n"
                + ".visible .entry f() { frobnicate.u32 %r1; ret; }\n")
            .getBytes(StandardCharsets.US_ASCII);
    try (CudaContext context = context("name=a card")) {
      CudaException e = assertThrows(CudaException.class, () -> context.load("wrong", wrong));
      assertEquals(218, e.status());
      assertTrue(
          e.getMessage()
              .startsWith(
                  "cuModuleLoadDataEx(wrong) failed on cuda:0 (a card): CUDA_ERROR_INVALID_PTX"
                      + " (218), invalid ptx; the compiler said: "),
          e.getMessage());
      assertTrue(e.getMessage().contains("frobnicate"), e.getMessage());
    }
  }

  @Test
  void ptxNewerThanTheDriverSaysWhichDriverIsNeeded() {
    byte[] newer =
        new String(Kernels.ptx(), StandardCharsets.US_ASCII)
            .replace(".version 8.4", ".version 8.6")
            .getBytes(StandardCharsets.US_ASCII);
    try (CudaContext context = context("name=a card")) {
      CudaException e = assertThrows(CudaException.class, () -> context.load("newer", newer));
      assertEquals(222, e.status());
      assertTrue(
          e.getMessage()
              .contains("; the driver is older than these kernels, install R550 or newer"),
          e.getMessage());
    }
  }

  @Test
  void anEntryThatAModuleDoesNotHaveIsNamed() {
    try (CudaContext context = context("name=a card");
        CudaModule module = context.load("objects", Kernels.ptx())) {
      CudaException e = assertThrows(CudaException.class, () -> module.function("none"));
      assertEquals(
          "cuModuleGetFunction(objects, none) failed on cuda:0 (a card): CUDA_ERROR_NOT_FOUND"
              + " (500), not found",
          e.getMessage());
    }
  }

  @Test
  void everyCallThatFailsOnceIsATypedExceptionAndLeavesNothing() {
    softCuda.reset();
    session();
    long calls = softCuda.calls();
    assertTrue(calls > 50, calls + " calls");
    int silent = 0;
    for (long n = 1; n <= calls; n++) {
      softCuda.reset();
      softCuda.fail(n, UNKNOWN);
      try {
        session();
        silent++;
      } catch (CudaException e) {
        assertEquals(UNKNOWN, e.status(), e.getMessage());
        assertTrue(e.getMessage().contains("CUDA_ERROR_UNKNOWN (999)"), e.getMessage());
      } catch (NativeLibraryException e) {
        assertTrue(e.getMessage().contains("CUDA_ERROR_UNKNOWN (999)"), e.getMessage());
      }
      assertEquals("", softCuda.liveObjects(), "after call " + n + " of " + calls + " failed");
    }
    // only what makes the context current before something is given back may fail unseen
    assertEquals(releases(), silent);
  }

  private long releases() {
    softCuda.reset();
    session();
    long releases = 0;
    for (String function :
        new String[] {
          "cuModuleUnload", "cuStreamDestroy_v2", "cuMemFree_v2", "cuMemFreeHost",
          "cuEventDestroy_v2", "cuGraphDestroy", "cuGraphExecDestroy", "cuMemAddressFree"
        }) {
      releases += softCuda.count(function);
    }
    return releases;
  }

  /** Uses one of everything. */
  private static void session() {
    CudaDriver driver = CudaDriver.open().orThrow();
    try (Arena arena = Arena.ofShared();
        CudaContext context = driver.context(driver.gpus().getFirst());
        CudaModule module = context.load("objects", Kernels.ptx());
        CudaStream stream = context.stream();
        DeviceMemory x = context.allocate(4 * N);
        DeviceMemory y = context.allocate(4 * N);
        VirtualMemory virtual = context.reserve(4 * N);
        PinnedMemory pinned = context.pin(4 * N);
        CudaEvent event = context.event()) {
      virtual.resize(4 * N);
      pinned.segment().copyFrom(Kernels.ramp(arena, N));
      stream.upload(x.address(), pinned.segment(), 0, 4 * N);
      CudaFunction function = module.function("scale");
      LaunchArguments arguments =
          function.arguments(arena).set(0, y.address()).set(1, x.address()).set(2, 2f).set(3, N);
      CudaLaunch launch = new CudaLaunch(function, Dim3.of(1), Dim3.of(N), 64 << 10, arguments);
      try (StreamCapture capture = stream.capture()) {
        launch.launch(stream);
        try (CudaGraph graph = capture.end();
            CudaGraphExec step = graph.instantiate()) {
          step.upload(stream);
          step.launch(stream);
          event.record(stream);
          stream.await(event);
          event.await();
        }
      }
      stream.copy(virtual.address(), y.address(), 4 * N);
      stream.download(pinned.segment(), 0, virtual.address(), 4 * N);
      stream.synchronize();
      assertArrayEquals(
          Kernels.multiples(2, N), pinned.segment().toArray(org.likeness.ffi.C.FLOAT));
      assertArrayEquals(Kernels.multiples(2, N), Kernels.read(y, N));
    }
  }
}
