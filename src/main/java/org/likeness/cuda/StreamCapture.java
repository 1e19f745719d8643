package org.likeness.cuda;

/** A stream that records what it is asked instead of doing it. */
public final class StreamCapture implements AutoCloseable {
  /** Other threads may allocate and synchronise meanwhile; this one may not. */
  static final int THREAD_LOCAL = 1;

  private final CudaContext context;
  private final CudaStream stream;
  private boolean recording = true;

  private StreamCapture(CudaContext context, CudaStream stream) {
    this.context = context;
    this.stream = stream;
  }

  static StreamCapture begin(CudaContext context, CudaStream stream) {
    Health health = context.health();
    health.ensureUsable();
    health.check(
        context.functions().graphs().streamBeginCapture(stream.handle(), THREAD_LOCAL),
        "cuStreamBeginCapture_v2",
        stream,
        THREAD_LOCAL);
    return new StreamCapture(context, stream);
  }

  /**
   * Ends the recording, on the thread that began it, and returns it.
   *
   * @throws CudaException also when something that was asked meanwhile cannot be recorded
   */
  public CudaGraph end() {
    if (!recording) {
      throw new IllegalStateException("the capture of " + stream + " has ended");
    }
    recording = false;
    long graph =
        context
            .health()
            .made(
                "cuStreamEndCapture",
                out -> context.functions().graphs().streamEndCapture(stream.handle(), out),
                stream);
    return new CudaGraph(context, graph);
  }

  /** Drops the recording if it was not ended. */
  @Override
  public void close() {
    if (recording) {
      end().close();
    }
  }
}
