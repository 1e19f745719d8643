package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.graph.Tensor;

/** A tensor of a loaded program: what it is, how it is stored and where, to the byte. */
record Operand(Tensor tensor, Stored stored, MemorySegment memory) {
  /** Tells whether the memory holds the dense contents as they are. */
  boolean dense() {
    return !(stored instanceof OnednnWeightLayout);
  }

  /** Returns the stored elements, padding included. */
  long elements() {
    return memory.byteSize() / tensor.dtype().bytes();
  }

  double[] load() {
    long elements = tensor.shape().elements();
    if (dense()) {
      return Values.load(memory, tensor.dtype(), elements);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dense = arena.allocate(tensor.bytes(), CpuDevice.ALIGNMENT);
      stored.unpack(memory, dense);
      return Values.load(dense, tensor.dtype(), elements);
    }
  }

  void store(double[] values) {
    if (dense()) {
      Values.store(memory, tensor.dtype(), values);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dense = arena.allocate(tensor.bytes(), CpuDevice.ALIGNMENT);
      Values.store(dense, tensor.dtype(), values);
      stored.pack(dense, memory);
    }
  }
}
