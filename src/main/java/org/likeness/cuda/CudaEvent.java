package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.ffi.C;

/** A mark in a stream's work. */
public final class CudaEvent implements AutoCloseable {
  private final CudaContext context;
  private final Health health;
  private final DriverStreams streams;
  private final long handle;
  private final LeakAlarm alarm;

  CudaEvent(CudaContext context, long handle) {
    this.context = context;
    this.handle = handle;
    health = context.health();
    streams = context.functions().streams();
    alarm = LeakAlarm.on(this, "an event of " + context);
  }

  /** Sets the mark behind the work that the stream has now. */
  public void record(CudaStream stream) {
    health.ensureUsable();
    int status = streams.eventRecord(handle, stream.handle());
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuEventRecord", this, stream);
    }
  }

  /** Returns whether the work before the mark is done. */
  public boolean done() {
    health.ensureUsable();
    int status = streams.eventQuery(handle);
    if (status != CudaStatus.SUCCESS && status != CudaStatus.NOT_READY) {
      throw health.failed(status, "cuEventQuery", this);
    }
    return status == CudaStatus.SUCCESS;
  }

  /** Waits until the work before the mark is done. */
  public void await() {
    health.ensureUsable();
    int status = streams.eventSynchronize(handle);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuEventSynchronize", this);
    }
  }

  /** Returns the milliseconds between two timers that are done. */
  public float millisecondsSince(CudaEvent start) {
    health.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment milliseconds = arena.allocate(C.FLOAT);
      health.check(
          streams.eventElapsedTime(milliseconds, start.handle, handle),
          "cuEventElapsedTime",
          start,
          this);
      return milliseconds.get(C.FLOAT, 0);
    }
  }

  long handle() {
    return handle;
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      health.checkRelease(streams.eventDestroy(handle), "cuEventDestroy_v2", this);
    }
  }

  @Override
  public String toString() {
    return "event " + DeviceMemory.hex(handle);
  }
}
