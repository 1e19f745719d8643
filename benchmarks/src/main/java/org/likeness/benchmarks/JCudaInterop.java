package org.likeness.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;

/**
 * Likeness beside JCuda in one program: buffers and streams of either, used by the other. Whoever
 * made a thing closes it. Both must be in the device's primary context, which is current on a
 * thread after {@link CudaContext#enter}, and must have loaded the same driver.
 */
public final class JCudaInterop {
  /** JCuda has no public way to name a stream that it did not make. */
  private static final MethodHandle STREAM = streamOf();

  private JCudaInterop() {}

  /** Returns our memory as JCuda's pointer, for its copies, kernels and libraries. */
  public static CUdeviceptr pointer(DeviceMemory memory) {
    return new CUdeviceptr().withByteOffset(memory.address());
  }

  /** Returns JCuda's memory as ours: {@code bytes} from the pointer on. */
  public static DeviceMemory memory(CudaContext context, CUdeviceptr pointer, long bytes) {
    return context.borrowMemory(new Address(pointer).value(), bytes);
  }

  /** Returns our stream as JCuda's. */
  public static CUstream stream(CudaStream stream) {
    try {
      return (CUstream) STREAM.invokeExact(stream.handle());
    } catch (Throwable t) {
      throw new LinkageError("this version of JCuda makes no CUstream of a handle", t);
    }
  }

  /** Returns JCuda's stream as ours. */
  public static CudaStream stream(CudaContext context, CUstream stream) {
    return context.borrowStream(handle(stream));
  }

  /** Returns what the driver calls one of JCuda's streams, functions or events. */
  public static long handle(NativePointerObject object) {
    return new Handle(object).value();
  }

  private static MethodHandle streamOf() {
    try {
      return MethodHandles.privateLookupIn(CUstream.class, MethodHandles.lookup())
          .findConstructor(CUstream.class, MethodType.methodType(void.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** A copy of any of JCuda's handles that tells its number. */
  private static final class Handle extends NativePointerObject {
    Handle(NativePointerObject handle) {
      super(handle);
    }

    long value() {
      return getNativePointer();
    }
  }

  /** A copy of a device pointer that tells its address. */
  private static final class Address extends CUdeviceptr {
    Address(CUdeviceptr pointer) {
      super(pointer);
    }

    long value() {
      return getNativePointer() + getByteOffset();
    }
  }
}
