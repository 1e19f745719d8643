package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** What a training step calls again and again allocates nothing, in Java and on the device. */
@OnSoftCuda
class CudaHotPathTest {
  private static final int WARM_UP = 30_000;
  private static final int ROUNDS = 1_000;

  /**
   * What the JVM may allocate on this thread beside us, for all rounds: less than a byte a call.
   */
  private static final long SLACK = 4096;

  private final SoftCuda softCuda;

  CudaHotPathTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void launchesCopiesEventsAndGraphsAllocateNothing() {
    softCuda.reset("eager=1", "threads=1");
    CudaDriver driver = CudaDriver.open().orThrow();
    try (Arena arena = Arena.ofShared();
        CudaContext context = driver.context(driver.gpus().getFirst());
        CudaModule module = context.load("objects", Kernels.ptx());
        CudaStream stream = context.stream();
        DeviceMemory memory = context.allocate(64);
        PinnedMemory pinned = context.pin(64);
        CudaEvent event = context.event()) {
      CudaFunction function = module.function("idle");
      CudaLaunch launch =
          new CudaLaunch(function, Dim3.of(1), Dim3.of(1), 0, function.arguments(arena));
      try (StreamCapture capture = stream.capture()) {
        launch.launch(stream);
        try (CudaGraph graph = capture.end();
            CudaGraphExec step = graph.instantiate()) {
          Runnable round =
              () -> {
                launch.launch(stream);
                stream.upload(memory.address(), pinned.segment(), 0, 64);
                stream.download(pinned.segment(), 0, memory.address(), 64);
                stream.fill(memory.address(), 0, 16);
                event.record(stream);
                event.done();
                stream.await(event);
                step.launch(stream);
                stream.done();
              };
          long before = 0;
          for (int i = 0; i < WARM_UP + ROUNDS; i++) {
            if (i == WARM_UP) {
              before = allocatedByThisThread();
            }
            round.run();
          }
          long allocated = allocatedByThisThread() - before;
          assertTrue(allocated < SLACK, allocated + " bytes in " + ROUNDS + " rounds");
          assertEquals(1, softCuda.count("cuMemAlloc_v2"));
        }
      }
    }
  }

  private static long allocatedByThisThread() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
