package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnSoftCuda
final class SoftCudaGraphTest {
  private static final MemorySegment NULL = MemorySegment.NULL;
  private static final int NON_BLOCKING = 1;
  private static final int GLOBAL = 0;
  private static final int THREAD_LOCAL = 1;
  private static final int RELAXED = 2;

  private final SoftCuda softCuda;

  SoftCudaGraphTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  /** A capturing stream on a fresh device. */
  private record Capturing(SoftCudaCalls cuda, MemorySegment stream) implements AutoCloseable {
    static Capturing on(SoftCuda softCuda, int flags, int mode) {
      SoftCudaCalls cuda = SoftCudaCalls.on(softCuda);
      MemorySegment stream = cuda.stream(flags);
      cuda.ok("cuStreamBeginCapture_v2", stream, mode);
      return new Capturing(cuda, stream);
    }

    int end() {
      MemorySegment graph = cuda.arena.allocate(8);
      int status = cuda.status("cuStreamEndCapture", stream, graph);
      assertEquals(status == 0, graph.get(ValueLayout.JAVA_LONG, 0) != 0);
      return status;
    }

    @Override
    public void close() {
      cuda.close();
    }
  }

  @Test
  void aCapturedStepRunsOncePerLaunch() {
    for (String mode : new String[] {"eager=0", "eager=1"}) {
      try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, mode)) {
        MemorySegment stream = cuda.stream(NON_BLOCKING);
        MemorySegment add = cuda.function("add");
        long device = cuda.memory(4);
        cuda.write(device, 1);
        cuda.ok("cuStreamBeginCapture_v2", stream, GLOBAL);
        cuda.launch(add, 1, stream, device, 10);
        cuda.launch(add, 1, stream, device, 100);
        MemorySegment graph = pointer(cuda.out2("cuStreamEndCapture", stream));
        assertEquals(0, softCuda.count("kernels"));
        MemorySegment run = pointer(cuda.out("cuGraphInstantiateWithFlags", graph, 0L));
        cuda.ok("cuGraphDestroy", graph);
        cuda.ok("cuGraphLaunch", run, stream);
        cuda.ok("cuGraphLaunch", run, stream);
        cuda.ok("cuGraphExecDestroy", run);
        cuda.ok("cuStreamSynchronize", stream);
        assertEquals(221, cuda.read(device));
        assertEquals(4, softCuda.count("kernels"));
      }
    }
  }

  @Test
  void aForkedStreamJoinsTheCaptureAndOrderFollowsTheEdges(@TempDir Path folder)
      throws IOException {
    for (int seed = 1; seed <= 8; seed++) {
      try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "seed=" + seed)) {
        MemorySegment origin = cuda.stream(NON_BLOCKING);
        MemorySegment side = cuda.stream(NON_BLOCKING);
        MemorySegment forked = cuda.event();
        MemorySegment joined = cuda.event();
        MemorySegment store = cuda.function("store");
        MemorySegment add = cuda.function("add");
        long device = cuda.memory(8);
        cuda.ok("cuStreamBeginCapture_v2", origin, THREAD_LOCAL);
        cuda.launch(store, 1, origin, device, 1);
        cuda.ok("cuEventRecord", forked, origin);
        cuda.ok("cuStreamWaitEvent", side, forked, 0);
        cuda.launch(store, 1, side, device + 4, 2);
        cuda.launch(add, 1, origin, device, 4);
        cuda.ok("cuEventRecord", joined, side);
        cuda.ok("cuStreamWaitEvent", origin, joined, 0);
        cuda.ok("cuMemcpyDtoDAsync_v2", device, device + 4, 4L, origin);
        MemorySegment graph = pointer(cuda.out2("cuStreamEndCapture", origin));
        Path dot = folder.resolve("graph.dot");
        cuda.ok("cuGraphDebugDotPrint", graph, cuda.arena.allocateFrom(dot.toString()), 0);
        assertEquals(4, Files.readString(dot).lines().filter(l -> l.contains("->")).count());
        MemorySegment run = pointer(cuda.out("cuGraphInstantiateWithFlags", graph, 0L));
        cuda.ok("cuGraphLaunch", run, origin);
        cuda.ok("cuStreamSynchronize", origin);
        assertEquals(2, cuda.read(device));
      }
    }
  }

  @Test
  void aStreamThatIsNotJoinedBackIs904() {
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, GLOBAL)) {
      SoftCudaCalls cuda = capture.cuda();
      MemorySegment side = cuda.stream(NON_BLOCKING);
      MemorySegment event = cuda.event();
      cuda.ok("cuEventRecord", event, capture.stream());
      cuda.ok("cuStreamWaitEvent", side, event, 0);
      cuda.ok("cuLaunchHostFunc", side, pointer(1), NULL);
      cuda.refused(903, "cuStreamEndCapture", side, cuda.arena.allocate(8));
      assertEquals(904, capture.end());
      cuda.refused(401, "cuStreamEndCapture", capture.stream(), cuda.arena.allocate(8));
    }
  }

  @Test
  void allocatingWhileCapturingInvalidatesTheCapture() {
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, GLOBAL)) {
      SoftCudaCalls cuda = capture.cuda();
      cuda.refused(900, "cuMemAlloc_v2", cuda.arena.allocate(8), 16L);
      cuda.refused(901, "cuLaunchHostFunc", capture.stream(), pointer(1), NULL);
      assertEquals(901, capture.end());
      cuda.memory(16);
    }
  }

  @Test
  void aRelaxedCaptureOrThreadMayAllocate() {
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
      capture.cuda().memory(16);
      assertEquals(0, capture.end());
    }
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, GLOBAL)) {
      MemorySegment mode = capture.cuda().arena.allocateFrom(ValueLayout.JAVA_INT, RELAXED);
      capture.cuda().ok("cuThreadExchangeStreamCaptureMode", mode);
      capture.cuda().memory(16);
      capture.cuda().ok("cuThreadExchangeStreamCaptureMode", mode);
      assertEquals(RELAXED, mode.get(ValueLayout.JAVA_INT, 0));
      assertEquals(0, capture.end());
    }
  }

  @Test
  void waitingForACapturingStreamInvalidatesTheCapture() {
    String[] waits = {"cuStreamSynchronize", "cuStreamQuery"};
    for (String wait : waits) {
      try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
        capture.cuda().refused(900, wait, capture.stream());
        assertEquals(901, capture.end());
      }
    }
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
      capture.cuda().refused(900, "cuCtxSynchronize");
      assertEquals(901, capture.end());
    }
  }

  @Test
  void theLegacyStreamDisturbsOnlyBlockingCaptures() {
    try (Capturing capture = Capturing.on(softCuda, 0, RELAXED)) {
      capture.cuda().refused(906, "cuLaunchHostFunc", NULL, pointer(1), NULL);
      assertEquals(901, capture.end());
    }
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
      long device = capture.cuda().memory(4);
      capture.cuda().write(device, 1);
      assertEquals(0, capture.end());
      capture.cuda().refused(900, "cuStreamBeginCapture_v2", NULL, GLOBAL);
    }
  }

  @Test
  void eventsFromOutsideAndFromOtherCapturesAreRefused() {
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
      SoftCudaCalls cuda = capture.cuda();
      MemorySegment event = cuda.event();
      cuda.refused(905, "cuStreamWaitEvent", capture.stream(), event, 0);
      assertEquals(901, capture.end());
    }
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, RELAXED)) {
      SoftCudaCalls cuda = capture.cuda();
      MemorySegment other = cuda.stream(NON_BLOCKING);
      MemorySegment event = cuda.event();
      cuda.ok("cuStreamBeginCapture_v2", other, RELAXED);
      cuda.ok("cuEventRecord", event, other);
      cuda.refused(902, "cuStreamWaitEvent", capture.stream(), event, 0);
      assertEquals(901, capture.end());
      cuda.refused(901, "cuStreamEndCapture", other, cuda.arena.allocate(8));
      cuda.refused(907, "cuEventSynchronize", event);
    }
  }

  @Test
  void aCaptureEndsInTheThreadThatBeganIt() throws InterruptedException {
    try (Capturing capture = Capturing.on(softCuda, NON_BLOCKING, GLOBAL)) {
      SoftCudaCalls cuda = capture.cuda();
      MemorySegment context = pointer(cuda.out("cuCtxGetCurrent"));
      MemorySegment place = cuda.arena.allocate(8);
      int[] status = {-1, -1};
      Thread other =
          new Thread(
              () -> {
                cuda.ok("cuCtxSetCurrent", context);
                status[0] = cuda.status("cuStreamEndCapture", capture.stream(), place);
                status[1] = cuda.status("cuStreamQuery", NULL);
              });
      other.start();
      other.join();
      assertEquals(908, status[0]);
      assertEquals(900, status[1]);
      assertEquals(901, capture.end());
    }
  }

  @Test
  void anUpdateChangesLaterLaunchesAndNotQueuedOnes() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment stream = cuda.stream(NON_BLOCKING);
      MemorySegment add = cuda.function("add");
      long device = cuda.memory(4);
      cuda.write(device, 0);
      MemorySegment one = captured(cuda, stream, add, device, 1);
      MemorySegment ten = captured(cuda, stream, add, device, 10);
      MemorySegment run = pointer(cuda.out("cuGraphInstantiateWithFlags", one, 0L));
      cuda.ok("cuGraphLaunch", run, stream);
      MemorySegment info = cuda.arena.allocate(24, 8);
      cuda.ok("cuGraphExecUpdate_v2", run, ten, info);
      cuda.ok("cuGraphLaunch", run, stream);
      cuda.ok(
          "cuGraphExecKernelNodeSetParams_v2", run, node(cuda, one), node(cuda, add, device, 100));
      cuda.ok("cuGraphLaunch", run, stream);
      cuda.ok("cuStreamSynchronize", stream);
      assertEquals(111, cuda.read(device));

      cuda.ok("cuStreamBeginCapture_v2", stream, GLOBAL);
      MemorySegment empty = pointer(cuda.out2("cuStreamEndCapture", stream));
      cuda.refused(910, "cuGraphExecUpdate_v2", run, empty, info);
      assertEquals(2, info.get(ValueLayout.JAVA_INT, 0));
      assertTrue(softCuda.liveObjects().contains("executable graph, made by cuGraphInst"));
    }
  }

  private static MemorySegment captured(
      SoftCudaCalls cuda, MemorySegment stream, MemorySegment add, long device, int value) {
    cuda.ok("cuStreamBeginCapture_v2", stream, GLOBAL);
    cuda.launch(add, 1, stream, device, value);
    return pointer(cuda.out2("cuStreamEndCapture", stream));
  }

  private static MemorySegment node(SoftCudaCalls cuda, MemorySegment graph) {
    MemorySegment nodes = cuda.arena.allocate(8);
    MemorySegment count = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
    cuda.ok("cuGraphGetNodes", graph, nodes, count);
    return nodes.get(ValueLayout.ADDRESS, 0);
  }

  /** CUDA_KERNEL_NODE_PARAMS of one thread. */
  private static MemorySegment node(SoftCudaCalls cuda, MemorySegment add, long device, int value) {
    MemorySegment node = cuda.arena.allocate(72, 8);
    node.set(ValueLayout.ADDRESS, 0, add);
    for (int i = 0; i < 6; i++) {
      node.set(ValueLayout.JAVA_INT, 8 + 4 * i, 1);
    }
    node.set(ValueLayout.ADDRESS, 40, cuda.parameters(device, value));
    return node;
  }
}
