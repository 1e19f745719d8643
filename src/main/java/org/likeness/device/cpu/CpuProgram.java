package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.Program;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/** A plan bound to one slab: each node is a kernel with its addresses. */
final class CpuProgram implements Program {
  private final ExecutionPlan plan;
  private final CpuLayouts layouts;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment slab;
  private final Map<Integer, MemorySegment> memory = new HashMap<>();
  private final Runnable[] kernels;

  CpuProgram(ExecutionPlan plan, CpuState state, CpuLayouts layouts) {
    this.plan = plan;
    this.layouts = layouts;
    Graph graph = plan.graph();
    slab = arena.allocate(Math.max(1, plan.memory().slabBytes()), CpuDevice.ALIGNMENT);
    for (Tensor t : graph.persistent()) {
      memory.put(t.id(), state.entry(t).memory());
    }
    Map<Integer, Long> offsets = plan.memory().offsets();
    for (Tensor t : graph.leaves(Role.FEED)) {
      place(t, offsets);
    }
    for (Node node : graph.nodes()) {
      node.outputs().forEach(t -> place(t, offsets));
    }
    kernels = new Runnable[graph.nodes().size()];
    for (int i = 0; i < kernels.length; i++) {
      Node node = graph.nodes().get(i);
      kernels[i] = Kernels.lower(new Kernels.Operands(node, of(node.inputs()), of(node.outputs())));
    }
  }

  private void place(Tensor t, Map<Integer, Long> offsets) {
    memory.put(t.id(), slab.asSlice(offsets.get(t.id()), layouts.of(t).bytes()));
  }

  private List<MemorySegment> of(List<Tensor> tensors) {
    return tensors.stream().map(t -> memory.get(t.id())).toList();
  }

  /** Returns the slab, for tests that watch what is touched. */
  MemorySegment slab() {
    return slab;
  }

  @Override
  public ExecutionPlan plan() {
    return plan;
  }

  @Override
  public void write(String feed, MemorySegment dense) {
    Tensor t = plan.graph().leaf(feed);
    expectBytes(t, dense);
    MemorySegment.copy(dense, 0, memory.get(t.id()), 0, t.bytes());
  }

  @Override
  public void run() {
    for (Runnable kernel : kernels) {
      kernel.run();
    }
  }

  @Override
  public void read(String fetch, MemorySegment dense) {
    Tensor t = plan.graph().fetches().get(fetch);
    if (t == null) {
      throw new IllegalArgumentException(
          "the program has no fetch " + fetch + " among " + plan.graph().fetches().keySet());
    }
    expectBytes(t, dense);
    layouts.of(t).unpack(memory.get(t.id()), dense);
  }

  static void expectBytes(Tensor t, MemorySegment dense) {
    if (dense.byteSize() != t.bytes()) {
      throw new IllegalArgumentException(
          t.name() + ": was given " + dense.byteSize() + " bytes, has " + t.bytes());
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
