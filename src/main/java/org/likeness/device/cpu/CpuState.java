package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.Slabs;
import org.likeness.device.State;
import org.likeness.graph.Tensor;

/** Parameters and slots in host memory, and the slab that programs share. */
final class CpuState implements State {
  /** One tensor and its memory, in the layout that the kernels want. */
  record Entry(Tensor tensor, Stored stored, MemorySegment memory) {}

  private final Arena arena = Arena.ofShared();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final long bytes;
  private final Slabs<HostSlab> slabs =
      new Slabs<>(HostSlab::allocate, slab -> slab.memory().byteSize());

  CpuState(List<Tensor> tensors, CpuLayouts layouts) {
    long sum = 0;
    for (Tensor t : tensors) {
      Stored stored = layouts.of(t);
      MemorySegment memory = arena.allocate(stored.bytes(), CpuDevice.ALIGNMENT);
      sum += memory.byteSize();
      entries.put(t.name(), new Entry(t, stored, memory));
    }
    bytes = sum;
  }

  Entry entry(Tensor wanted) {
    Entry entry = entries.get(wanted.name());
    if (entry == null) {
      throw new IllegalArgumentException("the state has no tensor " + wanted.name());
    }
    Tensor held = entry.tensor();
    if (!held.shape().equals(wanted.shape()) || held.dtype() != wanted.dtype()) {
      throw new IllegalArgumentException(
          "the state holds " + held + " where " + wanted + " is wanted");
    }
    return entry;
  }

  /** Lends the slab to one program. */
  Slabs<HostSlab>.Loan slab(long bytes) {
    return slabs.borrow(bytes);
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("the state has no tensor " + name);
    }
    return entry;
  }

  @Override
  public List<Tensor> tensors() {
    return entries.values().stream().map(Entry::tensor).toList();
  }

  @Override
  public void write(String name, MemorySegment dense) {
    Entry e = entry(name);
    CpuProgram.expectBytes(e.tensor(), dense);
    e.stored().pack(dense, e.memory());
  }

  @Override
  public void read(String name, MemorySegment dense) {
    Entry e = entry(name);
    CpuProgram.expectBytes(e.tensor(), dense);
    e.stored().unpack(e.memory(), dense);
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    arena.close();
  }
}
