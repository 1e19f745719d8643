package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.junit.jupiter.api.Test;

@OnSoftCuda
final class SoftCudaDriverTest {
  private static final MemorySegment NULL = MemorySegment.NULL;
  private static final int NON_BLOCKING = 1;

  private final SoftCuda softCuda;

  SoftCudaDriverTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void callsAreCountedByTheirOwnNames() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      long before = softCuda.calls();
      cuda.stream(0);
      cuda.out("cuStreamCreateWithPriority", 0, -3);
      cuda.out("cuStreamCreateWithPriority", 0, -3);
      assertEquals(3, softCuda.calls() - before);
      assertEquals(1, softCuda.count("cuStreamCreate"));
      assertEquals(2, softCuda.count("cuStreamCreateWithPriority"));
    }
  }

  @Test
  void manyStreamsWaitForEachOtherWithoutDeepRecursion() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment[] streams = {cuda.stream(NON_BLOCKING), cuda.stream(NON_BLOCKING)};
      MemorySegment event = cuda.event();
      MemorySegment add = cuda.function("add");
      long device = cuda.memory(4);
      cuda.write(device, 0);
      for (int i = 0; i < 4000; i++) {
        cuda.launch(add, 1, streams[i & 1], device, 1);
        cuda.ok("cuEventRecord", event, streams[i & 1]);
        cuda.ok("cuStreamWaitEvent", streams[~i & 1], event, 0);
      }
      cuda.ok("cuStreamSynchronize", streams[0]);
      assertEquals(4000, cuda.read(device));
    }
  }

  @Test
  void everyCallNeedsACurrentContext() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      cuda.ok("cuCtxSetCurrent", NULL);
      cuda.refused(201, "cuMemAlloc_v2", cuda.arena.allocate(8), 16L);
      cuda.ok("cuDevicePrimaryCtxRelease_v2", 0);
      cuda.refused(201, "cuDevicePrimaryCtxRelease_v2", 0);
      cuda.refused(101, "cuDeviceGet", cuda.arena.allocate(4), 1);
    }
  }

  @Test
  void parametersAreReadAtTheLaunchWhichRunsAtTheSynchronization() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment stream = cuda.stream(NON_BLOCKING);
      long device = cuda.memory(4);
      cuda.launch(cuda.function("store"), 1, stream, device, 42);
      assertEquals(0, softCuda.count("kernels"));
      cuda.refused(600, "cuStreamQuery", stream);
      assertEquals(0, softCuda.count("kernels"));
      cuda.ok("cuStreamQuery", stream);
      assertEquals(1, softCuda.count("kernels"));
      assertEquals(42, cuda.read(device));
    }
  }

  @Test
  void theLegacyStreamWaitsForBlockingStreamsAndTheyForIt() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment first = cuda.stream(0);
      MemorySegment second = cuda.stream(0);
      MemorySegment store = cuda.function("store");
      MemorySegment add = cuda.function("add");
      long device = cuda.memory(4);
      cuda.launch(store, 1, first, device, 1);
      cuda.launch(add, 1, NULL, device, 10);
      cuda.launch(add, 1, second, device, 100);
      cuda.ok("cuStreamSynchronize", second);
      assertEquals(3, softCuda.count("kernels"));
      assertEquals(111, cuda.read(device));
    }
  }

  @Test
  void aStreamThatDoesNotWaitForAnEventSeesOldMemory() {
    for (boolean waits : new boolean[] {true, false}) {
      try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
        MemorySegment producer = cuda.stream(NON_BLOCKING);
        MemorySegment consumer = cuda.stream(NON_BLOCKING);
        MemorySegment event = cuda.event();
        long device = cuda.memory(4);
        cuda.write(device, 5);
        cuda.launch(cuda.function("add"), 1, producer, device, 1);
        cuda.ok("cuEventRecord", event, producer);
        if (waits) {
          cuda.ok("cuStreamWaitEvent", consumer, event, 0);
        }
        MemorySegment host = cuda.pinned(4);
        cuda.ok("cuMemcpyDtoHAsync_v2", host, device, 4L, consumer);
        cuda.ok("cuStreamSynchronize", consumer);
        assertEquals(waits ? 6 : 5, host.get(ValueLayout.JAVA_INT, 0));
      }
    }
  }

  @Test
  void aFaultStaysUntilTheContextEnds() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      long device = cuda.memory(4);
      MemorySegment store = cuda.function("store");
      cuda.launch(store, 1, NULL, device + (1L << 30), 1);
      cuda.refused(700, "cuCtxSynchronize");
      cuda.refused(700, "cuMemAlloc_v2", cuda.arena.allocate(8), 16L);
      cuda.refused(700, "cuMemFree_v2", device);
      assertEquals(0, softCuda.allocated());
      String fault = "kernel store, block (0,0,0), thread (0,0,0): writes 4 bytes at 0x%x, outside";
      String told = softCuda.lastFault();
      assertTrue(told.startsWith(fault.formatted(device + (1L << 30))), told);
      cuda.ok("cuDevicePrimaryCtxRelease_v2", 0);
      cuda.ok("cuCtxSetCurrent", pointer(cuda.out("cuDevicePrimaryCtxRetain", 0)));
      cuda.memory(16);
    }
  }

  @Test
  void theNthCallFailsAndWhatReleasesReleasesAllTheSame() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      softCuda.fail(2, 2);
      long device = cuda.memory(64);
      cuda.refused(2, "cuMemAlloc_v2", cuda.arena.allocate(8), 64L);
      assertEquals(64, softCuda.allocated());
      softCuda.fail(1, 999);
      cuda.refused(999, "cuMemFree_v2", device);
      assertEquals(0, softCuda.allocated());
      softCuda.fail(1, 719);
      cuda.refused(719, "cuCtxSynchronize");
      cuda.refused(719, "cuCtxSynchronize");
    }
  }

  @Test
  void whatIsNotReleasedIsListed() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      cuda.stream(0);
      cuda.event();
      cuda.memory(100);
      cuda.pinned(10);
      String alive =
          """
          stream, made by cuStreamCreate
          event, made by cuEventCreate
          100 bytes of device memory, made by cuMemAlloc_v2
          10 bytes of pinned host memory, made by cuMemHostAlloc
          """;
      assertEquals(
          "primary context of device 0, retained 1 times\n" + alive, softCuda.liveObjects());
      cuda.ok("cuDevicePrimaryCtxRelease_v2", 0);
      assertEquals(
          "left in the context of device 0 when it ended:\n" + alive, softCuda.liveObjects());
      assertEquals(0, softCuda.allocated());
    }
  }

  @Test
  void functionsAreFoundByTheirBaseNameAndVersion() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "driver=12020")) {
      assertEquals(0, procAddress(cuda, "cuMemAlloc", 12020));
      assertEquals(1, procAddress(cuda, "cuMemAlloc_v2", 12020));
      assertEquals(2, procAddress(cuda, "cuLaunchKernelEx", 11000));
      assertEquals(1, procAddress(cuda, "cuFuncGetParamInfo", 12040));
    }
  }

  private static int procAddress(SoftCudaCalls cuda, String name, int version) {
    MemorySegment status = cuda.arena.allocate(4);
    MemorySegment address = cuda.arena.allocate(8);
    cuda.ok("cuGetProcAddress_v2", cuda.arena.allocateFrom(name), address, version, 0L, status);
    int found = status.get(ValueLayout.JAVA_INT, 0);
    assertEquals(found == 0, address.get(ValueLayout.JAVA_LONG, 0) != 0);
    return found;
  }

  @Test
  void aHostFunctionMayNotCallTheDriver() throws ReflectiveOperationException {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      int[] seen = {-1};
      MethodHandle body =
          MethodHandles.lookup()
              .findStatic(
                  SoftCudaDriverTest.class,
                  "driverVersion",
                  MethodType.methodType(
                      void.class, SoftCudaCalls.class, int[].class, MemorySegment.class));
      MemorySegment function =
          Linker.nativeLinker()
              .upcallStub(
                  MethodHandles.insertArguments(body, 0, cuda, seen),
                  FunctionDescriptor.ofVoid(ValueLayout.ADDRESS),
                  cuda.arena);
      cuda.ok("cuLaunchHostFunc", NULL, function, NULL);
      assertEquals(-1, seen[0]);
      cuda.ok("cuCtxSynchronize");
      assertEquals(800, seen[0]);
    }
  }

  private static void driverVersion(SoftCudaCalls cuda, int[] seen, MemorySegment data) {
    assertEquals(0, data.address());
    seen[0] = cuda.status("cuDriverGetVersion", cuda.arena.allocate(4));
  }

  @Test
  void whatCuInitSaysIsASetting() {
    softCuda.reset("devices=0");
    assertEquals(100, initialise());
    softCuda.reset("init=803");
    assertEquals(803, initialise());
    String message =
        assertThrows(IllegalArgumentException.class, () -> softCuda.reset("cc=99")).getMessage();
    assertEquals("cc=99 is none of 70 75 80 86 89 90 100 120", message);
    softCuda.reset();
  }

  private int initialise() {
    try {
      return (int)
          softCuda
              .function("cuInit", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
              .invokeExact(0);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void nvmlSeesTheSameDevices() throws Throwable {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "devices=2", "used=1MiB")) {
      cuda.memory(1 << 20);
      SymbolLookup nvml = SymbolLookup.libraryLookup(softCuda.nvml(), Arena.global());
      FunctionDescriptor none = FunctionDescriptor.of(ValueLayout.JAVA_INT);
      FunctionDescriptor two =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
      Linker linker = Linker.nativeLinker();
      assertEquals(
          0, (int) linker.downcallHandle(nvml.findOrThrow("nvmlInit_v2"), none).invokeExact());
      MemorySegment memory = cuda.arena.allocate(24, 8);
      MethodHandle info = linker.downcallHandle(nvml.findOrThrow("nvmlDeviceGetMemoryInfo"), two);
      assertEquals(0, (int) info.invokeExact(pointer(1), memory));
      assertEquals(2 << 20, memory.get(ValueLayout.JAVA_LONG, 16));
      assertEquals(2, (int) info.invokeExact(pointer(3), memory));
      MemorySegment place = cuda.arena.allocate(8);
      MethodHandle byUuid =
          linker.downcallHandle(nvml.findOrThrow("nvmlDeviceGetHandleByUUID"), two);
      MemorySegment uuid = cuda.arena.allocateFrom("GPU-736f6674-6375-6461-2064-657669636501");
      assertEquals(0, (int) byUuid.invokeExact(uuid, place));
      assertEquals(2, place.get(ValueLayout.JAVA_LONG, 0));
    }
  }
}
