package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that concern streams and events. */
record DriverStreams(
    MemorySegment streamCreate,
    MemorySegment streamDestroy,
    MemorySegment streamSynchronize,
    MemorySegment streamQuery,
    MemorySegment streamWaitEvent,
    MemorySegment eventCreate,
    MemorySegment eventDestroy,
    MemorySegment eventRecord,
    MemorySegment eventQuery,
    MemorySegment eventSynchronize,
    MemorySegment eventElapsedTime) {
  // CUresult cuStreamCreate(CUstream *phStream, unsigned int Flags)
  private static final MethodHandle STREAM_CREATE = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuStreamDestroy_v2(CUstream hStream)
  private static final MethodHandle STREAM_DESTROY = C.function(C.INT, C.HANDLE);
  // CUresult cuStreamSynchronize(CUstream hStream)
  private static final MethodHandle STREAM_SYNCHRONIZE = C.function(C.INT, C.HANDLE);
  // CUresult cuStreamQuery(CUstream hStream)
  private static final MethodHandle STREAM_QUERY = C.function(C.INT, C.HANDLE);
  // CUresult cuStreamWaitEvent(CUstream hStream, CUevent hEvent, unsigned int Flags)
  private static final MethodHandle STREAM_WAIT_EVENT =
      C.function(C.INT, C.HANDLE, C.HANDLE, C.INT);
  // CUresult cuEventCreate(CUevent *phEvent, unsigned int Flags)
  private static final MethodHandle EVENT_CREATE = C.function(C.INT, C.POINTER, C.INT);
  // CUresult cuEventDestroy_v2(CUevent hEvent)
  private static final MethodHandle EVENT_DESTROY = C.function(C.INT, C.HANDLE);
  // CUresult cuEventRecord(CUevent hEvent, CUstream hStream)
  private static final MethodHandle EVENT_RECORD = C.function(C.INT, C.HANDLE, C.HANDLE);
  // CUresult cuEventQuery(CUevent hEvent)
  private static final MethodHandle EVENT_QUERY = C.function(C.INT, C.HANDLE);
  // CUresult cuEventSynchronize(CUevent hEvent)
  private static final MethodHandle EVENT_SYNCHRONIZE = C.function(C.INT, C.HANDLE);
  // CUresult cuEventElapsedTime(float *pMilliseconds, CUevent hStart, CUevent hEnd)
  private static final MethodHandle EVENT_ELAPSED_TIME =
      C.function(C.INT, C.POINTER, C.HANDLE, C.HANDLE);

  static DriverStreams of(Symbols symbols) {
    return new DriverStreams(
        symbols.address("cuStreamCreate"),
        symbols.address("cuStreamDestroy_v2"),
        symbols.address("cuStreamSynchronize"),
        symbols.address("cuStreamQuery"),
        symbols.address("cuStreamWaitEvent"),
        symbols.address("cuEventCreate"),
        symbols.address("cuEventDestroy_v2"),
        symbols.address("cuEventRecord"),
        symbols.address("cuEventQuery"),
        symbols.address("cuEventSynchronize"),
        symbols.address("cuEventElapsedTime"));
  }

  int streamCreate(MemorySegment out, int flags) {
    try {
      return (int) STREAM_CREATE.invokeExact(streamCreate, out, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int streamDestroy(long stream) {
    try {
      return (int) STREAM_DESTROY.invokeExact(streamDestroy, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int streamSynchronize(long stream) {
    try {
      return (int) STREAM_SYNCHRONIZE.invokeExact(streamSynchronize, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int streamQuery(long stream) {
    try {
      return (int) STREAM_QUERY.invokeExact(streamQuery, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int streamWaitEvent(long stream, long event, int flags) {
    try {
      return (int) STREAM_WAIT_EVENT.invokeExact(streamWaitEvent, stream, event, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventCreate(MemorySegment out, int flags) {
    try {
      return (int) EVENT_CREATE.invokeExact(eventCreate, out, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventDestroy(long event) {
    try {
      return (int) EVENT_DESTROY.invokeExact(eventDestroy, event);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventRecord(long event, long stream) {
    try {
      return (int) EVENT_RECORD.invokeExact(eventRecord, event, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventQuery(long event) {
    try {
      return (int) EVENT_QUERY.invokeExact(eventQuery, event);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventSynchronize(long event) {
    try {
      return (int) EVENT_SYNCHRONIZE.invokeExact(eventSynchronize, event);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int eventElapsedTime(MemorySegment milliseconds, long start, long end) {
    try {
      return (int) EVENT_ELAPSED_TIME.invokeExact(eventElapsedTime, milliseconds, start, end);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
