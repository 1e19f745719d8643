package org.likeness.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.likeness.graph.Liveness.Interval;

/**
 * The chains that the blocks of an ordered graph form, each solved for every budget, with what is
 * alive beside their values read off the order as it is.
 */
final class RecomputeChains {
  /** Into how many parts memory is divided: what a decision may waste. */
  static final int SLOTS = 400;

  /** Share of the peak that sizes rounded up to units may take beyond it. */
  private static final int ROOM = 16;

  /** A block among those that its span encloses. */
  private static final class Span {
    final RecomputeBlocks.Block block;
    final List<Span> inside = new ArrayList<>();
    final int end;

    Span(RecomputeBlocks.Block block, int end) {
      this.block = block;
      this.end = end;
    }
  }

  private final Timeline timeline;
  private final ToDoubleFunction<Node> seconds;
  private final long[] beside; // bytes at each node that are no block's
  private final long[] across; // of these, made before the node
  private final long unit;
  private final List<CheckpointChain> roots = new ArrayList<>();
  private final Map<CheckpointChain, List<Span>> spans = new IdentityHashMap<>();

  private RecomputeChains(
      Timeline timeline, DeviceProfile profile, ToDoubleFunction<Node> seconds) {
    this.timeline = timeline;
    this.seconds = seconds;
    beside = new long[timeline.size() + 2];
    across = new long[timeline.size() + 2];
    List<Span> top = nest(RecomputeBlocks.of(timeline));
    for (Interval interval : Liveness.of(timeline.graph(), profile)) {
      add(interval.first(), interval.last(), interval.bytes());
    }
    long peak = sum(beside);
    sum(across);
    subtract(top, profile);
    unit = Math.max(1, Math.ceilDiv(peak + peak / ROOM, SLOTS));
    top.forEach(span -> roots.add(chain(span, profile, 0)));
  }

  /** Solves the chains of an ordered graph. */
  static RecomputeChains of(
      Timeline timeline, DeviceProfile profile, ToDoubleFunction<Node> seconds) {
    return new RecomputeChains(timeline, profile, seconds);
  }

  /** Returns the bytes of one unit of memory. */
  long unit() {
    return unit;
  }

  /**
   * Returns what to keep, as {@link Clones#insert} takes it, so that each chain that can be solved
   * within so many units is; the others keep as little as they can.
   */
  Map<Integer, List<Boolean>> kept(int units) {
    Map<Integer, List<Boolean>> kept = new HashMap<>();
    for (CheckpointChain root : roots) {
      int least = units;
      while (least < root.slots() && root.seconds(least) == Double.POSITIVE_INFINITY) {
        least++;
      }
      if (root.seconds(least) > 0 && root.seconds(least) < Double.POSITIVE_INFINITY) {
        root.decide(
            least, (chain, k, inner, output, made) -> keep(kept, chain, k, inner, output, made));
      }
    }
    kept.values().removeIf(runs -> !runs.contains(false));
    return kept;
  }

  private void keep(
      Map<Integer, List<Boolean>> kept,
      CheckpointChain chain,
      int index,
      boolean inner,
      boolean output,
      boolean outputMade) {
    RecomputeBlocks.Block block = spans.get(chain).get(index).block;
    for (Tensor t : block.inner()) {
      kept.computeIfAbsent(t.id(), id -> new ArrayList<>()).add(inner);
    }
    if (outputMade && block.output() != null) {
      kept.computeIfAbsent(block.output().id(), id -> new ArrayList<>()).add(output);
    }
  }

  private void add(int first, int last, long bytes) {
    int from = Math.max(0, first);
    int to = Math.min(timeline.size() - 1, last);
    beside[from] += bytes;
    beside[to + 1] -= bytes;
    if (first < to) {
      across[first + 1] += bytes;
      across[to + 1] -= bytes;
    }
  }

  /** Turns differences into sums and returns the largest. */
  private static long sum(long[] differences) {
    long most = differences[0];
    for (int i = 1; i < differences.length; i++) {
      differences[i] += differences[i - 1];
      most = Math.max(most, differences[i]);
    }
    return most;
  }

  private void subtract(List<Span> level, DeviceProfile profile) {
    for (Span span : level) {
      for (Tensor t : span.block.values()) {
        int made = timeline.made(t);
        for (int i = made; i <= timeline.lastRead(t); i++) {
          beside[i] -= profile.bytes(t);
          across[i] -= i > made ? profile.bytes(t) : 0;
        }
      }
      subtract(span.inside, profile);
    }
  }

  /** Nests the blocks by their spans; one that outlives the block around it is kept as it is. */
  private List<Span> nest(List<RecomputeBlocks.Block> blocks) {
    List<Span> top = new ArrayList<>();
    Deque<Span> around = new ArrayDeque<>();
    for (RecomputeBlocks.Block block : blocks) {
      int end = RecomputeBlocks.lastRead(timeline, block);
      while (!around.isEmpty() && around.peek().end < block.first()) {
        around.pop();
      }
      Span span = new Span(block, end);
      if (around.isEmpty()) {
        top.add(span);
        around.push(span);
      } else if (end <= around.peek().end) {
        around.peek().inside.add(span);
        around.push(span);
      }
    }
    return top;
  }

  /** Makes a chain of a span and those inside it, up to one that encloses none or several. */
  private CheckpointChain chain(Span begin, DeviceProfile profile, int after) {
    List<Span> members = new ArrayList<>();
    List<CheckpointChain.Block> blocks = new ArrayList<>();
    int from = Math.max(after, begin.block.first());
    for (Span span = begin; ; span = span.inside.getFirst()) {
      members.add(span);
      blocks.add(measured(span, from, profile));
      from = span.block.last() + 1;
      if (span.inside.size() != 1) {
        break;
      }
    }
    Span last = members.getLast();
    List<CheckpointChain> children = new ArrayList<>();
    long interior = 0;
    for (Span child : last.inside) {
      interior = Math.max(interior, most(from, child.block.first() - 1));
      children.add(chain(child, profile, from));
      from = child.end + 1;
    }
    if (last.inside.isEmpty()) {
      int turn = RecomputeBlocks.firstBackward(timeline, last.block);
      interior = most(from, turn - 1);
    }
    CheckpointChain chain = new CheckpointChain(blocks, children, interior, unit, SLOTS);
    spans.put(chain, members);
    return chain;
  }

  /** The most bytes beside blocks' values from one node to another. */
  private long most(int from, int to) {
    long most = 0;
    for (int i = from; i <= to; i++) {
      most = Math.max(most, beside[i]);
    }
    return most;
  }

  private CheckpointChain.Block measured(Span span, int from, DeviceProfile profile) {
    RecomputeBlocks.Block block = span.block;
    long inner = block.inner().stream().mapToLong(profile::bytes).sum();
    long output = block.output() == null ? 0 : profile.bytes(block.output());
    int turn =
        span.inside.isEmpty()
            ? RecomputeBlocks.firstBackward(timeline, block)
            : span.inside.getLast().end + 1;
    long forward = mostWithOwn(from, block.last(), block, profile);
    long own = mostWithOwn(block.first(), block.last(), block, profile);
    long passing = Math.min(across[block.first()], across[block.last() + 1]);
    return new CheckpointChain.Block(
        inner,
        output,
        forward,
        Math.max(0, own - passing),
        mostWithOwn(turn, span.end, block, profile),
        across[firstRead(block.values(), turn)],
        across[firstRead(block.inner(), turn)],
        time(block, block.inner()),
        time(block, block.values()));
  }

  /** The first node from {@code from} on that reads one of some values, or {@code from}. */
  private int firstRead(List<Tensor> values, int from) {
    return values.stream()
        .flatMap(t -> timeline.reads(t).stream())
        .filter(read -> read >= from)
        .min(Integer::compare)
        .orElse(from);
  }

  private long mostWithOwn(int from, int to, RecomputeBlocks.Block block, DeviceProfile profile) {
    long most = 0;
    for (int i = from; i <= to; i++) {
      long own = 0;
      for (Tensor t : block.values()) {
        boolean alive = timeline.made(t) <= i && i <= timeline.lastRead(t);
        own += alive ? profile.bytes(t) : 0;
      }
      most = Math.max(most, beside[i] + own);
    }
    return most;
  }

  /** The time of those nodes of a block that make some of its values. */
  private double time(RecomputeBlocks.Block block, List<Tensor> values) {
    Set<Integer> wanted = new HashSet<>();
    values.forEach(t -> wanted.add(t.id()));
    double time = 0;
    for (int i : block.nodes().reversed()) {
      Node node = timeline.node(i);
      if (node.outputs().stream().anyMatch(t -> wanted.contains(t.id()))) {
        time += seconds.applyAsDouble(node);
        node.inputs().forEach(t -> wanted.add(t.id()));
      }
    }
    return time;
  }
}
