package org.likeness.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.ffi.Availability;

/** Both libraries on one context of softcuda: each works on what the other made. */
class JCudaInteropTest {
  private static final float[] VALUES = {1, 2.5f, -3, 4};
  private static final int BYTES = 16;

  private static CudaContext context;

  @BeforeAll
  static void open() throws InterruptedException {
    Availability<Path> softCuda = SoftCudaDriver.build();
    assumeTrue(softCuda instanceof Availability.Available, softCuda::message);
    System.setProperty(SoftCudaDriver.PROPERTY, softCuda.orThrow().toString());
    SoftCudaDriver.reset("");
    CudaDriver driver = CudaDriver.open().orThrow();
    context = driver.context(driver.gpus().getFirst());
    JCudaDriver.setExceptionsEnabled(true);
  }

  @AfterAll
  static void close() {
    if (context != null) {
      context.close();
    }
  }

  @Test
  void jcudaFillsOurMemoryOnOurStream() {
    try (DeviceMemory memory = context.allocate(BYTES);
        CudaStream stream = context.stream()) {
      CUdeviceptr pointer = JCudaInterop.pointer(memory);
      JCudaDriver.cuMemsetD32Async(pointer, bits(7.5f), 4, JCudaInterop.stream(stream));
      JCudaDriver.cuMemsetD32Async(
          pointer.withByteOffset(4), bits(-1), 1, JCudaInterop.stream(stream));
      stream.synchronize();
      assertArrayEquals(new float[] {7.5f, -1, 7.5f, 7.5f}, ours(memory));
    }
  }

  @Test
  void weReadAndFillMemoryAndStreamsOfJcuda() {
    CUdeviceptr pointer = new CUdeviceptr();
    CUstream stream = new CUstream();
    JCudaDriver.cuMemAlloc(pointer, BYTES);
    JCudaDriver.cuStreamCreate(stream, 1);
    JCudaDriver.cuMemcpyHtoD(pointer, Pointer.to(VALUES), BYTES);
    try (DeviceMemory memory = JCudaInterop.memory(context, pointer, BYTES);
        CudaStream same = JCudaInterop.stream(context, stream)) {
      assertArrayEquals(VALUES, ours(memory));
      same.fill(memory.address() + 8, bits(9), 2);
      same.synchronize();
    }
    float[] after = new float[4];
    JCudaDriver.cuMemcpyDtoH(Pointer.to(after), pointer, BYTES);
    assertArrayEquals(new float[] {1, 2.5f, 9, 9}, after);
    JCudaDriver.cuStreamDestroy(stream);
    JCudaDriver.cuMemFree(pointer);
  }

  @Test
  void handlesSurviveTheWayThereAndBack() {
    try (DeviceMemory memory = context.allocate(BYTES);
        CudaStream stream = context.stream()) {
      CUdeviceptr offset = JCudaInterop.pointer(memory).withByteOffset(4);
      assertEquals(memory.address() + 4, JCudaInterop.memory(context, offset, 4).address());
      CUstream theirs = JCudaInterop.stream(stream);
      assertEquals(stream.handle(), JCudaInterop.stream(context, theirs).handle());
    }
  }

  private static int bits(float value) {
    return Float.floatToRawIntBits(value);
  }

  private static float[] ours(DeviceMemory memory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(BYTES, 4);
      memory.read(0, floats);
      return floats.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
