package org.likeness.device.cpu;

import org.likeness.graph.Tensor;

/** Chooses how each tensor is stored. */
final class CpuLayouts {
  Stored of(Tensor tensor) {
    return Stored.dense(tensor.bytes());
  }
}
