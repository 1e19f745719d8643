package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.device.cuda.ConvolutionParameters.Split;
import org.likeness.graph.DType;
import org.likeness.graph.Linear.Conv2dDgrad;
import org.likeness.graph.Linear.Conv2dWgrad;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/** Which tilings and splits are offered, and which is taken. */
class ConvolutionChoiceTest {
  private static final Target SMALL = new Target(75, 2, 48 << 10, false);
  private static final Target LARGE = new Target(90, 132, 227 << 10, false);

  private static List<LinearCases.Case> cases() {
    List<LinearCases.Case> cases = new ArrayList<>(LinearCases.awkward());
    cases.addAll(LinearCases.standard(3));
    cases.addAll(LinearCases.standard(104));
    return cases;
  }

  private static Candidate choose(Node node, Target target) {
    return (Candidate) Tactics.choose(node, target);
  }

  @Test
  void everyProductHasCandidatesOfDistinctNamesTheFastestFirst() {
    for (LinearCases.Case c : cases()) {
      List<Candidate> candidates = ConvolutionChoice.candidates(c.node(), LARGE);
      Set<String> names = candidates.stream().map(Candidate::name).collect(Collectors.toSet());
      assertEquals(candidates.size(), names.size(), c.toString());
      for (int i = 1; i < candidates.size(); i++) {
        assertTrue(candidates.get(i - 1).cycles() <= candidates.get(i).cycles(), c.toString());
      }
    }
  }

  @Test
  void splitsCoverTheDepthInWholeStepsAndStayBelowTheCeiling() {
    for (LinearCases.Case c : cases()) {
      int depth = ConvolutionGeometry.of(c.node()).depth();
      for (Candidate candidate : ConvolutionChoice.candidates(c.node(), LARGE)) {
        Split split = candidate.split();
        String what = c + " " + candidate.name() + " " + split;
        assertEquals(0, split.slice() % candidate.variant().tile().depth(), what);
        assertTrue((long) split.splits() * split.slice() >= depth, what);
        assertTrue((split.splits() - 1L) * split.slice() < Math.max(depth, 1), what);
        assertTrue(candidate.workspaceBytes() <= ConvolutionChoice.WORKSPACE_CEILING, what);
        assertEquals(split.splits() == 1, candidate.workspaceBytes() == 0, what);
      }
    }
  }

  @Test
  void fewTilesOfGreatDepthAreSplitUntilTheCardIsFull() {
    Node dense = LinearCases.dense(16, 86528, 256).getFirst().node();
    Candidate choice = choose(dense, LARGE);
    assertEquals(16, choice.variant().tile().rows());
    assertTrue(choice.split().splits() >= 64, choice.name());

    Shape x = Shape.of(16, 208, 208, 64);
    Shape w = Shape.of(64, 3, 3, 64);
    Node wgrad =
        new LinearCases.Case(new Conv2dWgrad(Window.centred(3, 1), 1, w, true), x, x).node();
    Candidate deep = choose(wgrad, LARGE);
    assertTrue(deep.split().slice() <= 1 << 16, deep.name() + " " + deep.split());
    assertTrue(deep.split().splits() > 8, deep.name());
  }

  @Test
  void manyTilesAreThickAndWhole() {
    Shape x = Shape.of(16, 104, 104, 512);
    Node forward = LinearCases.layer(x, 1024, 3, 1).getFirst().node();
    assertEquals("f32_128x128/1", choose(forward, LARGE).name());
  }

  @Test
  void thinProductsAreNotPaddedToThickTiles() {
    Node head = LinearCases.layer(Shape.of(2, 32, 32, 16), 3, 1, 1).getFirst().node();
    assertEquals(16, choose(head, SMALL).variant().tile().columns());
  }

  @Test
  void aMeasuredWinnerIsTakenAndAnUnknownOneIgnored() {
    Node node = LinearCases.layer(Shape.of(2, 13, 13, 64), 64, 3, 1).getFirst().node();
    String key = Tactics.key(node, LARGE);
    assertEquals("forward f32 x(2,13,13,64) w(64,3,3,64) s1 p1 scaled bias", key);
    Target rounding = new Target(90, 132, 227 << 10, true);
    assertEquals(key.replace("f32", "tf32"), Tactics.key(node, rounding));
    List<Candidate> candidates = ConvolutionChoice.candidates(node, LARGE);
    String last = candidates.getLast().name();
    Tuning tuning = new Tuning(Map.of(key, last));
    assertEquals(last, choose(node, LARGE.with(tuning)).name());
    Tuning stale = new Tuning(Map.of(key, "f32_7x7/1"));
    assertEquals(candidates.getFirst(), choose(node, LARGE.with(stale)));
  }

  @Test
  void cardsWithoutBf16AreToldOfF16() {
    LinearCases.Case layer = LinearCases.layer(Shape.of(1, 5, 5, 8), 8, 3, 1).getFirst();
    Node node = layer.node(DType.BF16);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> ConvolutionChoice.candidates(node, SMALL));
    assertEquals(
        "conv2d: bf16 needs compute capability 8.0, RTX 30 or newer; use --precision f16",
        refusal.getMessage());
    assertTrue(!ConvolutionChoice.candidates(layer.node(DType.F16), SMALL).isEmpty());
  }

  @Test
  void refusesWhatNoKernelComputes() {
    Node wide = LinearCases.layer(Shape.of(1, 5, 5, 4), 4, 3, 1).getFirst().node(DType.F64);
    IllegalArgumentException type =
        assertThrows(
            IllegalArgumentException.class, () -> ConvolutionChoice.candidates(wide, LARGE));
    assertEquals("conv2d: there is no CUDA kernel for F64 operands; use f32", type.getMessage());

    Window window = new Window(3, 1, 1, 1);
    Shape w = Shape.of(4, 3, 3, 4);
    Node strided =
        new LinearCases.Case(
                new Conv2dDgrad(window, 1, Shape.of(1, 7, 7, 4)), Shape.of(1, 3, 3, 4), w)
            .node();
    IllegalArgumentException stride =
        assertThrows(
            IllegalArgumentException.class, () -> ConvolutionChoice.candidates(strided, LARGE));
    assertEquals("conv2dDgrad: stride 3 has no CUDA kernel; use 1 or 2", stride.getMessage());
  }
}
