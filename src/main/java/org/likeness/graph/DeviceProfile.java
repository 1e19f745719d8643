package org.likeness.graph;

import java.util.HashMap;
import java.util.Map;

/**
 * What a plan depends on besides the graph: plain data, shipped for common devices or read once.
 *
 * @param freeBytes memory that a plan may use
 * @param alignment of every value in bytes
 * @param workspaceCeiling bytes of temporary memory that one node may ask for at most
 * @param storedBytes sizes of tensors that the device stores padded or blocked, by tensor name; the
 *     others take their dense size
 * @param workspace temporary bytes of each node that needs any
 * @param feedSlots copies of every feed that the device holds beside the slab, so that the next
 *     run's feeds arrive while this run reads its own; 0 where feeds are written in place
 */
public record DeviceProfile(
    String device,
    long freeBytes,
    int alignment,
    long workspaceCeiling,
    Map<String, Long> storedBytes,
    Map<Node, Long> workspace,
    int feedSlots) {
  /** Copies the maps and checks the alignment. */
  public DeviceProfile {
    storedBytes = Map.copyOf(storedBytes);
    workspace = Map.copyOf(workspace);
    if (Integer.bitCount(alignment) != 1) {
      throw new IllegalArgumentException("alignment " + alignment + " is not a power of two");
    }
  }

  /** Returns a profile of a device whose feeds are written in place. */
  public DeviceProfile(
      String device,
      long freeBytes,
      int alignment,
      long workspaceCeiling,
      Map<String, Long> storedBytes,
      Map<Node, Long> workspace) {
    this(device, freeBytes, alignment, workspaceCeiling, storedBytes, workspace, 0);
  }

  /** Returns a profile of a device that stores every tensor dense and needs no workspace. */
  public static DeviceProfile plain(String device, long freeBytes) {
    return new DeviceProfile(device, freeBytes, 64, 0, Map.of(), Map.of());
  }

  /** Tells whether the device's memory is apart from the host's: its feeds are copied then. */
  public boolean isApart() {
    return feedSlots > 0;
  }

  /** Returns a profile in which each of these nodes is like another one that this profile knows. */
  DeviceProfile of(Map<Node, Node> origins) {
    Map<Node, Long> all = new HashMap<>(workspace);
    origins.forEach((node, origin) -> all.put(node, workspace.getOrDefault(origin, 0L)));
    return new DeviceProfile(
        device, freeBytes, alignment, workspaceCeiling, storedBytes, all, feedSlots);
  }

  /** Returns the bytes that a tensor takes on the device, rounded up to the alignment. */
  public long bytes(Tensor tensor) {
    return align(storedBytes.getOrDefault(tensor.name(), tensor.bytes()));
  }

  /** Returns the temporary bytes of a node, rounded up to the alignment. */
  public long workspaceBytes(Node node) {
    return align(workspace.getOrDefault(node, 0L));
  }

  /**
   * Returns the bytes of the copies of a graph's feeds and of the number that says which is read.
   */
  public long feedBytes(Graph graph) {
    long slot = graph.leaves(Role.FEED).stream().mapToLong(this::bytes).sum();
    return feedSlots == 0 ? 0 : feedSlots * slot + align(Integer.BYTES);
  }

  private long align(long bytes) {
    return (bytes + alignment - 1) & -alignment;
  }
}
