package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/**
 * What a convolution kernel computes, apart from addresses and epilogue. Dense products are
 * convolutions of 1 x 1 images, whose weight (in,out) is (co,1,1,ci).
 *
 * @param x the input of the convolution, (n,h,w,ci)
 * @param w its weight, (co,kh,kw,ci)
 * @param y its output, (n,ho,wo,co)
 * @param type element type of both operands; sums are f32, and so may the result be
 */
record ConvolutionGeometry(
    Direction direction, Shape x, Shape w, Shape y, Window window, DType type) {

  /** Which of a convolution's three tensors is the result. */
  enum Direction {
    /** y from x and w. */
    FORWARD,
    /** dx from dy and w. */
    DGRAD,
    /** dw from x and dy. */
    WGRAD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns the geometry of a {@link Linear} node. */
  static ConvolutionGeometry of(Node node) {
    List<Shape> in = node.inputs().stream().map(t -> t.shape()).toList();
    Shape out = node.outputs().getFirst().shape();
    DType type = node.inputs().getFirst().dtype();
    return switch ((Linear) node.op()) {
      case Linear.Conv2d op ->
          new ConvolutionGeometry(Direction.FORWARD, in.get(0), in.get(1), out, op.window(), type);
      case Linear.Conv2dDgrad op ->
          new ConvolutionGeometry(Direction.DGRAD, out, in.get(1), in.get(0), op.window(), type);
      case Linear.Conv2dWgrad op ->
          new ConvolutionGeometry(
              Direction.WGRAD, in.get(0), op.weight(), in.get(1), op.window(), type);
      case Linear.Dense op -> dense(Direction.DGRAD, in.get(0).n(), in.get(1), type);
      case Linear.DenseDgrad op -> dense(Direction.FORWARD, in.get(0).n(), in.get(1), type);
      case Linear.DenseWgrad op -> dense(Direction.WGRAD, in.get(0).n(), out, type);
    };
  }

  private static ConvolutionGeometry dense(Direction direction, int n, Shape w, DType type) {
    return new ConvolutionGeometry(
        direction,
        Shape.of(n, 1, 1, w.dim(1)),
        Shape.of(w.dim(0), 1, 1, w.dim(1)),
        Shape.of(n, 1, 1, w.dim(0)),
        Window.centred(1, 1),
        type);
  }

  /** Returns the tensor whose pixels the kernel gathers: x, or dy for the input's gradient. */
  Shape source() {
    return direction == Direction.DGRAD ? y : x;
  }

  /** Returns the tensor whose pixels are the product's rows (for the weight's gradient, depth). */
  Shape pixels() {
    return direction == Direction.DGRAD ? x : y;
  }

  /** Returns the shape of the result. */
  Shape result() {
    return direction == Direction.WGRAD ? w : pixels();
  }

  /** Returns the phases of one axis, 0 for the vertical and 1 for the horizontal one. */
  List<ConvolutionPhase> phases(int axis) {
    int kernel = w.dim(1 + axis);
    return direction == Direction.DGRAD
        ? ConvolutionPhase.dgrad(window, kernel, x.dim(1 + axis))
        : List.of(ConvolutionPhase.forward(window, kernel, y.dim(1 + axis)));
  }

  /** Returns the columns of the product. */
  int columns() {
    return switch (direction) {
      case FORWARD -> w.n();
      case DGRAD -> w.c();
      case WGRAD -> w.h() * w.w() * w.c();
    };
  }

  /** Returns the product of each pair of a vertical and a horizontal phase. */
  List<Product> products() {
    return products(1);
  }

  /** Returns the products as they are when the source's channels count as a multiple of a step. */
  List<Product> products(int channelStep) {
    int channels = Math.ceilDiv(source().c(), channelStep) * channelStep;
    if (direction == Direction.WGRAD) {
      int columns = w.h() * w.w() * channels;
      return List.of(new Product(w.n(), columns, y.n() * y.h() * y.w()));
    }
    List<Product> products = new ArrayList<>();
    for (ConvolutionPhase v : phases(0)) {
      for (ConvolutionPhase h : phases(1)) {
        int rows = x.n() * v.extent() * h.extent();
        products.add(new Product(rows, columns(), v.taps() * h.taps() * channels));
      }
    }
    return products;
  }

  /** Returns the largest depth of the products. */
  int depth() {
    return depth(1);
  }

  /** Returns the largest depth of the products of {@link #products(int)}. */
  int depth(int channelStep) {
    return products(channelStep).stream().mapToInt(Product::depth).max().orElseThrow();
  }

  /** Tells whether both channel counts are multiples of a number. */
  boolean aligned(int multiple) {
    return w.n() % multiple == 0 && w.c() % multiple == 0;
  }

  /**
   * Returns the text that a stored tuning knows this geometry by; where TF32 is allowed, f32 has
   * other candidates and another winner.
   */
  String key(Target target) {
    String operands = type == DType.F32 && target.tf32() ? "tf32" : type.name();
    return "%s %s x%s w%s %s".formatted(direction, operands, x, w, window).toLowerCase(Locale.ROOT);
  }

  /** The extents of a product of matrices, (rows,depth) x (depth,columns). */
  record Product(int rows, int columns, int depth) {}
}
