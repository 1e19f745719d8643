package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.ffi.C;

/** A graph that is ready: launching it is one call of the driver, however many kernels it runs. */
public final class CudaGraphExec implements AutoCloseable {
  static final long RESULT_INFO_BYTES = 24;

  private final CudaContext context;
  private final Health health;
  private final DriverGraphs graphs;
  private final long handle;
  private final LeakAlarm alarm;

  CudaGraphExec(CudaContext context, long handle) {
    this.context = context;
    this.handle = handle;
    health = context.health();
    graphs = context.functions().graphs();
    alarm = LeakAlarm.on(this, "an instantiated graph of " + context);
  }

  /** Puts on the GPU what the first launch would otherwise put there. */
  public void upload(CudaStream stream) {
    health.ensureUsable();
    health.check(graphs.graphUpload(handle, stream.handle()), "cuGraphUpload", this, stream);
  }

  /** Asks a stream to do all of it; the thread must have entered the context. */
  public void launch(CudaStream stream) {
    health.ensureUsable();
    int status = graphs.graphLaunch(handle, stream.handle());
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuGraphLaunch", this, stream);
    }
  }

  /**
   * Takes over the arguments of a graph of the same form.
   *
   * @return false when the form differs, so that this stays as it was: instantiate that graph
   */
  public boolean update(CudaGraph graph) {
    health.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(RESULT_INFO_BYTES, C.POINTER.byteAlignment());
      int status = graphs.graphExecUpdate(handle, graph.handle(), info);
      if (status != CudaStatus.GRAPH_EXEC_UPDATE_FAILURE) {
        health.check(status, "cuGraphExecUpdate_v2", this, graph);
      }
      return status == CudaStatus.SUCCESS;
    }
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      health.checkRelease(graphs.graphExecDestroy(handle), "cuGraphExecDestroy", this);
    }
  }

  @Override
  public String toString() {
    return "instantiated graph " + DeviceMemory.hex(handle);
  }
}
