package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.graph.Activation;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.testing.OnSoftCuda;

/** The f32 convolutions and dense products against the same in f64. */
@OnSoftCuda
class ConvolutionTileTest {
  /** A card that small is filled by any product: the choice then spares multiply-adds. */
  private static final Target TARGET = new Target(75, 2, 48 << 10, false);

  private static NodeRun run;

  @BeforeAll
  static void open() {
    run = new NodeRun();
  }

  @AfterAll
  static void close() {
    run.close();
  }

  @Test
  void everyTileAndSplitComputesAwkwardSizes() {
    Set<String> tiles = new HashSet<>();
    for (LinearCases.Case c : LinearCases.awkward()) {
      Node node = c.node();
      double[][] in = NodeRun.random(node, 7);
      double[][] expected = NodeRun.expected(node, in);
      for (Candidate candidate : ConvolutionChoice.candidates(node, TARGET)) {
        check(c, node, candidate, in, expected);
        tiles.add(ConvolutionGeometry.of(node).direction() + " " + candidate.variant().name());
      }
    }
    assertEquals(3 * ConvolutionTile.ALL.size(), tiles.size(), tiles.toString());
  }

  @Test
  void everyChannelShapeOfTheStandardWorkloadsIsRight() {
    for (LinearCases.Case c : LinearCases.standard(3)) {
      Node node = c.node();
      double[][] in = NodeRun.random(node, 11);
      Candidate candidate = ConvolutionChoice.choose(node, TARGET, Tuning.NONE);
      check(c, node, candidate, in, NodeRun.expected(node, in));
    }
  }

  private static void check(
      LinearCases.Case c, Node node, Candidate candidate, double[][] in, double[][] expected) {
    String what = c + " by " + candidate.name();
    double[][] out;
    try {
      out =
          run.cuda(
              node,
              in,
              candidate.workspaceBytes(),
              o -> LinearLowering.lower((Linear) node.op(), o, candidate));
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    double tolerance = tolerance(node);
    for (int o = 0; o < expected.length; o++) {
      for (int i = 0; i < expected[o].length; i++) {
        double share = Math.abs(out[o][i] - expected[o][i]) / tolerance;
        if (!(share <= 1)) {
          fail(
              String.format(
                  Locale.ROOT,
                  "%s: output %d[%d] is %.9g, expected %.9g: %.3g of the tolerance",
                  what,
                  o,
                  i,
                  out[o][i],
                  expected[o][i],
                  share));
        }
      }
    }
  }

  /**
   * A sum of {@code depth} products of operands below 1.5 wanders like 0.75 sqrt(depth), and each
   * addition rounds it by 2^-25 of that at most: together below 2^-24 depth even if all errors had
   * one sign. Twice that, and the epilogue's own; x cos x multiplies an error by its slope, up to
   * its argument's size (40 here).
   */
  private static double tolerance(Node node) {
    boolean steep =
        node.op() instanceof Linear.Conv2d conv
            && conv.epilogue().activation().equals(Activation.X_COS_X);
    int depth = ConvolutionGeometry.of(node).depth();
    return 0x1p-23 * (depth + 8) * (steep ? 40 : 1);
  }
}
