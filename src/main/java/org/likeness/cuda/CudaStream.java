package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A queue of work that the GPU does in order. Copies, fills and waits return at once and allocate
 * nothing; the thread must have entered the context, and host memory must be pinned and left alone
 * until the stream has passed.
 */
public final class CudaStream implements AutoCloseable {
  private final CudaContext context;
  private final Health health;
  private final DriverStreams streams;
  private final DriverCopies copies;
  private final long handle;
  private final LeakAlarm alarm;

  private CudaStream(CudaContext context, long handle, boolean owned) {
    this.context = context;
    this.handle = handle;
    health = context.health();
    streams = context.functions().streams();
    copies = context.functions().copies();
    alarm = LeakAlarm.on(this, "a stream of " + context);
    if (!owned) {
      alarm.disarm();
    }
  }

  static CudaStream own(CudaContext context, long handle) {
    return new CudaStream(context, handle, true);
  }

  static CudaStream borrow(CudaContext context, long handle) {
    return new CudaStream(context, handle, false);
  }

  /** Copies {@code bytes} of pinned memory from {@code offset} on to a device address. */
  public void upload(long to, MemorySegment pinned, long offset, long bytes) {
    health.ensureUsable();
    int status = copies.memcpyHtoDAsync(to, address(pinned, offset, bytes), bytes, handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(
          status, "cuMemcpyHtoDAsync_v2", DeviceMemory.hex(to), pinned, bytes, this);
    }
  }

  /** Copies {@code bytes} from a device address to pinned memory from {@code offset} on. */
  public void download(MemorySegment pinned, long offset, long from, long bytes) {
    health.ensureUsable();
    int status = copies.memcpyDtoHAsync(address(pinned, offset, bytes), from, bytes, handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(
          status, "cuMemcpyDtoHAsync_v2", pinned, DeviceMemory.hex(from), bytes, this);
    }
  }

  /** Copies within the device. */
  public void copy(long to, long from, long bytes) {
    health.ensureUsable();
    int status = copies.memcpyDtoDAsync(to, from, bytes, handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(
          status,
          "cuMemcpyDtoDAsync_v2",
          DeviceMemory.hex(to),
          DeviceMemory.hex(from),
          bytes,
          this);
    }
  }

  /** Fills device memory with a byte. */
  public void fill(long address, byte value, long bytes) {
    health.ensureUsable();
    int status = copies.memsetD8Async(address, value, bytes, handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuMemsetD8Async", DeviceMemory.hex(address), value, bytes, this);
    }
  }

  /** Fills device memory with a 32-bit word, {@code words} times. */
  public void fill(long address, int word, long words) {
    health.ensureUsable();
    int status = copies.memsetD32Async(address, word, words, handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuMemsetD32Async", DeviceMemory.hex(address), word, words, this);
    }
  }

  /** Where a copy that outlives the call finds host memory. */
  private static long address(MemorySegment host, long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, host.byteSize());
    if (!host.isNative() || !host.scope().isAlive()) {
      throw new IllegalArgumentException("only open native memory can be copied, not " + host);
    }
    return host.address() + offset;
  }

  /** Lets what comes from now on wait for an event. */
  public void await(CudaEvent event) {
    health.ensureUsable();
    int status = streams.streamWaitEvent(handle, event.handle(), 0);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuStreamWaitEvent", this, event);
    }
  }

  /** Returns whether all its work is done. */
  public boolean done() {
    health.ensureUsable();
    int status = streams.streamQuery(handle);
    if (status != CudaStatus.SUCCESS && status != CudaStatus.NOT_READY) {
      throw health.failed(status, "cuStreamQuery", this);
    }
    return status == CudaStatus.SUCCESS;
  }

  /** Waits until all its work is done. */
  public void synchronize() {
    health.ensureUsable();
    int status = streams.streamSynchronize(handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuStreamSynchronize", this);
    }
  }

  /**
   * Records what this thread asks of the stream from now on, instead of doing it, until the capture
   * is ended or closed.
   */
  public StreamCapture capture() {
    return StreamCapture.begin(context, this);
  }

  /** Returns the driver's {@code CUstream}, for other libraries that work on this stream. */
  public long handle() {
    return handle;
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      health.checkRelease(streams.streamDestroy(handle), "cuStreamDestroy_v2", this);
    }
  }

  @Override
  public String toString() {
    return "stream " + DeviceMemory.hex(handle);
  }
}
