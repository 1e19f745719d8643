package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Conv2dDgrad;
import org.likeness.graph.Linear.Conv2dWgrad;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;

/** Products of awkward sizes, and those of the standard workloads at small height and width. */
final class LinearCases {
  private LinearCases() {}

  /** One operation on inputs of these shapes. */
  record Case(Linear op, List<Shape> inputs) {
    Case(Linear op, Shape... inputs) {
      this(op, List.of(inputs));
    }

    /** Returns the node, of f32 tensors. */
    Node node() {
      return node(DType.F32);
    }

    /** Returns the node with operands of one type; biases stay f32. */
    Node node(DType type) {
      List<Tensor> in = new ArrayList<>();
      for (Shape shape : inputs) {
        boolean bias = in.size() == 2 && shape.rank() == 1;
        in.add(new Tensor(in.size(), "in" + in.size(), shape, bias ? DType.F32 : type, Role.FEED));
      }
      DType result = op.dtype(in.stream().map(Tensor::dtype).toList());
      List<Tensor> out = new ArrayList<>();
      for (Shape shape : op.infer(inputs)) {
        out.add(new Tensor(100 + out.size(), "out" + out.size(), shape, result, Role.VALUE));
      }
      return new Node(op, in, out);
    }

    @Override
    public String toString() {
      return op + " of " + inputs;
    }
  }

  /** Returns a convolution's three directions, with a scale and both bias terms. */
  static List<Case> layer(Shape x, int co, int kernel, int stride) {
    return layer(x, co, kernel, Window.centred(kernel, stride));
  }

  private static List<Case> layer(Shape x, int co, int kernel, Window window) {
    Shape w = Shape.of(co, kernel, kernel, x.c());
    Conv2d forward = new Conv2d(window, 0.7, true, Epilogue.NONE);
    Shape y = forward.infer(List.of(x, w, Shape.of(co))).getFirst();
    return List.of(
        new Case(forward, x, w, Shape.of(co)),
        new Case(new Conv2dDgrad(window, 0.7, x), y, w),
        new Case(new Conv2dWgrad(window, 0.7, w, true), x, y));
  }

  /** Returns a dense layer's three directions, with a scale and both bias terms. */
  static List<Case> dense(int n, int in, int out) {
    Shape x = Shape.of(n, in);
    Shape w = Shape.of(in, out);
    Shape y = Shape.of(n, out);
    return List.of(
        new Case(new Linear.Dense(0.7, true), x, w, Shape.of(out)),
        new Case(new Linear.DenseDgrad(0.7), y, w),
        new Case(new Linear.DenseWgrad(0.7, true), x, y));
  }

  /**
   * Returns every channel shape of the convolutions of S, M and L (spec model.md 2.4 to 2.6) on
   * images of this height and three quarters of it in width.
   */
  static List<Case> standard(int side) {
    int[][] shapes = { // ci, co, kernel, stride
      {3, 64, 5, 2},
      {64, 128, 5, 2},
      {128, 256, 5, 2},
      {256, 512, 5, 2},
      {512, 512, 5, 2},
      {64, 64, 3, 1},
      {128, 128, 3, 1},
      {256, 256, 3, 1},
      {512, 512, 3, 1},
      {256, 1024, 3, 1},
      {256, 2048, 3, 1},
      {512, 1024, 3, 1},
      {256, 512, 3, 1},
      {1024, 2048, 3, 1},
      {512, 2048, 3, 1},
      {256, 704, 3, 1},
      {1024, 704, 3, 1},
      {176, 704, 3, 1},
      {176, 352, 3, 1},
      {88, 176, 3, 1},
      {44, 88, 3, 1},
      {128, 3, 1, 1},
      {128, 3, 3, 1},
      {22, 1, 1, 1},
      {44, 1, 1, 1}
    };
    List<Case> cases = new ArrayList<>();
    for (int[] s : shapes) {
      cases.addAll(layer(Shape.of(1, side, Math.ceilDiv(3 * side, 4), s[0]), s[1], s[2], s[3]));
    }
    return cases;
  }

  /** Awkward sizes: 1, odd, beside a multiple of a tile, every window, every epilogue. */
  static List<Case> awkward() {
    List<Case> cases = new ArrayList<>();
    awkwardLayers(cases);
    Shape x = Shape.of(2, 7, 5, 22);
    Shape w = Shape.of(9, 3, 3, 22);
    for (Activation a : activations()) {
      for (boolean residual : new boolean[] {false, true}) {
        Epilogue epilogue = new Epilogue(residual, a);
        List<Shape> inputs = new ArrayList<>(List.of(x, w, Shape.of(9)));
        List<Shape> fours = new ArrayList<>(List.of(x, Shape.of(12, 3, 3, 22), Shape.of(12)));
        if (residual) {
          inputs.add(Shape.of(2, 7, 5, 9));
          fours.add(Shape.of(2, 7, 5, 12));
        }
        cases.add(new Case(new Conv2d(Window.centred(3, 1), 1, true, epilogue), inputs));
        cases.add(new Case(new Conv2d(Window.centred(3, 1), 1.3, true, epilogue), fours));
      }
    }
    cases.add(new Case(new Conv2d(Window.centred(3, 1), 1, false, Epilogue.NONE), x, w));
    cases.add(
        new Case(new Conv2dWgrad(Window.centred(3, 1), 1, w, false), x, Shape.of(2, 7, 5, 9)));
    for (int stride : new int[] {1, 2}) {
      Shape dx = Shape.of(2, 5 * stride, 3 * stride, 6);
      Window transposed = Window.transposed(stride);
      cases.add(
          new Case(new Conv2dDgrad(transposed, 1, dx), Shape.of(2, 5, 3, 7), Shape.of(7, 3, 3, 6)));
      cases.add(new Case(Conv2d.of(transposed), dx, Shape.of(7, 3, 3, 6), Shape.of(7)));
    }
    int[][] sizes = {{1, 7, 3}, {3, 11, 5}, {2, 300, 8}, {17, 8, 260}, {4, 1030, 12}, {33, 6, 70}};
    for (int[] size : sizes) {
      cases.addAll(dense(size[0], size[1], size[2]));
    }
    Shape y = Shape.of(3, 5);
    cases.add(new Case(new Linear.Dense(1, false), Shape.of(3, 11), Shape.of(11, 5)));
    cases.add(new Case(new Linear.DenseWgrad(1, false), Shape.of(3, 11), y));
    return cases;
  }

  private static void awkwardLayers(List<Case> cases) {
    cases.addAll(layer(Shape.of(1, 1, 1, 1), 1, 1, 1));
    cases.addAll(layer(Shape.of(1, 1, 1, 3), 2, 3, 1));
    cases.addAll(layer(Shape.of(1, 1, 3, 5), 4, 5, 2));
    cases.addAll(layer(Shape.of(2, 7, 9, 3), 5, 3, 1));
    cases.addAll(layer(Shape.of(2, 7, 9, 3), 64, 5, 2));
    cases.addAll(layer(Shape.of(2, 8, 6, 4), 8, 5, 2));
    cases.addAll(layer(Shape.of(2, 7, 9, 8), 12, 1, 2));
    cases.addAll(layer(Shape.of(1, 6, 5, 22), 1, 1, 1));
    cases.addAll(layer(Shape.of(1, 6, 5, 12), 3, 3, 1));
    cases.addAll(layer(Shape.of(2, 6, 7, 5), 7, 3, new Window(2, 1, 0, 1)));
    cases.addAll(layer(Shape.of(2, 7, 7, 5), 7, 3, new Window(1, 2, 2, 2)));
    cases.addAll(layer(Shape.of(2, 9, 8, 4), 6, 3, new Window(2, 2, 1, 2)));
    cases.addAll(layer(Shape.of(1, 9, 9, 4), 6, 3, new Window(2, 3, 3, 3)));
    cases.addAll(layer(Shape.of(1, 9, 8, 5), 6, 4, 2));
    cases.addAll(layer(Shape.of(1, 7, 6, 5), 6, 2, 1));
    cases.addAll(layer(Shape.of(3, 13, 11, 36), 68, 3, 1));
    cases.addAll(layer(Shape.of(1, 12, 11, 129), 131, 1, 1));
    cases.addAll(layer(Shape.of(1, 12, 11, 132), 136, 1, 1));
  }

  private static List<Activation> activations() {
    return List.of(
        Activation.NONE, Activation.leakyRelu(0.2), Activation.X_COS_X, Activation.SIGMOID);
  }
}
