package org.likeness.device.cuda;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Node;
import org.likeness.graph.Tensor;

/**
 * Where everything of a plan lies on the device.
 *
 * @param tensors address by tensor id
 * @param workspaces address of each node's temporary memory by node index
 */
record Addresses(Map<Integer, Long> tensors, Map<Integer, Long> workspaces) {
  /** Places values in a slab that starts at {@code slab}; the state has the persistent tensors. */
  static Addresses of(ExecutionPlan plan, long slab, Map<Integer, Long> persistent) {
    Map<Integer, Long> tensors = new HashMap<>(persistent);
    plan.memory().offsets().forEach((id, offset) -> tensors.put(id, slab + offset));
    Map<Integer, Long> workspaces = new HashMap<>();
    plan.memory().workspaceOffsets().forEach((node, offset) -> workspaces.put(node, slab + offset));
    return new Addresses(tensors, workspaces);
  }

  long of(Tensor tensor) {
    return tensors.get(tensor.id());
  }

  /** Returns the operands of the node with this index; the workspace is 0 where it has none. */
  Operands operands(int index, Node node) {
    return new Operands(
        node, all(node.inputs()), all(node.outputs()), workspaces.getOrDefault(index, 0L));
  }

  private List<Long> all(List<Tensor> tensors) {
    return tensors.stream().map(this::of).toList();
  }
}
