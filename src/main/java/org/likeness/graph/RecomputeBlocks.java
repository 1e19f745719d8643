package org.likeness.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The blocks of an ordered graph's forward passes that can be computed again: stretches between
 * values through which alone the rest of a pass depends on what came before. Branches and residual
 * connections lie inside a block. A block's values live from its forward to its backward step, and
 * these spans nest.
 */
final class RecomputeBlocks {
  /** How many times less than the largest value something holds that is always kept. */
  private static final int SMALL = 256;

  /**
   * A block.
   *
   * @param inner what backward steps read of it besides the output and could be made again
   * @param output the value that the next block reads, null where it has to stay
   * @param first index of the first node
   * @param last index of the last one
   */
  record Block(List<Tensor> inner, Tensor output, int first, int last, List<Integer> nodes) {
    List<Tensor> values() {
      List<Tensor> values = new ArrayList<>(inner);
      if (output != null) {
        values.add(output);
      }
      return values;
    }
  }

  private final Timeline timeline;
  private final Set<Integer> onPath = new HashSet<>();
  private final List<Block> blocks = new ArrayList<>();
  private long least;

  private RecomputeBlocks(Timeline timeline) {
    this.timeline = timeline;
    findPath();
    List<Integer> phase = new ArrayList<>();
    boolean turned = false;
    for (int i = 0; i < timeline.size(); i++) {
      Node node = timeline.node(i);
      boolean linear = node.op() instanceof Linear;
      if (turned && linear && !timeline.backward(i)) {
        cut(phase, i);
        phase = new ArrayList<>();
        turned = false;
      }
      turned |= linear && timeline.backward(i);
      if (isOnPath(node)) {
        phase.add(i);
      }
    }
    cut(phase, timeline.size());
  }

  /** Returns the blocks in the order in which they first run. */
  static List<Block> of(Timeline timeline) {
    return new RecomputeBlocks(timeline).blocks;
  }

  private boolean isOnPath(Node node) {
    return node.outputs().stream().anyMatch(t -> onPath.contains(t.id()));
  }

  /** Finds the forward values that depend on samples and on weights. */
  private void findPath() {
    Set<Integer> fed = new HashSet<>();
    Set<Integer> weighted = new HashSet<>();
    for (Tensor leaf : timeline.graph().leaves()) {
      (leaf.role() == Role.FEED ? fed : weighted).add(leaf.id());
    }
    long most = 0;
    for (int i = 0; i < timeline.size(); i++) {
      Node node = timeline.node(i);
      boolean reads = node.inputs().stream().anyMatch(t -> fed.contains(t.id()));
      boolean weighs = node.inputs().stream().anyMatch(t -> weighted.contains(t.id()));
      for (Tensor t : node.outputs()) {
        if (reads) {
          fed.add(t.id());
        }
        if (weighs) {
          weighted.add(t.id());
        }
        if (reads && weighs && !timeline.backward(i)) {
          onPath.add(t.id());
          most = Math.max(most, t.bytes());
        }
      }
    }
    least = most / SMALL;
  }

  private boolean isSaved(Tensor t) {
    return timeline.reads(t).stream().anyMatch(timeline::backward);
  }

  /** Cuts the forward nodes of one phase, before {@code end}, where a single value crosses. */
  private void cut(List<Integer> phase, int end) {
    Map<Integer, Integer> crossing = new HashMap<>(); // last forward read in the phase, by id
    Map<Integer, Tensor> open = new HashMap<>();
    List<Integer> nodes = new ArrayList<>();
    for (int i : phase) {
      nodes.add(i);
      for (Tensor t : timeline.node(i).outputs()) {
        int last = lastForward(t, end);
        if (onPath.contains(t.id()) && t.bytes() >= least && last > i) {
          crossing.put(t.id(), last);
          open.put(t.id(), t);
        }
      }
      crossing.values().removeIf(last -> last <= i);
      open.keySet().retainAll(crossing.keySet());
      if (open.size() == 1 && isSaved(open.values().iterator().next())) {
        close(nodes, open.values().iterator().next(), end);
        nodes = new ArrayList<>();
      }
    }
  }

  private int lastForward(Tensor t, int end) {
    int last = -1;
    for (int read : timeline.reads(t)) {
      last = read < end && !timeline.backward(read) ? read : last;
    }
    return last;
  }

  private void close(List<Integer> nodes, Tensor output, int end) {
    List<Tensor> inner = new ArrayList<>();
    Tensor out = null;
    for (int i : nodes) {
      for (Tensor t : timeline.node(i).outputs()) {
        if (t.bytes() >= least && isSaved(t) && canBeMadeAgain(t, i, end)) {
          if (t.id() == output.id()) {
            out = t;
          } else {
            inner.add(t);
          }
        }
      }
    }
    if (out != null || !inner.isEmpty()) {
      blocks.add(new Block(inner, out, nodes.getFirst(), nodes.getLast(), List.copyOf(nodes)));
    }
  }

  /** Tells whether no later phase reads a value forward and nothing that made it has changed. */
  private boolean canBeMadeAgain(Tensor t, int node, int end) {
    boolean later =
        timeline.reads(t).stream().anyMatch(read -> read >= end && !timeline.backward(read));
    return !later && !timeline.fetched(t) && !timeline.staleAt(node, timeline.lastRead(t));
  }

  /** Returns the index of the last node that reads any of a block's values. */
  static int lastRead(Timeline timeline, Block block) {
    return block.values().stream().mapToInt(timeline::lastRead).max().orElseThrow();
  }

  /** Returns the index of the first backward node that reads any of a block's values. */
  static int firstBackward(Timeline timeline, Block block) {
    return block.values().stream()
        .flatMap(t -> timeline.reads(t).stream())
        .filter(timeline::backward)
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }
}
