package org.likeness.cuda.cublaslt;

import org.likeness.cuda.CudaStream;

/** A run of a product whose addresses are set: asking for it allocates nothing. */
public final class CublasLtCall implements AutoCloseable {
  CublasLtCall() {}

  /** Asks a stream to run it; the thread must have entered the context. */
  public void enqueue(CudaStream stream) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}
}
