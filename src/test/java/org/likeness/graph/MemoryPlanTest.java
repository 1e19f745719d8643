package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.graph.Liveness.Interval;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.testing.Plans;

class MemoryPlanTest {
  /** A random graph of elementwise, widening and two-output nodes with some fetches. */
  private static Graph random(long seed) {
    Random random = new Random(seed);
    GraphBuilder b = new GraphBuilder();
    List<Tensor> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Shape s = Shape.of(2, 8 + random.nextInt(8), 8, 1 + random.nextInt(5));
      made.add(b.leaf(Role.FEED, "feed" + i, s, DType.F32));
    }
    for (int i = 0; i < 60; i++) {
      Tensor x = made.get(random.nextInt(made.size()));
      switch (random.nextInt(5)) {
        case 0 -> made.add(b.add("v", new Pointwise.Affine(2, 1), x));
        case 1 -> made.add(b.add("v", new Binary(Binary.Kind.MUL), x, x));
        case 2 -> made.add(b.add("v", new Movement.Concat(3), x, x));
        case 3 -> made.add(b.add("v", new Movement.Slice(3, 0, 1), x));
        default ->
            b.addAll("v", Image.Ssim.of(3), List.of(x, x)).forEach(t -> b.fetch(t.name(), t));
      }
    }
    b.fetch("last", made.getLast());
    b.fetch("middle", made.get(made.size() / 2));
    return Scheduler.schedule(Prune.apply(b.build()));
  }

  private static DeviceProfile profile(Graph graph, Random random) {
    Map<Node, Long> workspace = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (random.nextInt(3) == 0) {
        workspace.put(node, (long) random.nextInt(5000));
      }
    }
    return new DeviceProfile("test", 1 << 30, 64, 5000, Map.of(), workspace);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void noTwoLiveValuesOverlap(long seed) {
    Graph graph = random(seed);
    MemoryPlan plan = MemoryPlan.plan(graph, profile(graph, new Random(seed)));
    plan.placements().forEach(p -> assertEquals(0, p.offset() % 64));
    Plans.expectApart(plan);
  }

  /** Lifetimes found the slow way: an overwritten buffer is never read again by another name. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void everyReadFindsWhatWasWritten(long seed) {
    Graph graph = random(seed);
    MemoryPlan plan = MemoryPlan.plan(graph, profile(graph, new Random(seed)));
    Map<Integer, Long> offsets = plan.offsets();
    Map<Long, Integer> owner = new HashMap<>(); // slab in units of 64 bytes
    graph.leaves().forEach(t -> own(owner, offsets.get(t.id()), t.bytes(), t.id()));
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      for (Tensor t : node.inputs()) {
        expectOwned(owner, offsets.get(t.id()), t);
      }
      Long workspace = plan.workspaceOffsets().get(i);
      if (workspace != null) {
        own(owner, workspace, 64, -1);
      }
      node.outputs().forEach(t -> own(owner, offsets.get(t.id()), t.bytes(), t.id()));
    }
    graph.fetches().values().forEach(t -> expectOwned(owner, offsets.get(t.id()), t));
  }

  private static void own(Map<Long, Integer> owner, long offset, long bytes, int id) {
    for (long at = offset / 64; at * 64 < offset + bytes; at++) {
      owner.put(at, id);
    }
  }

  private static void expectOwned(Map<Long, Integer> owner, long offset, Tensor t) {
    for (long at = offset / 64; at * 64 < offset + t.bytes(); at++) {
      assertEquals(t.id(), owner.get(at), t + " was overwritten");
    }
  }

  @Test
  void lowerBoundIsTheLargestSumOfLiveBytes() {
    Graph graph = random(3);
    MemoryPlan plan = MemoryPlan.plan(graph, DeviceProfile.plain("test", 1 << 30));
    long alive = plan.aliveAtPeak().stream().mapToLong(p -> p.interval().bytes()).sum();
    assertEquals(plan.lowerBound(), alive);
    assertTrue(plan.slabBytes() >= plan.lowerBound());
    assertTrue(plan.fragmentation() < 0.2, "fragmentation " + plan.fragmentation());
  }

  @Test
  void elementwiseChainsShareOneBuffer() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 16), DType.F32);
    Tensor y = b.add("y", new Pointwise.Affine(2, 0), x);
    Tensor z = b.add("z", new Pointwise.Affine(2, 0), y);
    b.fetch("z", z);
    List<Interval> intervals = Liveness.of(b.build(), DeviceProfile.plain("test", 1 << 20));
    assertEquals(
        List.of(List.of(x), List.of(y, z)), intervals.stream().map(Interval::tensors).toList());
  }

  @Test
  void aValueThatIsReadLaterIsNotOverwritten() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 16), DType.F32);
    Tensor y = b.add("y", new Pointwise.Affine(2, 0), x);
    Tensor z = b.add("z", new Pointwise.Affine(2, 0), y);
    b.fetch("sum", b.add("sum", new Binary(Binary.Kind.ADD), y, z));
    MemoryPlan plan = MemoryPlan.plan(b.build(), DeviceProfile.plain("test", 1 << 20));
    assertFalse(plan.offsets().get(y.id()).equals(plan.offsets().get(z.id())));
  }

  /** A device that uploads while it computes holds each feed twice, and the number of the slot. */
  @Test
  void plansTheCopiesOfFeeds() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(5), DType.U8);
    Tensor y = b.leaf(Role.FEED, "y", Shape.of(70), DType.F32);
    b.fetch("z", b.add("z", new Pointwise.Affine(2, 0), y));
    b.fetch("x", x);
    Graph graph = b.build();
    DeviceProfile profile = new DeviceProfile("test", 1 << 20, 256, 0, Map.of(), Map.of(), 2);
    MemoryPlan plan = MemoryPlan.plan(graph, profile);
    assertEquals(2 * (256 + 512) + 256, plan.feedBytes());
    assertEquals(plan.feedBytes() + plan.slabBytes(), plan.totalBytes());
  }
}
