package org.likeness.device.cuda;

import org.likeness.cuda.CudaStream;

/** A {@link Command} whose handles and arguments are made: asking a stream allocates nothing. */
@FunctionalInterface
interface BoundCommand {
  /** Asks a stream to do it; the thread must have entered the context. */
  void enqueue(CudaStream stream);
}
