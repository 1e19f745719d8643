package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BudgetTest {
  /** A chain whose values take 40 times the bytes of its feed, and a weight's gradient. */
  private static Graph chain() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(8, 4, 4, 1), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(40, 1, 1, 1), DType.F32);
    Linear.Conv2d conv = new Linear.Conv2d(Window.centred(1, 1), 1, false, Linear.Epilogue.NONE);
    Tensor y = b.add("y", new Pointwise.Unary(Pointwise.Unary.Kind.SQUARE), b.add("z", conv, x, w));
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), y);
    Differentiator.Result d = Differentiator.differentiate(b.build(), loss, List.of(w));
    GraphBuilder all = new GraphBuilder(d.graph());
    all.fetch("dw", d.of().get(w));
    return all.build();
  }

  private static Budget budget(long bytes) {
    return new Budget(graph -> DeviceProfile.plain("test", bytes), bytes);
  }

  @Test
  void takesTheLargestMicroBatchThatFits() {
    Graph graph = chain();
    Budget all = budget(Long.MAX_VALUE);
    assertEquals(Levers.DEFAULT, all.fit(graph).orElseThrow().levers());
    for (int parts : new int[] {2, 4, 8}) {
      long less = all.plan(graph, Levers.DEFAULT.cut(parts / 2)).bytes() - 1;
      Budget.Choice choice = budget(less).fit(graph).orElseThrow();
      assertEquals(Levers.DEFAULT.cut(parts), choice.levers());
      assertTrue(choice.bytes() <= less, choice.bytes() + " of " + less);
    }
  }

  @Test
  void findsNothingWhereNoCutFits() {
    long least = budget(Long.MAX_VALUE).plan(chain(), Levers.DEFAULT.cut(8)).bytes();
    assertEquals(Optional.empty(), budget(least - 1).fit(chain()));
  }

  @Test
  void cutsABatchEvenly() {
    assertEquals(List.of(1, 2, 3, 4, 6, 12), Budget.cuts(12));
    assertEquals(List.of(1, 7), Budget.cuts(7));
  }

  /** 8 samples of 16 pixels, 40 products each; the gradient has as many, and none goes to x. */
  @Test
  void countsTheArithmetic() {
    Graph graph = Prune.apply(chain());
    assertEquals(2 * (2.0 * 8 * 16 * 40), Work.flops(graph));
    Node conv = graph.nodes().getFirst();
    assertEquals(4 * (8 * 16 + 40 + 8 * 16 * 40), Work.traffic(conv));
  }
}
