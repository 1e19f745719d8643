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

  private static final PlanTarget TARGET =
      new PlanTarget(graph -> DeviceProfile.plain("test", 1 << 30), Work::traffic);

  private static final Budget BUDGET = new Budget(TARGET, chain());

  private static Budget.Choice plan(Levers levers) {
    return BUDGET.plan(levers).orElseThrow();
  }

  @Test
  void takesTheLargestMicroBatchThatFits() {
    Levers all = Levers.DEFAULT;
    assertEquals(all, BUDGET.fit(all, true, Long.MAX_VALUE).orElseThrow().levers());
    for (int parts : new int[] {2, 4, 8}) {
      long less = plan(all.cut(parts / 2)).bytes() - 1;
      Budget.Choice choice = BUDGET.fit(all, false, less).orElseThrow();
      assertEquals(all.cut(parts), choice.levers());
      assertTrue(choice.bytes() <= less, choice.bytes() + " of " + less);
    }
  }

  @Test
  void findsNothingWhereNoCutFits() {
    long least = plan(Levers.DEFAULT.cut(8)).bytes();
    assertEquals(Optional.empty(), BUDGET.fit(Levers.DEFAULT, true, least - 1));
  }

  /** Runs of convolutions that cost something each: to make one again is less than to cut all. */
  @Test
  void takesWhateverIsPredictedToCostLess() {
    Graph described = RematerializerTest.described(8, 2, 64, 2, 64, 2);
    for (boolean dear : new boolean[] {false, true}) {
      PlanTarget target =
          new PlanTarget(
              TARGET.profile(),
              node -> dear && node.op() instanceof Linear ? 1e9 : Work.flops(node) + 1);
      Budget budget = new Budget(target, described);
      long less = budget.plan(Levers.DEFAULT).orElseThrow().bytes() * 9 / 10;
      Budget.Choice cut = budget.fit(Levers.DEFAULT, false, less).orElseThrow();
      Budget.Choice any = budget.fit(Levers.DEFAULT, true, less).orElseThrow();
      assertTrue(any.bytes() <= less);
      assertTrue(any.seconds() <= cut.seconds());
      assertEquals(dear, any.levers().cut().parts() == 1, any.levers().toString());
    }
  }

  @Test
  void withoutALimitTakesLittleMemoryForLittleTime() {
    Budget.Choice all = plan(Levers.DEFAULT);
    Budget.Choice cheap = BUDGET.economical(Levers.DEFAULT);
    assertTrue(cheap.bytes() < all.bytes());
    assertTrue(cheap.seconds() <= 1.1 * all.seconds());
    PlanTarget nodes = new PlanTarget(TARGET.profile(), node -> 1); // each cut adds some
    assertEquals(Levers.DEFAULT, new Budget(nodes, chain()).economical(Levers.DEFAULT).levers());
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
