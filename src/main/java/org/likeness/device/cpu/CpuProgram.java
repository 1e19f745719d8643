package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.Program;
import org.likeness.device.Slabs;
import org.likeness.graph.Activation;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/** A plan bound to one slab: each node is a kernel with its addresses. */
final class CpuProgram implements Program {
  private final ExecutionPlan plan;
  private final Slabs<HostSlab>.Loan loan;
  private final MemorySegment slab;
  private final Map<Integer, Operand> operands = new HashMap<>();
  private final Map<Node, OnednnOperation> operations;
  private final Runnable[] kernels;

  CpuProgram(
      ExecutionPlan plan,
      CpuState state,
      Map<Integer, Stored> stored,
      Map<Node, OnednnOperation> operations) {
    this.plan = plan;
    this.operations = operations;
    Graph graph = plan.graph();
    long bytes = Math.max(1, plan.memory().slabBytes());
    loan = state.slab(bytes);
    slab = loan.memory().memory().asSlice(0, bytes);
    for (Tensor t : graph.persistent()) {
      operands.put(t.id(), new Operand(t, stored.get(t.id()), state.entry(t).memory()));
    }
    Map<Integer, Long> offsets = plan.memory().offsets();
    graph.leaves(Role.FEED).forEach(t -> place(t, stored, offsets));
    graph.nodes().forEach(n -> n.outputs().forEach(t -> place(t, stored, offsets)));
    Map<Integer, Long> workspaces = plan.memory().workspaceOffsets();
    kernels = new Runnable[graph.nodes().size()];
    for (int i = 0; i < kernels.length; i++) {
      Node node = graph.nodes().get(i);
      Kernels.Operands o = new Kernels.Operands(node, of(node.inputs()), of(node.outputs()));
      OnednnOperation operation = operations.get(node);
      kernels[i] =
          operation == null
              ? Kernels.lower(o)
              : bound(operation, o, workspaces.getOrDefault(i, 0L));
    }
  }

  private void place(Tensor t, Map<Integer, Stored> stored, Map<Integer, Long> offsets) {
    Stored s = stored.get(t.id());
    operands.put(t.id(), new Operand(t, s, slab.asSlice(offsets.get(t.id()), s.bytes())));
  }

  private List<Operand> of(List<Tensor> tensors) {
    return tensors.stream().map(t -> operands.get(t.id())).toList();
  }

  private Runnable bound(OnednnOperation operation, Kernels.Operands o, long workspace) {
    long bytes = operation.scratchpadBytes();
    if (bytes > plan.profile().workspaceBytes(o.node())) {
      throw new IllegalArgumentException(
          operation.implementation()
              + " needs "
              + bytes
              + " bytes of workspace, planned were "
              + plan.profile().workspaceBytes(o.node()));
    }
    MemorySegment[] memory =
        java.util.stream.Stream.concat(o.inputs().stream(), o.outputs().stream())
            .map(Operand::memory)
            .toArray(MemorySegment[]::new);
    operation.bind(slab.asSlice(workspace, bytes), memory);
    Activation remaining = OnednnLowering.remaining(o.node());
    if (remaining.equals(Activation.NONE)) {
      return operation::run;
    }
    Runnable activate = FloatPointwise.inPlace(remaining, o.outputs().getFirst());
    return () -> {
      operation.run();
      activate.run();
    };
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
    Operand o = operands.get(plan.graph().leaf(feed).id());
    expectBytes(o.tensor(), dense);
    o.stored().pack(dense, o.memory());
  }

  @Override
  public void run() {
    for (Runnable kernel : kernels) {
      kernel.run();
    }
  }

  @Override
  public long[] runTimed() {
    long[] nanos = new long[kernels.length];
    for (int i = 0; i < kernels.length; i++) {
      long start = System.nanoTime();
      kernels[i].run();
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  @Override
  public void read(String fetch, MemorySegment dense) {
    Tensor t = plan.graph().fetches().get(fetch);
    if (t == null) {
      throw new IllegalArgumentException(
          "the program has no fetch " + fetch + " among " + plan.graph().fetches().keySet());
    }
    expectBytes(t, dense);
    Operand o = operands.get(t.id());
    o.stored().unpack(o.memory(), dense);
  }

  @Override
  public long measuredBytes() {
    long end = loan.fresh() ? slab.byteSize() : 0;
    while (end > 0 && slab.get(ValueLayout.JAVA_BYTE, end - 1) == HostSlab.UNWRITTEN) {
      end--;
    }
    return Math.ceilDiv(end, CpuDevice.ALIGNMENT) * CpuDevice.ALIGNMENT;
  }

  static void expectBytes(Tensor t, MemorySegment dense) {
    if (dense.byteSize() != t.bytes()) {
      throw new IllegalArgumentException(
          t.name() + ": was given " + dense.byteSize() + " bytes, has " + t.bytes());
    }
  }

  @Override
  public void close() {
    operations.values().forEach(OnednnOperation::close);
    loan.close();
  }
}
