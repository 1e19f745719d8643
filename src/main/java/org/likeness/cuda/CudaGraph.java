package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Recorded work: what to do in which order, with every argument in it. */
public final class CudaGraph implements AutoCloseable {
  static final int VERBOSE = 1;

  private final CudaContext context;
  private final Health health;
  private final DriverGraphs graphs;
  private final long handle;
  private final LeakAlarm alarm;

  CudaGraph(CudaContext context, long handle) {
    this.context = context;
    this.handle = handle;
    health = context.health();
    graphs = context.functions().graphs();
    alarm = LeakAlarm.on(this, "a graph of " + context);
  }

  /** Returns how many launches, copies and fills were recorded. */
  public long nodes() {
    return health.made(
        "cuGraphGetNodes", count -> graphs.graphGetNodes(handle, MemorySegment.NULL, count), this);
  }

  /** Makes it ready to be launched as a whole. */
  public CudaGraphExec instantiate() {
    context.enter();
    return new CudaGraphExec(
        context,
        health.made(
            "cuGraphInstantiateWithFlags",
            out -> graphs.graphInstantiateWithFlags(out, handle, 0),
            this));
  }

  /** Writes the recording as Graphviz text. */
  public void writeDot(Path file) {
    health.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      int status = graphs.graphDebugDotPrint(handle, arena.allocateFrom(file.toString()), VERBOSE);
      health.check(status, "cuGraphDebugDotPrint", this, file);
    }
  }

  long handle() {
    return handle;
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      health.checkRelease(graphs.graphDestroy(handle), "cuGraphDestroy", this);
    }
  }

  @Override
  public String toString() {
    return "graph " + DeviceMemory.hex(handle);
  }
}
