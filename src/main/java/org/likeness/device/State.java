package org.likeness.device;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.likeness.graph.Tensor;

/** Parameters and slots on a device. The host sees them dense, in the graph's own layouts. */
public interface State extends AutoCloseable {
  /** Returns the tensors that it holds. */
  List<Tensor> tensors();

  /** Replaces a tensor's contents; {@code dense} has exactly its bytes. */
  void write(String name, MemorySegment dense);

  /** Copies a tensor's contents out; {@code dense} has exactly its bytes. */
  void read(String name, MemorySegment dense);

  /** Returns the bytes allocated on the device. */
  long bytes();

  @Override
  void close();
}
