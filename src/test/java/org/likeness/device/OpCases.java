package org.likeness.device;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Movement;
import org.likeness.graph.Op;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Pointwise.Unary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/** Every operation with odd sizes: what the tests of gradients and of each device go through. */
public final class OpCases {
  private OpCases() {}

  /**
   * One operation on inputs of these shapes.
   *
   * @param low least input value
   * @param high largest input value
   */
  public record Case(Op op, List<Shape> inputs, double low, double high) {
    /** Returns a case with inputs between -1.5 and 1.5. */
    public Case(Op op, Shape... inputs) {
      this(op, List.of(inputs), -1.5, 1.5);
    }

    @Override
    public String toString() {
      return op + " of " + inputs;
    }
  }

  /** Operations that have a gradient. */
  public static List<Case> differentiable() {
    List<Case> cases = new ArrayList<>(linear());
    Shape x = Shape.of(2, 3, 5, 3);
    for (Activation a : activations()) {
      cases.add(new Case(new Pointwise.Activate(a), x));
    }
    for (Binary.Kind kind : Binary.Kind.values()) {
      cases.add(new Case(new Binary(kind), List.of(x, x), 0.5, 2));
      cases.add(new Case(new Binary(kind), List.of(x, Shape.of(2, 3, 5, 1)), 0.5, 2));
      cases.add(new Case(new Binary(kind), List.of(x, Shape.of(1, 1, 1, 3)), 0.5, 2));
    }
    cases.add(new Case(new Pointwise.Affine(-2.5, 0.75), x));
    cases.add(new Case(new Unary(Unary.Kind.SQUARE), x));
    cases.add(new Case(new Unary(Unary.Kind.ABS), x));
    cases.add(new Case(new Unary(Unary.Kind.SQRT), List.of(x), 0.1, 2));
    cases.add(new Case(new Unary(Unary.Kind.SIGN), x));
    cases.add(new Case(new Pointwise.Clip(-0.5, 0.7), x));
    cases.add(new Case(new Pointwise.Power(0.2856), x));
    cases.add(new Case(new Pointwise.Bce(), x, x));
    cases.addAll(movement());
    cases.add(new Case(new Reduction.SumPerSample(0.3), x));
    cases.add(new Case(new Reduction.SumPerSample(0.3), Shape.of(5)));
    cases.add(new Case(new Reduction.SpreadPerSample(0.3, x), Shape.of(2)));
    cases.add(new Case(new Reduction.SumTo(Shape.of(2, 1, 1, 3)), x));
    cases.add(new Case(new Reduction.RepeatTo(x), Shape.of(2, 1, 5, 1)));
    cases.add(new Case(new Reduction.PixelNorm(1e-6), Shape.of(3, 7)));
    cases.add(new Case(new Image.GaussianBlur(1.75, 7), Shape.of(2, 5, 9, 3)));
    cases.add(new Case(new Image.GaussianBlur(2, 9), Shape.of(1, 13, 11, 1)));
    cases.add(
        new Case(Image.Ssim.of(5), List.of(Shape.of(2, 9, 7, 3), Shape.of(2, 9, 7, 3)), 0, 1));
    cases.add(
        new Case(Image.Ssim.of(4), List.of(Shape.of(1, 7, 9, 2), Shape.of(1, 7, 9, 2)), 0, 1));
    cases.add(new Case(new Unary(Unary.Kind.ZERO_TO_ONE), x));
    cases.add(new Case(new Image.CentreWeight(1.5), Shape.of(2, 5, 8, 3)));
    cases.add(new Case(new Image.AveragePool2(), Shape.of(3, 4, 6, 5)));
    cases.add(new Case(new Image.AveragePool2Grad(), Shape.of(3, 2, 3, 5)));
    return cases;
  }

  private static List<Case> linear() {
    List<Case> cases = new ArrayList<>();
    Window[] windows = {
      Window.centred(3, 1), Window.centred(5, 2), new Window(2, 1, 0, 1), new Window(1, 2, 2, 2)
    };
    int[] kernels = {3, 5, 3, 3};
    for (int i = 0; i < windows.length; i++) {
      Shape x = Shape.of(2, 7, 9, 3);
      Shape w = Shape.of(5, kernels[i], kernels[i], 3);
      Linear.Conv2d conv = new Linear.Conv2d(windows[i], 0.7, true, Epilogue.NONE);
      cases.add(new Case(conv, x, w, Shape.of(5)));
      Shape y = conv.infer(List.of(x, w, Shape.of(5))).getFirst();
      cases.add(new Case(new Linear.Conv2dDgrad(windows[i], 0.7, x), y, w));
    }
    Linear.Conv2d head = new Linear.Conv2d(Window.centred(1, 1), 1, false, Epilogue.NONE);
    cases.add(new Case(head, Shape.of(3, 4, 5, 22), Shape.of(1, 1, 1, 22)));
    Linear.Conv2dDgrad transposed =
        new Linear.Conv2dDgrad(Window.transposed(2), 1, Shape.of(2, 6, 10, 3));
    cases.add(new Case(transposed, Shape.of(2, 3, 5, 7), Shape.of(7, 3, 3, 3)));
    cases.add(new Case(new Linear.Dense(0.7, true), Shape.of(3, 11), Shape.of(11, 5), Shape.of(5)));
    cases.add(new Case(new Linear.Dense(1, false), Shape.of(1, 7), Shape.of(7, 3)));
    return cases;
  }

  private static List<Case> movement() {
    Shape x = Shape.of(2, 3, 5, 3);
    return List.of(
        new Case(new Movement.DepthToSpace(2), Shape.of(3, 3, 5, 12)),
        new Case(new Movement.SpaceToDepth(2), Shape.of(3, 6, 2, 5)),
        new Case(new Movement.Flatten(), x),
        new Case(new Movement.Reshape4D(3, 5, 7), Shape.of(2, 105)),
        new Case(new Movement.Concat(3), x, Shape.of(2, 3, 5, 1), x),
        new Case(new Movement.Concat(0), x, Shape.of(1, 3, 5, 3)),
        new Case(new Movement.Slice(3, 1, 3), x),
        new Case(new Movement.Slice(1, 0, 2), x),
        new Case(new Movement.Pad(2, 1, 2), x));
  }

  /** Operations that only the backward pass uses, and fused ones. */
  public static List<Case> others() {
    Shape x = Shape.of(2, 3, 5, 3);
    List<Case> cases = new ArrayList<>();
    for (Activation a : activations()) {
      cases.add(new Case(new Pointwise.ActivateGrad(a), x, x));
    }
    cases.add(new Case(new Pointwise.ClipGrad(-0.5, 0.7), x, x));
    cases.add(new Case(new Pointwise.PowerGrad(0.2856), x, x));
    cases.add(new Case(new Pointwise.BceGrad(), x, x, x));
    cases.add(new Case(new Pointwise.StopGradient(), x));
    cases.add(new Case(new Pointwise.Constant(x, DType.F32, 0.3)));
    cases.add(new Case(new Reduction.PixelNormGrad(1e-6), Shape.of(3, 7), Shape.of(3, 7)));
    for (int[] rows : new int[][] {{1, 1}, {3, 7}, {33, 70}, {5, 4099}}) {
      cases.add(new Case(new Reduction.ColumnSums(), Shape.of(rows)));
    }
    cases.add(new Case(new Reduction.Statistics(), Shape.of(3, 7)));
    cases.add(new Case(new Reduction.Statistics(), Shape.of(1)));
    Image.SsimGrad ssim = new Image.SsimGrad(Image.Ssim.of(5));
    Shape image = Shape.of(2, 9, 7, 3);
    cases.add(new Case(ssim, List.of(image, image, Shape.of(2, 3), Shape.of(2, 3)), 0, 1));
    Window s2 = Window.centred(5, 2);
    Shape y = Shape.of(2, 4, 5, 5);
    Shape in = Shape.of(2, 7, 9, 3);
    cases.add(new Case(new Linear.Conv2dWgrad(s2, 0.7, Shape.of(5, 5, 5, 3), true), in, y));
    cases.add(new Case(new Linear.Conv2dWgrad(s2, 1, Shape.of(5, 5, 5, 3), false), in, y));
    cases.add(new Case(new Linear.DenseDgrad(0.7), Shape.of(3, 5), Shape.of(11, 5)));
    cases.add(new Case(new Linear.DenseWgrad(0.7, true), Shape.of(3, 11), Shape.of(3, 5)));
    cases.add(new Case(new Linear.DenseWgrad(1, false), Shape.of(3, 11), Shape.of(3, 5)));
    for (Activation a : activations()) {
      for (boolean residual : new boolean[] {false, true}) {
        Linear.Conv2d fused =
            new Linear.Conv2d(Window.centred(3, 1), 1, true, new Epilogue(residual, a));
        List<Shape> shapes = new ArrayList<>(List.of(in, Shape.of(6, 3, 3, 3), Shape.of(6)));
        if (residual) {
          shapes.add(Shape.of(2, 7, 9, 6));
        }
        cases.add(new Case(fused, shapes, -1.5, 1.5));
      }
    }
    return cases;
  }

  /** One of each kind. */
  public static List<Activation> activations() {
    return List.of(
        Activation.NONE, Activation.leakyRelu(0.2), Activation.X_COS_X, Activation.SIGMOID);
  }
}
