package org.likeness.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/** Runs a graph once on any device, with inputs and outputs as double arrays. */
public final class OneRun {
  private OneRun() {}

  /** Returns the fetches, and the persistent tensors as they are after the run. */
  public static Map<String, double[]> of(Device device, Graph graph, Map<String, double[]> leaves) {
    return of(device, graph, leaves, program -> {});
  }

  /** The same, after the loaded program was handed to {@code loaded}. */
  public static Map<String, double[]> of(
      Device device, Graph graph, Map<String, double[]> leaves, Consumer<Program> loaded) {
    ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
    Map<String, double[]> results = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined();
        State state = device.allocate(graph.persistent());
        Program program = device.load(plan, state)) {
      loaded.accept(program);
      for (Tensor leaf : graph.leaves()) {
        MemorySegment dense = arena.allocate(leaf.bytes(), 64);
        HostValues.store(dense, leaf.dtype(), leaves.get(leaf.name()));
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
                results.put(name, HostValues.load(dense, t.dtype(), t.shape().elements()));
              });
      for (Tensor t : graph.persistent()) {
        MemorySegment dense = arena.allocate(t.bytes(), 64);
        state.read(t.name(), dense);
        results.put(t.name(), HostValues.load(dense, t.dtype(), t.shape().elements()));
      }
    }
    return results;
  }
}
