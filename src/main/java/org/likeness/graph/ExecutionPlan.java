package org.likeness.graph;

/**
 * Everything that a device needs to run a step, decided: the order of the nodes, the place of every
 * value, and the profile that both were made for.
 */
public record ExecutionPlan(Graph graph, DeviceProfile profile, MemoryPlan memory) {
  /** Plans the memory of a scheduled graph. */
  public static ExecutionPlan of(Graph scheduled, DeviceProfile profile) {
    return new ExecutionPlan(scheduled, profile, MemoryPlan.plan(scheduled, profile));
  }

  /** Returns the bytes of slots that lie in the host's memory instead of the device's. */
  public long hostBytes() {
    return graph.leaves(Role.HOST_SLOT).stream().mapToLong(profile::bytes).sum();
  }
}
