package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

/** What launch benchmarks subtract: launches that are read and not run, timed from C. */
@OnSoftCuda
final class SoftCudaLaunchCostTest {
  private static final FunctionDescriptor PROTOTYPE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG);

  private final SoftCuda softCuda;

  SoftCudaLaunchCostTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void acceptedLaunchesAreTimedAndDoNothing() throws Throwable {
    assertEquals(5, storedBy(100, "accept=1"));
  }

  @Test
  void otherLaunchesAreTimedAndRun() throws Throwable {
    assertEquals(9, storedBy(100));
  }

  @Test
  void aHandleThatIsNoFunctionIsRefused() throws Throwable {
    MethodHandle time = softCuda.function("softcuda_time_launches", PROTOTYPE);
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "accept=1")) {
      MemorySegment stray = MemorySegment.ofAddress(0x10);
      assertEquals(-1, (long) time.invokeExact(stray, cuda.stream(0), MemorySegment.NULL, 1L));
    }
  }

  /** Returns a word that was 5 before launches of a kernel that stores 9. */
  private int storedBy(long times, String... settings) throws Throwable {
    MethodHandle time = softCuda.function("softcuda_time_launches", PROTOTYPE);
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, settings)) {
      long word = cuda.memory(4);
      cuda.write(word, 5);
      MemorySegment stream = cuda.stream(0);
      MemorySegment places = cuda.parameters(word, 9);
      MemorySegment store = cuda.function("store");
      long nanos = (long) time.invokeExact(store, stream, places, times);
      assertTrue(nanos > 0, nanos + " ns");
      cuda.ok("cuStreamSynchronize", stream);
      return cuda.read(word);
    }
  }
}
