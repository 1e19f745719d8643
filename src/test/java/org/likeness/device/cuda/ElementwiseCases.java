package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.OpCases;
import org.likeness.device.OpCases.Case;
import org.likeness.graph.Activation;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Pointwise.Unary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;

/**
 * Elementwise operations, moves and sums in sizes that meet every path of their kernels: one
 * element, no whole 16 bytes, a rest after the last block, aligned and unaligned runs, one part and
 * several.
 */
final class ElementwiseCases {
  private static final Shape ONE = Shape.of(1);
  private static final Shape ODD = Shape.of(2, 3, 5, 3);
  private static final Shape BLOCKS = Shape.of(1, 31, 29, 5); // two blocks of threads and a rest

  private ElementwiseCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>(pointwise());
    cases.addAll(repeated());
    cases.addAll(movement());
    cases.addAll(sums());
    cases.addAll(pixelNorms());
    cases.addAll(statistics());
    return cases;
  }

  static List<Case> pointwise() {
    List<Case> cases = new ArrayList<>();
    for (Shape x : List.of(ONE, ODD, BLOCKS)) {
      for (Activation a : OpCases.activations()) {
        cases.add(new Case(new Pointwise.Activate(a), List.of(x), -4, 4));
        cases.add(new Case(new Pointwise.ActivateGrad(a), List.of(x, x), -4, 4));
      }
      for (Binary.Kind kind : Binary.Kind.values()) {
        cases.add(new Case(new Binary(kind), List.of(x, x), 0.5, 2));
      }
      for (Unary.Kind kind : Unary.Kind.values()) {
        double low = kind == Unary.Kind.SQRT ? 0 : -1.5;
        cases.add(new Case(new Unary(kind), List.of(x), low, 1.5));
      }
      cases.add(new Case(new Pointwise.Affine(-2.5, 0.75), x));
      cases.add(new Case(new Pointwise.Clip(-0.5, 0.7), x));
      cases.add(new Case(new Pointwise.ClipGrad(-0.5, 0.7), x, x));
      cases.add(new Case(new Pointwise.Power(0.2856), x));
      cases.add(new Case(new Pointwise.PowerGrad(0.2856), List.of(x, x), 0.1, 1));
      cases.add(new Case(new Pointwise.Bce(), List.of(x, x), -6, 6));
      cases.add(new Case(new Pointwise.BceGrad(), List.of(x, x, x), -6, 6));
      cases.add(new Case(new Pointwise.StopGradient(), x));
    }
    return cases;
  }

  /** A second operand in every pattern of kept and repeated axes. */
  static List<Case> repeated() {
    Shape wide = Shape.of(2, 3, 4, 8);
    Shape large = Shape.of(3, 5, 7, 6);
    List<List<Shape>> shapes =
        List.of(
            List.of(wide, Shape.of(1, 1, 1, 8)),
            List.of(wide, Shape.of(2, 1, 1, 8)),
            List.of(wide, Shape.of(2, 3, 4, 1)),
            List.of(wide, Shape.of(2, 1, 1, 1)),
            List.of(wide, Shape.of(1, 1, 1, 1)),
            List.of(ODD, Shape.of(1, 1, 1, 3)),
            List.of(ODD, Shape.of(2, 1, 1, 3)),
            List.of(ODD, Shape.of(2, 3, 5, 1)),
            List.of(ODD, Shape.of(2, 1, 1, 1)),
            List.of(ODD, Shape.of(1, 1, 1, 1)),
            List.of(large, Shape.of(1, 5, 1, 6)),
            List.of(large, Shape.of(3, 1, 7, 1)),
            List.of(large, Shape.of(1, 5, 7, 6)),
            List.of(BLOCKS, Shape.of(1, 31, 1, 5)),
            List.of(Shape.of(3, 16), Shape.of(1, 16)),
            List.of(Shape.of(3, 16), Shape.of(3, 1)),
            List.of(Shape.of(5), ONE));
    List<Case> cases = new ArrayList<>();
    for (List<Shape> pair : shapes) {
      cases.add(new Case(new Binary(Binary.Kind.SUB), pair, 0.5, 2));
      cases.add(new Case(new Reduction.RepeatTo(pair.getFirst()), pair.getLast()));
    }
    cases.add(new Case(new Binary(Binary.Kind.MUL), ODD, Shape.of(2, 3, 5, 1)));
    cases.add(new Case(new Binary(Binary.Kind.ADD), ODD, Shape.of(1, 1, 1, 3)));
    cases.add(new Case(new Binary(Binary.Kind.DIV), List.of(ODD, Shape.of(2, 1, 1, 3)), 0.5, 2));
    cases.add(new Case(new Reduction.RepeatTo(ODD), ODD));
    cases.add(new Case(new Reduction.SpreadPerSample(0.3, ODD), Shape.of(2)));
    cases.add(new Case(new Reduction.SpreadPerSample(0.3, wide), Shape.of(2)));
    cases.add(new Case(new Reduction.SpreadPerSample(0.3, Shape.of(5)), Shape.of(5)));
    return cases;
  }

  static List<Case> movement() {
    List<Case> cases = new ArrayList<>();
    for (int c : new int[] {1, 3, 8}) {
      cases.add(new Case(new Movement.DepthToSpace(2), Shape.of(2, 3, 5, 4 * c)));
      cases.add(new Case(new Movement.SpaceToDepth(2), Shape.of(2, 6, 10, c)));
      cases.add(new Case(new Movement.Flatten(), Shape.of(2, 3, 5, c)));
      cases.add(new Case(new Movement.Reshape4D(3, 5, c), Shape.of(2, 15 * c)));
    }
    cases.add(new Case(new Movement.DepthToSpace(3), Shape.of(1, 2, 3, 18)));
    cases.add(new Case(new Movement.Flatten(), Shape.of(3, 33, 1, 34)));
    cases.add(new Case(new Movement.Flatten(), Shape.of(2, 1, 1, 9)));
    cases.add(new Case(new Movement.Reshape4D(8, 8, 40), Shape.of(1, 2560)));
    Shape x = Shape.of(2, 3, 5, 3);
    for (int axis = 0; axis < 4; axis++) {
      int extent = x.dim(axis);
      cases.add(new Case(new Movement.Concat(axis), x, x.with(axis, 1), x, x.with(axis, 2)));
      cases.add(new Case(new Movement.Slice(axis, extent - 1, extent), x));
      cases.add(new Case(new Movement.Slice(axis, 0, extent - 1), x));
      cases.add(new Case(new Movement.Slice(axis, 0, extent), x));
      cases.add(new Case(new Movement.Pad(axis, 1, 2), x));
      cases.add(new Case(new Movement.Pad(axis, 0, 1), x));
    }
    Shape wide = Shape.of(2, 3, 5, 16);
    cases.add(new Case(new Movement.Concat(3), wide, Shape.of(2, 3, 5, 8)));
    cases.add(new Case(new Movement.Slice(3, 8, 16), wide));
    cases.add(new Case(new Movement.Pad(1, 2, 0), wide));
    cases.add(new Case(new Movement.Concat(0), Shape.of(3), ONE));
    return cases;
  }

  static List<Case> sums() {
    List<Case> cases = new ArrayList<>();
    int[][] samples = {{5}, {3, 7}, {2, 1, 1, 33}, {2, 40, 43, 15}, {2, 16411}, {1, 1}};
    for (int[] sample : samples) {
      cases.add(new Case(new Reduction.SumPerSample(0.3), Shape.of(sample)));
    }
    int[][][] shapes = {
      {{2, 3, 5, 3}, {2, 1, 1, 3}, {1, 1, 1, 3}, {2, 3, 5, 1}, {1, 3, 1, 3}, {2, 1, 5, 1}},
      {{2, 3, 5, 3}, {1, 1, 1, 1}, {2, 3, 5, 3}},
      {{4, 16, 16, 40}, {1, 1, 1, 40}, {4, 1, 1, 40}, {4, 16, 16, 1}, {1, 16, 16, 40}},
      {{2, 33, 65, 7}, {1, 33, 1, 7}, {2, 1, 65, 1}, {1, 1, 1, 1}},
      {{50, 3, 50, 3}, {1, 3, 1, 1}, {50, 1, 1, 1}},
      {{50, 3, 8, 8}, {1, 3, 1, 1}, {1, 1, 8, 1}},
    };
    for (int[][] group : shapes) {
      for (int i = 1; i < group.length; i++) {
        cases.add(new Case(new Reduction.SumTo(Shape.of(group[i])), Shape.of(group[0])));
      }
    }
    return cases;
  }

  static List<Case> statistics() {
    List<Case> cases = new ArrayList<>();
    int[][] shapes = {{1}, {3, 7}, {2, 8}, {2049}, {2, 40, 43, 15}, {1, 16391, 3, 1}};
    for (int[] shape : shapes) {
      cases.add(new Case(new Reduction.Statistics(), Shape.of(shape)));
    }
    return cases;
  }

  static List<Case> pixelNorms() {
    List<Case> cases = new ArrayList<>();
    int[][] shapes = {{3, 7}, {2, 1024}, {2, 16411}, {2, 40, 40, 13}, {1, 1}};
    for (int[] shape : shapes) {
      Shape x = Shape.of(shape);
      cases.add(new Case(new Reduction.PixelNorm(1e-6), x));
      cases.add(new Case(new Reduction.PixelNormGrad(1e-6), x, x));
    }
    return cases;
  }
}
