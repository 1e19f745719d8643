package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.likeness.ffi.C;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** Every kind of object on a device that works. */
@OnSoftCuda
class CudaSessionTest {
  private static final int N = 1000;

  private final SoftCuda softCuda;
  private final Arena arena = Arena.ofShared();
  private CudaContext context;
  private CudaModule module;
  private CudaStream stream;

  CudaSessionTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @BeforeEach
  void open() {
    softCuda.reset("cc=89", "name=a card", "memory=64MiB");
    CudaDriver driver = CudaDriver.open().orThrow();
    context = driver.context(driver.gpus().getFirst());
    module = context.load("objects", Kernels.ptx());
    stream = context.stream();
  }

  @AfterEach
  void closeAndCheckThatNothingIsLeft() {
    closeDevice();
    arena.close();
    assertEquals("", softCuda.liveObjects());
  }

  private void closeDevice() {
    stream.close();
    module.close();
    context.close();
  }

  private CudaLaunch scale(DeviceMemory y, DeviceMemory x, float a) {
    CudaFunction function = module.function("scale");
    LaunchArguments arguments =
        function.arguments(arena).set(0, y.address()).set(1, x.address()).set(2, a).set(3, N);
    return new CudaLaunch(function, Dim3.of(Math.ceilDiv(N, 128)), Dim3.of(128), 0, arguments);
  }

  @Test
  void gpusAreDescribed() {
    closeDevice();
    softCuda.reset("devices=2", "cc=90", "name=a card", "memory=64MiB");
    CudaDriver driver = CudaDriver.open().orThrow();
    assertEquals(2, driver.gpus().size());
    Gpu gpu = driver.gpus().get(1);
    assertEquals("cuda:1 (a card, compute capability 9.0, 0.1 GiB)", gpu.toString());
    assertEquals(64 << 20, gpu.memory().totalBytes());
    assertEquals(227 << 10, gpu.multiprocessors().sharedOptInBytes());
    assertTrue(gpu.uuid().matches("GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), gpu.uuid());
    assertTrue(gpu.virtualMemory());
    assertEquals("12.4", driver.version());
    assertEquals("8.4", driver.ptxVersion());
  }

  @Test
  void aKernelReadsItsArgumentsAnewAtEachLaunch() {
    try (DeviceMemory x = context.allocate(4 * N);
        DeviceMemory y = context.allocate(4 * N)) {
      x.write(0, Kernels.ramp(arena, N));
      CudaFunction function = module.function("scale");
      LaunchArguments arguments =
          function.arguments(arena).set(0, y.address()).set(1, x.address()).set(2, 2f).set(3, N);
      CudaLaunch launch = new CudaLaunch(function, Dim3.of(8), Dim3.of(128), 0, arguments);
      launch.launch(stream);
      stream.synchronize();
      assertArrayEquals(Kernels.multiples(2, N), Kernels.read(y, N));
      arguments.set(2, -3f);
      launch.launch(stream);
      stream.synchronize();
      assertArrayEquals(Kernels.multiples(-3, N), Kernels.read(y, N));
    }
  }

  @Test
  void whatIsBorrowedWorksAndIsLeftToItsOwner() {
    try (DeviceMemory x = context.allocate(4 * N)) {
      try (DeviceMemory half = context.borrowMemory(x.address(), 2 * N);
          CudaStream same = context.borrowStream(stream.handle())) {
        same.fill(half.address(), Float.floatToRawIntBits(7), half.bytes() / 4);
        same.synchronize();
        assertEquals(7, Kernels.read(half, N / 2)[N / 2 - 1]);
      }
      assertEquals(0, softCuda.count("cuMemFree_v2"));
      assertEquals(0, softCuda.count("cuStreamDestroy_v2"));
      assertEquals(7, Kernels.read(x, 1)[0]);
      assertTrue(stream.done());
    }
  }

  @Test
  void aStructureIsPassedByValue() {
    MemorySegment line = arena.allocate(24, 8);
    line.set(C.INT, 0, 5);
    line.set(ValueLayout.JAVA_DOUBLE, 8, 0.5);
    line.set(C.FLOAT, 16, 10);
    try (DeviceMemory x = context.allocate(20);
        DeviceMemory y = context.allocate(20)) {
      x.write(0, Kernels.ramp(arena, 5));
      CudaFunction function = module.function("line");
      LaunchArguments arguments =
          function.arguments(arena).set(0, y.address()).set(1, x.address()).set(2, line);
      new CudaLaunch(function, Dim3.of(1), Dim3.of(32), 0, arguments).launch(stream);
      stream.synchronize();
      assertArrayEquals(new float[] {10, 10.5f, 11, 11.5f, 12}, Kernels.read(y, 5));
    }
  }

  @Test
  void argumentsThatDoNotFitAreRefused() {
    CudaFunction function = module.function("scale");
    assertEquals(
        List.of(
            new CudaFunction.Parameter(0, 8),
            new CudaFunction.Parameter(8, 8),
            new CudaFunction.Parameter(16, 4),
            new CudaFunction.Parameter(20, 4)),
        function.parameters());
    LaunchArguments arguments = function.arguments(arena);
    assertEquals(
        "scale: parameter 2 has 4 bytes, not 8",
        assertThrows(IllegalArgumentException.class, () -> arguments.set(2, 1L)).getMessage());
    assertEquals(
        "scale has 4 parameters, none at 4",
        assertThrows(IllegalArgumentException.class, () -> arguments.set(4, 1)).getMessage());
    arguments.set(0, 0L).set(1, 0L).set(3, 0);
    assertEquals(
        "scale: parameter 2 was not set",
        assertThrows(
                IllegalArgumentException.class,
                () -> new CudaLaunch(function, Dim3.of(1), Dim3.of(1), 0, arguments))
            .getMessage());
  }

  @Test
  void aLaunchIsAllowedTheSharedMemoryThatItAsksFor() {
    int threads = 1000;
    int shared = 96 << 10;
    CudaFunction function = module.function("reverse");
    try (DeviceMemory x = context.allocate(4 * threads);
        DeviceMemory y = context.allocate(4 * threads)) {
      x.write(0, Kernels.ramp(arena, threads));
      LaunchArguments arguments = function.arguments(arena).set(0, y.address()).set(1, x.address());
      new CudaLaunch(function, Dim3.of(1), Dim3.of(threads), shared, arguments).launch(stream);
      stream.synchronize();
      float[] backwards = Kernels.read(y, threads);
      assertEquals(999, backwards[0]);
      assertEquals(0, backwards[999]);
    }
    assertEquals(1, function.blocksPerMultiprocessor(threads, shared));
    assertEquals(0, function.resources().staticSharedBytes());
    assertEquals(1024, function.resources().maxThreadsPerBlock());
  }

  @Test
  void aCapturedStepIsOneLaunchAndTakesOverOtherArguments() {
    try (DeviceMemory x = context.allocate(4 * N);
        DeviceMemory y = context.allocate(4 * N);
        DeviceMemory z = context.allocate(4 * N)) {
      x.write(0, Kernels.ramp(arena, N));
      CudaLaunch first = scale(y, x, 2);
      CudaLaunch second = scale(z, y, 3);
      try (CudaGraph graph = record(first, second);
          CudaGraph other = record(first, scale(z, y, 5));
          CudaGraph longer = record(first, second, second);
          CudaGraphExec step = graph.instantiate()) {
        assertEquals(2, graph.nodes());
        assertEquals(0, softCuda.count("kernels"));
        step.upload(stream);
        long before = softCuda.calls();
        step.launch(stream);
        assertEquals(1, softCuda.calls() - before);
        stream.synchronize();
        assertArrayEquals(Kernels.multiples(6, N), Kernels.read(z, N));
        assertTrue(step.update(other));
        step.launch(stream);
        stream.synchronize();
        assertArrayEquals(Kernels.multiples(10, N), Kernels.read(z, N));
        assertFalse(step.update(longer));
      }
    }
  }

  private CudaGraph record(CudaLaunch... launches) {
    try (StreamCapture capture = stream.capture()) {
      for (CudaLaunch launch : launches) {
        launch.launch(stream);
      }
      return capture.end();
    }
  }

  @Test
  void aCaptureThatIsNotEndedIsDropped() {
    CudaLaunch launch = idle();
    try (StreamCapture capture = stream.capture()) {
      launch.launch(stream);
      assertFalse(capture.toString().isEmpty());
    }
    stream.synchronize();
    assertEquals(0, softCuda.count("kernels"));
    launch.launch(stream);
    stream.synchronize();
    assertEquals(1, softCuda.count("kernels"));
  }

  private CudaLaunch idle() {
    CudaFunction function = module.function("idle");
    return new CudaLaunch(function, Dim3.of(1), Dim3.of(1), 0, function.arguments(arena));
  }

  @Test
  void copiesAndFillsGoThroughPinnedMemoryInOrder() {
    try (DeviceMemory memory = context.allocate(4 * N);
        DeviceMemory copy = context.allocate(4 * N);
        PinnedMemory pinned = context.pin(8 * N)) {
      MemorySegment host = pinned.segment();
      MemorySegment.copy(Kernels.ramp(arena, N), 0, host, 0, 4 * N);
      stream.upload(memory.address(), host, 0, 4 * N);
      stream.fill(memory.address(), (byte) 0, 8);
      stream.fill(memory.address() + 4, Float.floatToRawIntBits(7), 1);
      stream.copy(copy.address(), memory.address(), 4 * N);
      stream.download(host, 4 * N, copy.address(), 4 * N);
      stream.synchronize();
      assertEquals(0, host.getAtIndex(C.FLOAT, N));
      assertEquals(7, host.getAtIndex(C.FLOAT, N + 1));
      assertEquals(2, host.getAtIndex(C.FLOAT, N + 2));
      assertEquals(999, host.getAtIndex(C.FLOAT, N + 999));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> stream.upload(memory.address(), host, 4 * N, 8 * N));
      MemorySegment heap = MemorySegment.ofArray(new int[1]);
      assertEquals(
          "only open native memory can be copied, not " + heap,
          assertThrows(
                  IllegalArgumentException.class, () -> stream.upload(memory.address(), heap, 0, 4))
              .getMessage());
    }
  }

  @Test
  void streamsWaitForEachOthersEvents() {
    try (CudaStream other = context.stream();
        CudaEvent event = context.event();
        CudaEvent start = context.timer();
        CudaEvent end = context.timer()) {
      start.record(stream);
      idle().launch(stream);
      event.record(stream);
      assertFalse(event.done());
      other.await(event);
      idle().launch(other);
      assertFalse(other.done());
      other.synchronize();
      assertEquals(2, softCuda.count("kernels"));
      end.record(stream);
      end.await();
      assertTrue(event.done());
      assertTrue(stream.done());
      assertTrue(end.millisecondsSince(start) >= 0);
    }
  }

  @Test
  void memoryGrowsAndShrinksBehindItsAddresses() {
    long mebibyte = 1 << 20;
    try (VirtualMemory memory = context.reserve(16 * mebibyte)) {
      assertEquals(0, memory.bytes());
      memory.resize(1);
      long part = memory.bytes();
      assertEquals(part, softCuda.allocated());
      stream.fill(memory.address(), 5, part / 4);
      memory.resize(3 * part);
      stream.copy(memory.address() + 2 * part, memory.address(), part);
      stream.synchronize();
      assertEquals(3 * part, softCuda.allocated());
      memory.resize(part);
      assertEquals(part, memory.bytes());
      memory.resize(0);
      assertEquals(0, softCuda.allocated());
      assertEquals(
          "16777217 bytes do not fit behind " + memory.reserved() + " reserved ones",
          assertThrows(IllegalArgumentException.class, () -> memory.resize(16 * mebibyte + 1))
              .getMessage());
    }
  }

  @Test
  void memoryThatIsNotThereIsSaidWithWhatIs() {
    try (DeviceMemory half = context.allocate(32 << 20)) {
      CudaContext.MemoryInfo info = context.memoryInfo();
      assertEquals(64 << 20, info.total());
      CudaException e = assertThrows(CudaException.class, () -> context.allocate(48 << 20));
      assertEquals(
          String.format(
              "cuMemAlloc_v2(50331648) failed on cuda:0 (a card): CUDA_ERROR_OUT_OF_MEMORY (2), out"
                  + " of memory; %,d of 67,108,864 bytes are free",
              info.free()),
          e.getMessage());
      assertTrue(e.outOfMemory());
      assertEquals("cuMemAlloc_v2", e.function());
      assertEquals(32 << 20, half.bytes());
    }
  }

  @Test
  void bytesOutsideAnAllocationAreRefusedBeforeTheDriverIsAsked() {
    try (DeviceMemory memory = context.allocate(16)) {
      assertThrows(IndexOutOfBoundsException.class, () -> memory.write(8, Kernels.ramp(arena, 3)));
      assertThrows(IndexOutOfBoundsException.class, () -> memory.read(-1, arena.allocate(4)));
    }
  }

  @Test
  void afterTheContextIsClosedNothingIsAskedOfTheDriver() {
    DeviceMemory memory = context.allocate(16);
    memory.close();
    closeDevice();
    long calls = softCuda.calls();
    memory.close();
    stream.close();
    assertEquals(
        "cuda:0 (a card) is closed",
        assertThrows(IllegalStateException.class, stream::synchronize).getMessage());
    assertEquals(calls, softCuda.calls());
  }
}
