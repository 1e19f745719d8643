package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import org.likeness.cuda.Nvtx;
import org.likeness.graph.Node;

/** One range after another around the launches of a step's nodes, for NVIDIA's profilers. */
final class NamedRanges implements AutoCloseable {
  private final Nvtx nvtx;
  private final Arena arena = Arena.ofConfined();
  private boolean open;

  NamedRanges(Nvtx nvtx) {
    this.nvtx = nvtx;
  }

  /** Ends the range before, if there is one, and begins a node's, named as the graph names it. */
  void next(Node node) {
    end();
    String value = (node.hasEffect() ? node.mutated() : node.outputs()).getFirst().name();
    nvtx.push(arena.allocateFrom(value + " " + node.op().name()));
    open = true;
  }

  /** Ends the last range. */
  void end() {
    if (open) {
      nvtx.pop();
      open = false;
    }
  }

  @Override
  public void close() {
    end();
    arena.close();
  }
}
