package org.likeness.device.cpu;

import java.util.Map;
import org.likeness.device.OneRun;
import org.likeness.device.Program;
import org.likeness.graph.Graph;

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
    return OneRun.of(device, graph, leaves, Runner::poison);
  }

  /** NaN wherever nothing was written. */
  private static void poison(Program program) {
    ((CpuProgram) program).slab().fill((byte) 0xFF);
  }
}
