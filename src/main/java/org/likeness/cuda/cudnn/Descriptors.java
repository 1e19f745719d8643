package org.likeness.cuda.cudnn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Descriptors that are given back together, the last made first. */
final class Descriptors implements AutoCloseable {
  private final CudnnCalls cudnn;
  private final Deque<Descriptor> made = new ArrayDeque<>();

  Descriptors(CudnnCalls cudnn) {
    this.cudnn = cudnn;
  }

  /** Makes an empty descriptor. */
  Descriptor create(DescriptorType type, String name) {
    Descriptor descriptor = Descriptor.create(cudnn, type, name);
    made.push(descriptor);
    return descriptor;
  }

  /** Makes empty descriptors of one type. */
  List<Descriptor> create(long count, DescriptorType type, String name) {
    List<Descriptor> several = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      several.add(create(type, name + " " + i));
    }
    return several;
  }

  /** Leaves a descriptor to someone else. */
  void release(Descriptor descriptor) {
    made.remove(descriptor);
  }

  @Override
  public void close() {
    while (!made.isEmpty()) {
      made.pop().close();
    }
  }
}
