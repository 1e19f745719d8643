package org.likeness.benchmarks;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaFunction;
import org.likeness.cuda.CudaLaunch;
import org.likeness.cuda.CudaModule;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.Dim3;
import org.likeness.cuda.LaunchArguments;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One kernel launch through our bindings and through JCuda's, on one stream of a driver that does
 * nothing. Each side has two ways: arguments made ready once, as a training step's are, and made
 * anew for each launch, as JCuda's samples do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LaunchBenchmark {
  private static final int LOOP = 10_000;

  /** How many parameters the kernel has; ours have 4 to 12. */
  @Param({"10"})
  public int parameters;

  private final Arena arena = Arena.ofShared();
  private CudaContext context;
  private CudaModule module;
  private CudaStream stream;
  private DeviceMemory memory;
  private LaunchArguments arguments;
  private CudaLaunch launch;
  private CUfunction jcudaFunction;
  private CUstream jcudaStream;
  private Pointer jcudaArguments;
  private MethodHandle timeLaunches;
  private long functionHandle;
  private MemorySegment places;

  /** Opens the driver twice, by either side, and makes the same launch ready. */
  @Setup
  public void open() {
    SoftCudaDriver.reset("accept=1");
    CudaDriver driver = CudaDriver.open().orThrow();
    context = driver.context(driver.gpus().getFirst());
    String ptx = new EmptyKernel(parameters).ptx();
    module = context.load(EmptyKernel.NAME, ptx.getBytes(StandardCharsets.US_ASCII));
    stream = context.stream();
    memory = context.allocate(256);
    CudaFunction function = module.function(EmptyKernel.NAME);
    arguments = function.arguments(arena);
    setArguments();
    launch = new CudaLaunch(function, Dim3.of(1), Dim3.of(1), 0, arguments);
    JCudaDriver.setExceptionsEnabled(true);
    context.enter();
    CUmodule jcudaModule = new CUmodule();
    JCudaDriver.cuModuleLoadData(jcudaModule, ptx);
    jcudaFunction = new CUfunction();
    JCudaDriver.cuModuleGetFunction(jcudaFunction, jcudaModule, EmptyKernel.NAME);
    jcudaStream = JCudaInterop.stream(stream);
    jcudaArguments = jcudaArguments();
    timeLaunches = SoftCudaDriver.timeLaunches();
    functionHandle = JCudaInterop.handle(jcudaFunction);
    places = places();
  }

  /** Room for the largest parameter at each place, for the loop in C. */
  private MemorySegment places() {
    MemorySegment values = arena.allocate(Long.BYTES * (parameters + 1L), Long.BYTES);
    MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, parameters + 1L);
    for (int i = 0; i < parameters; i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice(Long.BYTES * (long) i));
    }
    return pointers;
  }

  private void setArguments() {
    for (int i = 0; i < parameters; i++) {
      if (EmptyKernel.address(i)) {
        arguments.set(i, memory.address());
      } else if (EmptyKernel.count(i)) {
        arguments.set(i, i);
      } else {
        arguments.set(i, 0.5f);
      }
    }
  }

  private Pointer jcudaArguments() {
    Pointer[] each = new Pointer[parameters];
    for (int i = 0; i < parameters; i++) {
      each[i] =
          EmptyKernel.address(i)
              ? Pointer.to(JCudaInterop.pointer(memory))
              : EmptyKernel.count(i) ? Pointer.to(new int[] {i}) : Pointer.to(new float[] {0.5f});
    }
    return Pointer.to(each);
  }

  /** Our launch. */
  @Benchmark
  public void ffm() {
    launch.launch(stream);
  }

  /** Our launch, after every argument was set again. */
  @Benchmark
  public void ffmArgumentsAnew() {
    setArguments();
    launch.launch(stream);
  }

  /** JCuda's launch with arguments made once: its fastest way. */
  @Benchmark
  public void jni() {
    cuLaunchKernel(jcudaFunction, 1, 1, 1, 1, 1, 1, 0, jcudaStream, jcudaArguments, null);
  }

  /** JCuda's launch as its samples write it. */
  @Benchmark
  public void jniArgumentsAnew() {
    cuLaunchKernel(jcudaFunction, 1, 1, 1, 1, 1, 1, 0, jcudaStream, jcudaArguments(), null);
  }

  /** The driver's own cost: the same calls from a loop in C. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long driver() throws Throwable {
    long nanos =
        (long) timeLaunches.invokeExact(functionHandle, stream.handle(), places, (long) LOOP);
    if (nanos < 0) {
      throw new IllegalStateException("a launch was refused");
    }
    return nanos;
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    memory.close();
    stream.close();
    module.close();
    context.close();
    arena.close();
  }
}
