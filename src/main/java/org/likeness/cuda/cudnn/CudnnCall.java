package org.likeness.cuda.cudnn;

import org.likeness.cuda.CudaStream;

/** A run of a {@link CudnnPlan} whose addresses are set: asking for it allocates nothing. */
public final class CudnnCall implements AutoCloseable {
  CudnnCall() {}

  /** Asks a stream to run it; the thread must have entered the context. */
  public void enqueue(CudaStream stream) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}
}
