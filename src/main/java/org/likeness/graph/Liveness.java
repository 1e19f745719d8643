package org.likeness.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From which node to which each value of the slab is alive. Values that may share a buffer, because
 * an elementwise node can write over an input that dies in it, are one {@link Interval}.
 */
public final class Liveness {
  private Liveness() {}

  /**
   * One buffer's life in a scheduled graph.
   *
   * @param tensors the values that live in it one after another; empty for a workspace
   * @param first index of the node that first writes it; -1 for a feed
   * @param last index of the node that last reads it; the number of nodes for a fetch
   */
  public record Interval(String name, List<Tensor> tensors, long bytes, int first, int last) {
    /** Tells whether both are alive at some node. */
    public boolean overlaps(Interval other) {
      return first <= other.last && other.first <= last;
    }
  }

  /** Returns the intervals of feeds, values and workspaces of a scheduled graph. */
  public static List<Interval> of(Graph graph, DeviceProfile profile) {
    int end = graph.nodes().size();
    Map<Integer, Integer> last = lastUses(graph);
    Set<Integer> pinned = new HashSet<>();
    graph.fetches().values().forEach(t -> pinned.add(t.id()));
    Map<Integer, Interval> buffers = new LinkedHashMap<>();
    for (Tensor feed : graph.leaves(Role.FEED)) {
      int until = last.getOrDefault(feed.id(), -1);
      buffers.put(
          feed.id(),
          new Interval(
              feed.name(),
              List.of(feed),
              profile.bytes(feed),
              -1,
              pinned.contains(feed.id()) ? end : until));
    }
    List<Interval> all = new ArrayList<>();
    for (int i = 0; i < end; i++) {
      Node node = graph.nodes().get(i);
      for (Tensor output : node.outputs()) {
        int until = pinned.contains(output.id()) ? end : last.getOrDefault(output.id(), i);
        Tensor reused = reusable(node, output, last, pinned, i, profile);
        Interval old = reused == null ? null : buffers.remove(reused.id());
        List<Tensor> tensors = new ArrayList<>(old == null ? List.of() : old.tensors());
        tensors.add(output);
        int first = old == null ? i : old.first();
        buffers.put(
            output.id(), new Interval(output.name(), tensors, profile.bytes(output), first, until));
      }
      long workspace = profile.workspaceBytes(node);
      if (workspace > 0) {
        all.add(new Interval("workspace of node " + i, List.of(), workspace, i, i));
      }
    }
    all.addAll(buffers.values());
    return all;
  }

  /** Returns the largest sum of bytes alive at one node. */
  static long peak(Graph graph, DeviceProfile profile) {
    return Arrays.stream(alive(of(graph, profile), graph.nodes().size())).max().orElse(0);
  }

  /** Returns the bytes alive at each of so many nodes, after those alive before the first. */
  static long[] alive(List<Interval> intervals, int nodes) {
    long[] alive = new long[nodes + 3];
    for (Interval interval : intervals) {
      alive[interval.first() + 1] += interval.bytes();
      alive[interval.last() + 2] -= interval.bytes();
    }
    for (int i = 1; i < alive.length; i++) {
      alive[i] += alive[i - 1];
    }
    return alive;
  }

  private static Map<Integer, Integer> lastUses(Graph graph) {
    Map<Integer, Integer> last = new HashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (Tensor input : graph.nodes().get(i).inputs()) {
        last.put(input.id(), i);
      }
    }
    return last;
  }

  /** Returns the input whose buffer the output may take over, or null. */
  private static Tensor reusable(
      Node node,
      Tensor output,
      Map<Integer, Integer> last,
      Set<Integer> pinned,
      int index,
      DeviceProfile profile) {
    for (int position : node.op().overwrites()) {
      Tensor input = node.inputs().get(position);
      boolean dies = last.get(input.id()) == index && !pinned.contains(input.id());
      if (input.role() == Role.VALUE
          && dies
          && profile.bytes(input) == profile.bytes(output)
          && input.dtype() == output.dtype()) {
        return input;
      }
    }
    return null;
  }
}
