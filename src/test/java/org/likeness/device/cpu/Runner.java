package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/** Runs a graph once on the CPU device with inputs and outputs as double arrays. */
final class Runner {
  /** One for all: opening it checks the native library's whole contents. */
  private static final CpuDevice DEVICE = new CpuDevice();

  private Runner() {}

  /** Returns the fetches, and the persistent tensors as they are after the run. */
  static Map<String, double[]> run(Graph graph, Map<String, double[]> leaves) {
    return run(DEVICE, graph, leaves);
  }

  static Map<String, double[]> run(CpuDevice device, Graph graph, Map<String, double[]> leaves) {
    ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
    Map<String, double[]> results = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined();
        State state = device.allocate(graph.persistent());
        Program program = device.load(plan, state)) {
      ((CpuProgram) program).slab().fill((byte) 0xFF); // NaN wherever nothing was written
      for (Tensor leaf : graph.leaves()) {
        MemorySegment dense = arena.allocate(leaf.bytes(), 64);
        Values.store(dense, leaf.dtype(), leaves.get(leaf.name()));
        if (leaf.role() == Role.FEED) {
          program.write(leaf.name(), dense);
        } else {
          state.write(leaf.name(), dense);
        }
      }
      program.run();
      graph
          .fetches()
          .forEach(
              (name, t) -> {
                MemorySegment dense = arena.allocate(t.bytes(), 64);
                program.read(name, dense);
                results.put(name, Values.load(dense, t.dtype(), t.shape().elements()));
              });
      for (Tensor t : graph.persistent()) {
        MemorySegment dense = arena.allocate(t.bytes(), 64);
        state.read(t.name(), dense);
        results.put(t.name(), Values.load(dense, t.dtype(), t.shape().elements()));
      }
    }
    return results;
  }
}
